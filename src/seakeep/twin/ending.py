"""Graceful deletion: how long it takes, its times (deletionTimestamp is when the grace period ends), and when it is done. Source: apiserver pkg/registry/rest `BeforeDelete`."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import KubeObject, Metadata, Namespace, Pod
from seakeep.twin.moments import after

# `terminationGracePeriodSeconds` where the pod does not say (pkg/apis/core/v1/defaults.go).
_DEFAULT_GRACE = 30


def asked_at(metadata: Metadata) -> datetime | None:
    """When the deletion was asked for; None where it was not."""
    ends, grace = metadata.deletion_timestamp, metadata.deletion_grace_period_seconds
    return after(ends, -(grace or 0)) if ends is not None else None


def ending(metadata: Metadata, seconds: int, now: datetime) -> Metadata:
    """Asked to end with so long a grace period. One that ends already can only be given less time, and no end in the past."""
    ends = after(now, seconds)
    if metadata.deletion_timestamp is not None:
        left = metadata.deletion_grace_period_seconds
        if not left or seconds >= left:
            return metadata
        ends = after(metadata.deletion_timestamp, seconds - left)
        if ends < now:
            ends, seconds = now, min(seconds, 1)
    return replace(metadata, deletion_timestamp=ends, deletion_grace_period_seconds=seconds)


def is_held(item: KubeObject) -> bool:
    """Somebody has still to take off a finalizer; a namespace has some in its specification too."""
    return bool(item.metadata.finalizers or (isinstance(item, Namespace) and item.spec.finalizers))


def is_done(item: KubeObject) -> bool:
    """Asked to go, with no finalizer left and no container that its kubelet has still to end."""
    if item.metadata.deletion_timestamp is None or is_held(item):
        return False
    # A grace period of 0 waits for no kubelet.
    at_once = not item.metadata.deletion_grace_period_seconds
    return not isinstance(item, Pod) or at_once or not item.spec.node_name or is_ended(item)


def grace_of(item: KubeObject, asked: int | None) -> int:
    """Seconds that a pod is given. 0 for one that has no kubelet to end it, or that has ended (registry/core/pod `CheckGracefulDelete`)."""
    pending = item.metadata.deletion_grace_period_seconds
    if asked is None and pending:
        return pending  # asked again without a period: it ends as it was told
    if not isinstance(item, Pod) or not item.spec.node_name or is_ended(item):
        return 0
    own = item.spec.termination_grace_period_seconds
    seconds = asked if asked is not None else _DEFAULT_GRACE if own is None else own
    return seconds if seconds >= 0 else 1
