"""PodDisruptionBudgets; their selector may be changed. Source: pkg/apis/policy/validation."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PodDisruptionBudget
from seakeep.model.objects.workloads import PdbSpec
from seakeep.twin.admission.rules import label_selectors, percents
from seakeep.twin.admission.rules.words import invalid, selector, unsupported

_POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def errors(item: PodDisruptionBudget) -> Iterator[str]:
    spec = item.spec
    if spec.min_available is not None and spec.max_unavailable is not None:
        yield invalid("spec", _shown(spec), "minAvailable and maxUnavailable cannot be both set")
    for name, value in (("minAvailable", spec.min_available), ("maxUnavailable", spec.max_unavailable)):
        yield from percents.errors(value, f"spec.{name}")
        yield from percents.above_all(value, f"spec.{name}")
    yield from label_selectors.errors(spec.selector, "spec.selector")
    policy = spec.unhealthy_pod_eviction_policy
    if policy and policy not in _POLICIES:
        yield unsupported("spec.unhealthyPodEvictionPolicy", policy, _POLICIES)


def _shown(spec: PdbSpec) -> dict[str, object]:
    """As the server holds it."""
    return {
        "MinAvailable": spec.min_available,
        "Selector": selector(spec.selector),
        "MaxUnavailable": spec.max_unavailable,
        "UnhealthyPodEvictionPolicy": spec.unhealthy_pod_eviction_policy or None,
    }
