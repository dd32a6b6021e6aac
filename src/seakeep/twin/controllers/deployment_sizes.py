"""How many replicas a Deployment's ReplicaSets may have. Source: pkg/controller/deployment/util."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor

from seakeep.model.objects import Deployment, ReplicaSet
from seakeep.model.objects.base import IntOrString
from seakeep.model.objects.workloads import WorkloadSpec
from seakeep.twin.controllers.replica_set import wanted_of
from seakeep.twin.memo import by_identity
from seakeep.twin.moments import EARLIEST

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
_QUARTER = "25%"


def desired(item: Deployment) -> int:
    return 1 if item.spec.replicas is None else item.spec.replicas


def is_rolling(item: Deployment) -> bool:
    return item.spec.strategy is None or item.spec.strategy.type == "RollingUpdate"


def share(amount: IntOrString | None, total: int, *, up: bool, default: IntOrString = 0) -> int:
    """`GetScaledValueFromIntOrPercent`; what is neither a number nor a percentage counts as nothing."""
    value = default if amount is None else amount
    if isinstance(value, int):
        return value
    digits = value.removesuffix("%")
    if not digits.isdecimal():
        return 0
    if not value.endswith("%"):
        return int(digits)
    return -(-total * int(digits) // 100) if up else total * int(digits) // 100


def fenceposts(item: Deployment) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) in pods: surge rounded up, unavailability down, and never both 0."""
    return _fenceposts(item.spec)


@by_identity
def _fenceposts(spec: WorkloadSpec) -> tuple[int, int]:
    rolling = spec.strategy.rolling_update if spec.strategy else None
    total = 1 if spec.replicas is None else spec.replicas
    surge = share(rolling.max_surge if rolling else None, total, up=True, default=_QUARTER)
    missing = share(rolling.max_unavailable if rolling else None, total, up=False, default=_QUARTER)
    return (surge, missing) if surge or missing else (0, 1)


def max_surge(item: Deployment) -> int:
    return fenceposts(item)[0] if is_rolling(item) else 0


def max_unavailable(item: Deployment) -> int:
    if not is_rolling(item) or not desired(item):
        return 0
    return min(fenceposts(item)[1], desired(item))


def total(items: Iterable[ReplicaSet | None]) -> int:
    return sum([wanted_of(item) for item in items if item is not None])


def grown(item: Deployment, everything: Sequence[ReplicaSet | None], new: ReplicaSet) -> int:
    """The new ReplicaSet's next size (`NewRSNewReplicas`)."""
    if not is_rolling(item):
        return desired(item)
    room = desired(item) + max_surge(item) - total(everything)
    if room <= 0:
        return wanted_of(new)
    return wanted_of(new) + min(room, desired(item) - wanted_of(new))


def proportional(item: Deployment, active: Sequence[ReplicaSet]) -> dict[str, int]:
    """Sizes by name after a scaling in the middle of a rollout: each by its share, the rest to the largest."""
    allowed = desired(item) + max_surge(item) if desired(item) else 0
    to_add = allowed - total(active)
    ordered = sorted(active, key=lambda rs: _by_size(rs, newer=to_add > 0))
    added = 0
    sizes: dict[str, int] = {}
    for rs in ordered:
        part = _proportion(item, rs, to_add, added)
        sizes[rs.name] = wanted_of(rs) + part
        added += part
    if to_add and ordered:
        first = ordered[0].name
        sizes[first] = max(sizes[first] + to_add - added, 0)
    return sizes


def _by_size(rs: ReplicaSet, *, newer: bool) -> tuple[object, ...]:
    """`ReplicaSetsBySizeNewer` and `ReplicaSetsBySizeOlder`."""
    made = (rs.metadata.creation_timestamp or EARLIEST).timestamp() if rs.metadata.creation_timestamp else 0.0
    revision = int(text) if (text := rs.metadata.annotations.get(REVISION, "0")).isdecimal() else 0
    return (-wanted_of(rs), (-made, -revision) if newer else (made, revision), rs.name)


def _proportion(item: Deployment, rs: ReplicaSet, to_add: int, added: int) -> int:
    if not wanted_of(rs) or not to_add or to_add == added:
        return 0
    fraction = _fraction(item, rs)
    return min(fraction, to_add - added) if to_add > 0 else max(fraction, to_add - added)


def _fraction(item: Deployment, rs: ReplicaSet) -> int:
    if not desired(item):
        return -wanted_of(rs)
    text = rs.metadata.annotations.get(MOST, "")
    before = (int(text) if text.isdecimal() else 0) or item.status.replicas
    if not before:
        return 0
    size = wanted_of(rs) * (desired(item) + max_surge(item)) / before
    return floor(size + 0.5) - wanted_of(rs)
