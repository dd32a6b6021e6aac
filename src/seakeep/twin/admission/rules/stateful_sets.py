"""StatefulSets. Source: pkg/apis/apps/validation (ValidateStatefulSetSpec, ValidateStatefulSetUpdate)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import StatefulSet
from seakeep.model.objects.workloads import ClaimRetention, RollingUpdate, Strategy
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules import claims, percents
from seakeep.twin.admission.rules.apps import selector_change
from seakeep.twin.admission.rules.words import IMMUTABLE, below_zero, invalid, unsupported

_STRATEGY = "spec.updateStrategy"
_ROLLING = f"{_STRATEGY}.rollingUpdate"
_RETENTION = "spec.persistentVolumeClaimRetentionPolicy"
# The whole value is longer than anybody reads.
_CLAIMS = "spec.volumeClaimTemplates: Invalid value:"


def before_template(item: StatefulSet, *, made: bool) -> Iterator[str]:
    """Up to the selector. What may not change is looked at once."""
    spec = item.spec
    if spec.pod_management_policy not in {"OrderedReady", "Parallel"}:
        yield invalid("spec.podManagementPolicy", spec.pod_management_policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _strategy(spec.update_strategy or Strategy())
    retention = spec.persistent_volume_claim_retention_policy or ClaimRetention()
    for name, policy in (("whenDeleted", retention.when_deleted), ("whenScaled", retention.when_scaled)):
        if policy not in {"Retain", "Delete"}:
            yield unsupported(f"{_RETENTION}.{name}", policy, ("Retain", "Delete"))
    if made:
        for number, claim in enumerate(spec.volume_claim_templates):
            yield from claims.spec_errors(claim.spec, f"spec.volumeClaimTemplates[{number}].spec")
    yield from below_zero("spec.replicas", spec.replicas)
    yield from below_zero("spec.minReadySeconds", spec.min_ready_seconds)
    if spec.ordinals is not None:
        yield from below_zero("spec.ordinals.start", spec.ordinals.start)
    if made and spec.service_name:
        yield from (invalid("spec.serviceName", spec.service_name, word) for word in forms.label(spec.service_name))


def changes(new: StatefulSet, old: StatefulSet, *, complete: bool) -> Iterator[str]:
    """`complete` where the old one was shown in full: what is empty there is known to be."""
    after, before = new.spec, old.spec
    yield from selector_change(new, old)
    if complete and after.volume_claim_templates != before.volume_claim_templates:
        yield f"{_CLAIMS} {'[…]' if after.volume_claim_templates else 'null'}: {IMMUTABLE}"
    if (complete or before.service_name) and after.service_name != before.service_name:
        yield invalid("spec.serviceName", after.service_name, IMMUTABLE)
    if complete and after.pod_management_policy != before.pod_management_policy:
        yield invalid("spec.podManagementPolicy", after.pod_management_policy, IMMUTABLE)


def _strategy(item: Strategy) -> Iterator[str]:
    rolling = item.rolling_update
    if item.type == "OnDelete":
        if rolling is not None:
            yield invalid(_ROLLING, _shown(rolling), "only allowed for updateStrategy 'RollingUpdate'")
    elif item.type != "RollingUpdate":
        value = {"Type": item.type, "RollingUpdate": _shown(rolling) if rolling is not None else None}
        yield invalid(_STRATEGY, value, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        path, most = f"{_ROLLING}.maxUnavailable", rolling.max_unavailable
        yield from below_zero(f"{_ROLLING}.partition", rolling.partition)
        if most is not None:
            yield from percents.errors(most, path)
            if not percents.number(most):
                yield invalid(path, most, "cannot be 0")
            yield from percents.above_all(most, path)


def _shown(item: RollingUpdate) -> dict[str, object]:
    return {"Partition": item.partition, "MaxUnavailable": item.max_unavailable}
