"""Volumes that one node can have at a time: a pod on another node waits for them. Source: pkg/controller/volume/attachdetach/reconciler, pkg/volume/util `IsMultiAttachAllowed` and `IsPodTerminated`, CSIDriver `attachRequired`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from seakeep.facts.workloads.podstate import is_ended, statuses
from seakeep.model.objects import CSIDriver, KubeObject, PersistentVolume, PersistentVolumeClaim, Pod
from seakeep.model.objects.pods import PodSpec
from seakeep.model.refs import Ref
from seakeep.twin.memo import by_identity
from seakeep.twin.state import State

_PROVISIONER = "pv.kubernetes.io/provisioned-by"
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})
# Drivers of shared file systems and of directories of the node attach nothing; where their CSIDriver was not read, the name tells.
_NOTHING_TO_ATTACH = re.compile(
    r"nfs|smb|efs|cephfs|file|blob|lustre|s3|gcs|fuse|hostpath|local|topolvm", re.IGNORECASE
)


def withheld(state: State, pod: Pod) -> str:
    """What keeps a pod that has not begun from its volumes, in the words of the attach/detach controller; "" where nothing does."""
    for claim, volume in _exclusive(state, pod):
        others = _users(state, pod, {claim})
        holders = [each.name for each in others if each.spec.node_name != pod.spec.node_name and has_begun(each)]
        if holders:
            return f'Waiting for detach for volume "{volume}" Volume is already used by pod(s) {", ".join(holders)}'
    return ""


def released(state: State, item: KubeObject) -> Iterable[Ref]:
    """Pods that wait for volumes of one that has gone or ended."""
    if not isinstance(item, Pod) or not claims_of(item.spec):
        return ()
    now = state.get(Pod, item.metadata.namespace, item.metadata.name)
    if now is not None and not is_ended(now):
        return ()
    claims = {claim for claim, _ in _exclusive(state, item)}
    return [each.ref for each in _users(state, item, claims) if not has_begun(each)] if claims else ()


def has_begun(pod: Pod) -> bool:
    """Its volumes are mounted: a container runs or has run. A table shows the phase only."""
    shown = False
    for status in statuses(pod):
        state, shown = status.state, True
        if state.running or state.terminated or status.restart_count:
            return True
    return not shown and pod.status.phase == "Running"


@by_identity
def claims_of(spec: PodSpec) -> tuple[str, ...]:
    """Those that several pods can name."""
    return tuple(item.persistent_volume_claim.claim_name for item in spec.volumes if item.persistent_volume_claim)


def _exclusive(state: State, pod: Pod) -> Iterator[tuple[str, str]]:
    """The pod's claims of volumes that one node has at a time, with the volumes."""
    for name in claims_of(pod.spec):
        claim = state.get(PersistentVolumeClaim, pod.metadata.namespace, name)
        volume = state.get(PersistentVolume, "", claim.spec.volume_name) if claim is not None else None
        if volume is not None and _is_attached_once(state, volume):
            yield name, volume.name


def _users(state: State, pod: Pod, claims: Set[str]) -> Iterator[Pod]:
    """Other pods on nodes that name one of the claims and have not ended."""
    for other in state.within(Pod, pod.metadata.namespace):
        if (
            not claims.isdisjoint(claims_of(other.spec))
            and other.spec.node_name
            and other.metadata.name != pod.metadata.name
            and not is_ended(other)
        ):
            yield other


def _is_attached_once(state: State, volume: PersistentVolume) -> bool:
    spec = volume.spec
    if not spec.access_modes or not _SHARED.isdisjoint(spec.access_modes) or spec.host_path or spec.local or spec.nfs:
        return False
    if spec.aws_elastic_block_store or spec.azure_disk or spec.cinder or spec.gce_persistent_disk:
        return True
    driver = str((spec.csi or {}).get("driver", "")) or volume.metadata.annotations.get(_PROVISIONER, "")
    known = state.get(CSIDriver, "", driver)
    if known is not None:
        return known.spec.attach_required is not False
    return bool(driver) and _NOTHING_TO_ATTACH.search(driver) is None
