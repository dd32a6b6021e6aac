"""What changed lately: most incidents follow a change."""

from __future__ import annotations

from datetime import datetime

from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import replica_sets_of
from seakeep.model.objects import KubeObject
from seakeep.model.refs import Ref

# Field managers of Kubernetes' own components: what they write is reaction, not change.
_CONTROLLERS = (
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-apiserver",
    "kwok",
    "cloud-controller-manager",
)


def last_change(index: Index, ref: Ref) -> datetime | None:
    """When somebody last changed the object's intent: its creation, a write that is neither a status nor a controller's, or its newest revision. None where the source does not show it."""
    item = index.snapshot.find(ref)
    if item is None:
        return None
    times = [_written(item), item.metadata.creation_timestamp]
    if ref.kind == "Deployment":
        times += [revision.metadata.creation_timestamp for revision in replica_sets_of(index, ref)]
    return max((time for time in times if time), default=None)


def _written(item: KubeObject) -> datetime | None:
    times = [
        entry.time
        for entry in item.metadata.managed_fields
        if entry.time and not entry.subresource and not entry.manager.startswith(_CONTROLLERS)
    ]
    return max(times, default=None)


def shows_writes(index: Index, ref: Ref) -> bool:
    """Whether its managers are shown: `kubectl get -o yaml` leaves them out, and tells of a creation alone."""
    item = index.snapshot.find(ref)
    return item is not None and bool(item.metadata.managed_fields)


def written_later(index: Index, ref: Ref, than: Ref) -> bool:
    """By their resourceVersions, which the API server counts up over all that it stores; False where one is not shown."""
    versions = [item.metadata.resource_version if (item := index.snapshot.find(each)) else "" for each in (ref, than)]
    return all(version.isdecimal() for version in versions) and int(versions[0]) > int(versions[1])
