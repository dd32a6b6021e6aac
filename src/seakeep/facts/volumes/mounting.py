"""Volumes that the kubelet or the attach/detach controller cannot bring to a pod, by what stands in the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.symptoms import is_unwell
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import Event, PersistentVolumeClaim, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_REASONS = frozenset({"FailedMount", "FailedMapVolume", "FailedAttachVolume"})
_VOLUME = late(r"for volume \\?\"(?P<volume>[^\"\\]+)")
_DRIVER = late(r"driver name (?P<driver>[\w.-]+) not found in the list of registered CSI drivers")
_HOST_PATH = late(r"hostPath type check failed: (?P<path>\S+) is not an? (?P<kind>[\w ]+)")


class Obstruction(StrEnum):
    DRIVER = "the CSI driver is not registered on the node"
    HOST_PATH = "the node does not have the path"
    SERVER = "the file server does not let it in"
    HELPER = "the node lacks the file system's tools"
    ATTACH = "the volume cannot be attached"
    MOUNT = "the node's mount command fails"


_FORMS = (
    (Obstruction.DRIVER, _DRIVER),
    (Obstruction.HOST_PATH, _HOST_PATH),
    (
        Obstruction.HELPER,
        late(r"need a /sbin/mount\.<type> helper|bad option; for several filesystems|unknown filesystem type|executable file not found in \$PATH"),
    ),
    (
        Obstruction.SERVER,
        late(
            r"mount\.(?:nfs4?|cifs|glusterfs|ceph)\b.{0,200}|mount error\(\d+\)|access denied by server|Unable to find suitable address|Host is down"
        ),
    ),
    # A table's row ends with the first line of the message, before what the command said.
    (Obstruction.MOUNT, late(r"mount failed: exit status \d+")),
    (Obstruction.ATTACH, late(r"^AttachVolume\.Attach failed for volume(?!.{0,200}Multi-Attach)", re.DOTALL)),
)  # fmt: skip


# Told in a pod's first moments already: waiting does not help, as it does where a driver registers or a disk is let go.
_LASTING = frozenset({Obstruction.HOST_PATH, Obstruction.SERVER, Obstruction.HELPER, Obstruction.MOUNT})


class MountFailure(Struct, frozen=True):
    """`volume` is the pod's volume, or the PersistentVolume behind `claim`; `named` the driver or the path that was told."""

    pod: Pod
    workload: Ref
    node: str
    volume: str
    claim: Ref | None
    obstruction: Obstruction
    named: str
    evidence: Evidence


@once
def mount_failures(index: Index) -> tuple[MountFailure, ...]:
    """Of pods that still wait, one for each volume, from the newest word on it."""
    return tuple(
        found for pod in index.pods if pod.spec.node_name or index.events_about(pod.ref) for found in _of(index, pod)
    )


def _of(index: Index, pod: Pod) -> Iterator[MountFailure]:
    started = is_ready(pod) or is_finished(pod) or index.snapshot.depth(pod.ref) is Depth.NAMED
    if started or pod.metadata.deletion_timestamp:
        return
    young = not is_unwell(index, pod)
    seen: set[str] = set()
    for event in index.events_about(pod.ref):
        if event.reason not in _REASONS or not is_recent(index, event.last_seen):
            continue
        match = _VOLUME.search(event.text)
        volume = match["volume"] if match else ""
        if volume in seen:
            continue
        seen.add(volume)
        failure = _judged(index, pod, event, volume)
        if failure and (not young or failure.obstruction in _LASTING):
            yield failure


def _judged(index: Index, pod: Pod, event: Event, volume: str) -> MountFailure | None:
    for obstruction, form in _FORMS:
        match = form.search(event.text)
        if match:
            named = next((value for value in match.groupdict().values() if value), "")
            return MountFailure(
                pod,
                workload_of(index, pod),
                pod.spec.node_name or _host(event),
                volume,
                _claim(index, pod, volume),
                obstruction,
                named,
                event_evidence(index, event),
            )
    return None


def _host(event: Event) -> str:
    return event.source.host if event.source and event.source.component == "kubelet" else ""


def _claim(index: Index, pod: Pod, volume: str) -> Ref | None:
    """By its volume, as the kubelet names it, or by the pod's own name for it."""
    for item in pod.spec.volumes:
        name = item.persistent_volume_claim.claim_name if item.persistent_volume_claim else ""
        claim = index.snapshot.get(PersistentVolumeClaim, pod.namespace, name) if name else None
        if name and (item.name == volume or (claim is not None and claim.spec.volume_name == volume)):
            return Ref("PersistentVolumeClaim", pod.namespace, name)
    return None
