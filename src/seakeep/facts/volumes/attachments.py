"""Volumes that cannot be attached because another node has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.volumes.claim_consumers import consumers
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Event, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment
from seakeep.model.refs import Ref

_MESSAGE = re.compile(
    r'(?:Multi-Attach error|Waiting for detach) for volume "(?P<volume>[^"]+)"(?:.*?used by pod\(s\) (?P<pods>[^\n]*\S)\s*$)?',
    re.DOTALL,
)


class MultiAttach(Struct, frozen=True):
    """`holders` name who has the volume: pods, or a node. `claim` is the volume itself where no claim was shown; `certain` where it was found by its volume."""

    pod: Pod
    claim: Ref
    volume: str
    event: Event
    holders: tuple[str, ...]
    attachment: VolumeAttachment | None
    certain: bool


def multi_attached(index: Index) -> Iterator[MultiAttach]:
    """One per claim: the newest pod that waits. A pod that runs by now has got its volume."""
    seen = set[Ref]()
    for event in index.events_with("FailedAttachVolume"):
        match = _MESSAGE.search(event.text)
        pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
        if not match or pod is None or is_ready(pod) or pod.status.phase in {"Running", "Succeeded", "Failed"}:
            continue
        claim, certain = _claim(index, pod, match["volume"])
        if claim is None or claim in seen:
            continue
        seen.add(claim)
        attachment = next(
            (
                item
                for item in index.snapshot.all(VolumeAttachment)
                if item.spec.source.get("persistentVolumeName") == match["volume"]
                and item.spec.node_name != pod.spec.node_name
            ),
            None,
        )
        yield MultiAttach(
            pod,
            claim,
            match["volume"],
            event,
            _holders(index, pod, claim, match["pods"], attachment),
            attachment,
            certain,
        )


def _claim(index: Index, pod: Pod, volume: str) -> tuple[Ref | None, bool]:
    names = claim_names(pod.spec)
    for name in names:
        claim = index.snapshot.get(PersistentVolumeClaim, pod.namespace, name)
        if claim and claim.spec.volume_name == volume:
            return claim.ref, True
    for claim in index.snapshot.all(PersistentVolumeClaim):
        if claim.namespace == pod.namespace and claim.spec.volume_name == volume:
            return claim.ref, True
    bound = index.snapshot.get(PersistentVolume, "", volume)
    if bound and bound.spec.claim_ref:
        return Ref("PersistentVolumeClaim", bound.spec.claim_ref.namespace, bound.spec.claim_ref.name), True
    if names:
        return Ref("PersistentVolumeClaim", pod.namespace, names[0]), len(names) == 1
    # The pod's specification was not shown: which claim it is, nobody can tell.
    return (None if pod.spec.volumes else Ref("PersistentVolume", "", volume)), False


def _holders(
    index: Index, pod: Pod, claim: Ref, named: str | None, attachment: VolumeAttachment | None
) -> tuple[str, ...]:
    if named:
        return tuple(f"pod {name.strip()}" for name in named.split(",") if name.strip())
    others = [
        other.name
        for other in consumers(index).get((claim.namespace, claim.name), ())
        if other.name != pod.name and other.spec.node_name and other.spec.node_name != pod.spec.node_name
    ]
    if others:
        return tuple(f"pod {name}" for name in others)
    return (f"node {attachment.spec.node_name}",) if attachment else ()
