"""HorizontalPodAutoscalers. Source: pkg/apis/autoscaling/validation and the rules beside the fields in k8s.io/api, which are told of last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.model.objects import HorizontalPodAutoscaler
from seakeep.twin.admission.rules import metrics
from seakeep.twin.admission.rules.words import forbidden, invalid, required, unsupported

_SELECTS = ("Disabled", "Max", "Min")
_KINDS = ("Percent", "Pods")
_LONGEST_WINDOW, _LONGEST_PERIOD = 3600, 1800
_FROM_NOTHING = ("Object", "External")
_NOTHING = "must specify at least one Object or External metric to support scaling to zero replicas"


def errors(item: HorizontalPodAutoscaler) -> Iterator[str]:
    spec = item.spec
    least, most, target = spec.min_replicas, spec.max_replicas, spec.scale_target_ref
    if least is not None and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    yield from (
        required(f"spec.scaleTargetRef.{name}")
        for name, value in (("kind", target.kind), ("name", target.name))
        if not value
    )
    # Older versions of the API write them in other ways.
    for number, metric in enumerate(spec.metrics if item.api_version == "autoscaling/v2" else ()):
        yield from metrics.errors(metric, f"spec.metrics[{number}]")
    if least == 0 and not any(metric.get("type") in _FROM_NOTHING for metric in spec.metrics):
        yield forbidden("spec.metrics", _NOTHING)
    for name in ("scaleUp", "scaleDown"):
        rules = (spec.behavior or {}).get(name)
        if isinstance(rules, Mapping):
            yield from _rules(rules, f"spec.behavior.{name}")
    if least is not None and least < 0:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 0")
    if not most:
        yield required("spec.maxReplicas")
    elif most < 0:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to 1")


def _rules(rules: Mapping[str, Any], path: str) -> Iterator[str]:
    """Without policies they get the usual ones."""
    window = _number(rules, "stabilizationWindowSeconds")
    if window < 0:
        yield invalid(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
    if window > _LONGEST_WINDOW:
        where = f"{path}.stabilizationWindowSeconds"
        yield invalid(where, window, f"must be less than or equal to {_LONGEST_WINDOW}")
    if rules.get("selectPolicy", "Max") not in _SELECTS:
        yield unsupported(f"{path}.selectPolicy", rules["selectPolicy"], _SELECTS)
    policies = rules.get("policies")
    for number, policy in enumerate(policies if isinstance(policies, list | tuple) else ()):
        if isinstance(policy, Mapping):
            yield from _policy(policy, f"{path}.policies[{number}]")


def _policy(policy: Mapping[str, Any], path: str) -> Iterator[str]:
    if policy.get("type", "") not in _KINDS:
        yield unsupported(f"{path}.type", policy.get("type", ""), _KINDS)
    period = _number(policy, "periodSeconds")
    for name, value in (("value", _number(policy, "value")), ("periodSeconds", period)):
        if value <= 0:
            yield invalid(f"{path}.{name}", value, "must be greater than zero")
    if period > _LONGEST_PERIOD:
        yield invalid(f"{path}.periodSeconds", period, f"must be less than or equal to {_LONGEST_PERIOD}")


def _number(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    return value if isinstance(value, int) else 0
