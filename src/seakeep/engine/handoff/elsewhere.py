"""What is not as it was, and no run did it: somebody's hand, a release, or a controller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from seakeep.facts.digest import digest
from seakeep.facts.owners.ownership import controller_of
from seakeep.model.handoff import Elsewhere
from seakeep.model.objects import KubeObject, Workload
from seakeep.model.refs import Ref
from seakeep.model.run import Run
from seakeep.model.snapshot import Depth, Snapshot

# Written by the cluster itself, all the time.
_OWN = frozenset({"Pod", "Event", "Endpoints", "EndpointSlice", "Lease", "ControllerRevision", "PersistentVolume", "Node", "VolumeAttachment", "CSINode", "PodMetrics", "NodeMetrics", "CertificateSigningRequest", "APIService"})  # fmt: skip
_STANDS = frozenset({"applied", "announced"})


def touched(runs: Sequence[Run]) -> frozenset[Ref]:
    """What the runs wrote to, and left written."""
    return frozenset(
        change.target
        for run in runs
        for change, step in zip(run.plan.changes, run.steps, strict=False)
        if step.state in _STANDS
    )


def elsewhere(before: Snapshot, after: Snapshot, written: AbstractSet[Ref]) -> tuple[Elsewhere, ...]:
    """Only of kinds that both snapshots show whole: what one did not see is no difference."""
    kinds = sorted((before.objects.keys() | after.objects.keys()) - _OWN)
    return tuple(item for kind in kinds for item in _of_kind(before, after, kind) if item.object not in written)


def _of_kind(before: Snapshot, after: Snapshot, kind: str) -> Iterator[Elsewhere]:
    old, new = before.objects.get(kind, {}), after.objects.get(kind, {})
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        item = now or was
        assert item is not None  # noqa: S101 - it is in one of both
        if controller_of(item) is not None or not (_full(before, was) and _full(after, now)):
            continue
        if now is None and was is not None and after.is_absent(was.ref):
            yield Elsewhere(item.ref, "removed", _size(was))
        elif was is None and now is not None and before.is_absent(now.ref):
            yield Elsewhere(item.ref, "added", _size(now))
        elif was is not None and now is not None and digest(was) != digest(now):
            yield Elsewhere(item.ref, "changed", _replicas(was, now))


def _full(snapshot: Snapshot, item: KubeObject | None) -> bool:
    return item is None or snapshot.depth(item.ref) is Depth.FULL


def _size(item: KubeObject) -> str:
    return f"{item.spec.replicas} replicas" if isinstance(item, Workload) and item.spec.replicas is not None else ""


def _replicas(was: KubeObject, now: KubeObject) -> str:
    if isinstance(was, Workload) and isinstance(now, Workload) and was.spec.replicas != now.spec.replicas:
        return f"replicas {was.spec.replicas} → {now.spec.replicas}"
    return ""
