"""Which parts of an object a change touches, so that controllers are asked only about changes of parts that they mind."""

from __future__ import annotations

from seakeep.model.objects import Condition, KubeObject, Metadata, Pod
from seakeep.model.objects.pods import PodStatus

MADE, GONE, METADATA, SPEC, STATUS = 1, 2, 4, 8, 16
PHASE = 32
"""Of a pod, besides STATUS."""
READY = 64
"""Of a pod, besides STATUS: whether it is ready, and since when."""
REST = 128
"""What is neither of these, as the endpoints of a slice."""
OWNERS = 256
"""Of the metadata, besides METADATA: owners or finalizers, or a deletion that finalizers hold up."""
ALL = 511
AGAIN = ALL & ~GONE
"""Nothing is known of what has changed, but that the object is there."""
_OF_STATUS = STATUS | PHASE | READY
# What becomes of a pod, less what its status says between its start and its end.
LIFE = ALL & ~(STATUS | READY)


def differing(old: KubeObject, new: KubeObject) -> int:
    """`parts`, or 0 where nothing differs. Most changes leave all but the status as it was: what is the same is not compared."""
    if old is new:
        return 0
    found = parts(old, new)
    if found & ~_OF_STATUS:
        return found if old != new else 0
    return found if old.status != new.status else 0  # type: ignore[attr-defined]


def parts(old: KubeObject, new: KubeObject) -> int:
    """Of the same object, before and after. A part that was written anew counts as changed, even where it is equal."""
    found = 0 if old.metadata is new.metadata else METADATA | _of_metadata(old.metadata, new.metadata)
    if isinstance(old, Pod) and isinstance(new, Pod):
        if old.status is not new.status:
            found |= STATUS | _of_pods(old.status, new.status)
        return (found if old.spec is new.spec else found | SPEC) or REST
    if getattr(old, "status", None) is not getattr(new, "status", None):
        found |= STATUS
    if getattr(old, "spec", None) is not getattr(new, "spec", None):
        found |= SPEC
    return found or REST


def _of_metadata(before: Metadata, after: Metadata) -> int:
    if before.owner_references is not after.owner_references and before.owner_references != after.owner_references:
        return OWNERS
    if before.finalizers or after.finalizers:
        ended = before.deletion_timestamp != after.deletion_timestamp
        return OWNERS if ended or before.finalizers != after.finalizers else 0
    return 0


def _of_pods(before: PodStatus, after: PodStatus) -> int:
    found = PHASE if before.phase != after.phase else 0
    old = _ready(before)
    new = old if before.conditions is after.conditions else _ready(after)
    if old is None and new is None:
        # Where no condition tells, the phase and the containers do.
        if found or before.container_statuses is not after.container_statuses:
            found |= READY
    elif old is None or new is None or old.status != new.status or old.last_transition_time != new.last_transition_time:
        found |= READY
    return found


def _ready(status: PodStatus) -> Condition | None:
    for item in status.conditions:
        if item.type == "Ready":
            return item
    return None
