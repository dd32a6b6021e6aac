"""PersistentVolumeClaims: bound to a volume that fits, or to one that is provisioned; kept while in use. Source: pkg/controller/volume/{persistentvolume,pvcprotection,pvprotection}.

Provisioners are assumed to work, unless the snapshot shows that a class's did not (`ProvisioningFailed`) or nothing provisions it. A volume that waited for its pod is tied to
the node's zone, where the node names one, or to the node itself, for provisioners of node-local volumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import (
    Event,
    KubeObject,
    Metadata,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Requirement,
    StorageClass,
)
from seakeep.model.objects.pods import NodeSelector, NodeSelectorTerm, PodTemplateMetadata, Volume
from seakeep.model.objects.storage import (
    ClaimReference,
    ClaimSpec,
    ClaimStatus,
    VolumeNodeAffinity,
    VolumeSpec,
    VolumeStatus,
)
from seakeep.model.quantity import QuantityError, milli
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.actions import Action, Create, Delete, Update
from seakeep.twin.changes import LIFE
from seakeep.twin.controller import View
from seakeep.twin.controllers.pods import reference
from seakeep.twin.labels import compile_selector, matches_terms
from seakeep.twin.memo import by_identity
from seakeep.twin.scheduler.claims import claim_name, class_of
from seakeep.twin.state import State

CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"
_NOBODY = "kubernetes.io/no-provisioner"
_ZONE = "topology.kubernetes.io/zone"
_HOST = "kubernetes.io/hostname"
_LOCAL = frozenset(
    {"rancher.io/local-path", "topolvm.io", "openebs.io/local", "local.csi.openebs.io", "k8s.io/minikube-hostpath"}
)
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})


def failing_classes(snapshot: Snapshot) -> dict[str, str]:
    """Classes whose provisioner said that it failed for a claim that is still pending, with what it said last."""
    found: dict[str, str] = {}
    events = [item for item in snapshot.all(Event) if item.reason == "ProvisioningFailed"]
    for event in sorted(events, key=lambda item: (str(item.last_seen), item.name)):
        claim = snapshot.get(PersistentVolumeClaim, event.about.namespace, event.about.name)
        if claim is not None and claim.status.phase == "Pending":
            found[class_of(claim)] = event.text
    return found


@dataclass(frozen=True, slots=True)
class Claims:
    """`failing` are classes that cannot provision, with the reason."""

    failing: Mapping[str, str] = field(default_factory=dict)
    name: str = "persistentvolume-binder"
    watches: ClassVar[frozenset[str]] = frozenset({"PersistentVolume", "PersistentVolumeClaim", "Pod", "StorageClass"})
    minds: ClassVar[Mapping[str, int]] = {"Pod": LIFE}
    forgets: bool = True

    def spares(self, _: State, pod: Pod) -> bool:
        return not _has_claims(pod.spec.volumes)

    def concerns(self, state: State, item: KubeObject) -> Iterator[Ref]:
        if isinstance(item, PersistentVolumeClaim):
            yield item.ref
            if item.spec.volume_name:
                yield Ref("PersistentVolume", "", item.spec.volume_name)
        elif isinstance(item, Pod):
            yield from (ref for ref in _claims_of(item) if state.find(ref) is not None)
            if any(volume.ephemeral is not None for volume in item.spec.volumes):
                yield item.ref
        elif isinstance(item, PersistentVolume):
            yield item.ref
            if item.spec.claim_ref is not None:
                yield Ref("PersistentVolumeClaim", item.spec.claim_ref.namespace, item.spec.claim_ref.name)
            else:
                yield from _pending(state)
        elif isinstance(item, StorageClass):
            yield from _pending(state)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        if ref.kind == "PersistentVolume":
            yield from _volume(view, ref)
            return
        if ref.kind == "Pod":
            yield from _ephemeral(view, ref)
            return
        claim = view.state.get(PersistentVolumeClaim, ref.namespace, ref.name)
        if claim is None:
            return
        if claim.metadata.deletion_timestamp is not None:
            kept = tuple(item for item in claim.metadata.finalizers if item != CLAIM_PROTECTION)
            if kept != claim.metadata.finalizers and not any(not is_ended(pod) for pod in _users(view.state, claim)):
                metadata = replace(claim.metadata, finalizers=kept)
                yield Update(replace(claim, metadata=metadata), "pvc-protection: no pod uses the claim")
        elif claim.spec.volume_name:
            yield from _bound(view, claim)
        else:
            yield from self._bind(view, claim)

    def _provisions(self, storage: StorageClass) -> bool:
        return storage.provisioner not in {"", _NOBODY} and storage.name not in self.failing

    def _bind(self, view: View, claim: PersistentVolumeClaim) -> Iterator[Action]:
        storage = view.state.get(StorageClass, "", class_of(claim))
        node: Node | None = None
        if storage is not None and storage.volume_binding_mode == "WaitForFirstConsumer":
            node = next(
                (
                    found
                    for pod in _users(view.state, claim)
                    if pod.spec.node_name and (found := view.state.get(Node, "", pod.spec.node_name)) is not None
                ),
                None,
            )
            if node is None and not _asked_for(view.state, claim):
                yield Update(_pending_status(claim), "persistentvolume-binder: waits for first consumer")
                return
        volume = _fitting(view.state, claim, node)
        if volume is None and storage is not None and self._provisions(storage):
            volume = _provisioned(claim, storage, node)
            yield Create(volume, f"{storage.provisioner}: provisioned for {claim.namespace}/{claim.name}")
            if view.state.find(volume.ref) is None:
                return
        if volume is None:
            yield Update(_pending_status(claim), "persistentvolume-binder: no volume fits")
            return
        current = view.state.get(PersistentVolume, "", volume.name) or volume
        reference = ClaimReference(name=claim.name, namespace=claim.namespace, uid=claim.metadata.uid)
        taken = replace(current, spec=replace(current.spec, claim_ref=reference), status=VolumeStatus(phase="Bound"))
        yield Update(taken, f"persistentvolume-binder: bound to {claim.namespace}/{claim.name}")
        annotations = {**claim.metadata.annotations, "pv.kubernetes.io/bind-completed": "yes"}
        yield Update(
            replace(
                claim,
                metadata=replace(claim.metadata, annotations=annotations),
                spec=replace(claim.spec, volume_name=volume.name),
                status=replace(
                    claim.status,
                    phase="Bound",
                    capacity=volume.spec.capacity,
                    access_modes=volume.spec.access_modes,
                ),
            ),
            f"persistentvolume-binder: bound to {volume.name}",
        )


def _ephemeral(view: View, ref: Ref) -> Iterator[Action]:
    """Claims of generic ephemeral volumes, owned by their pod (pkg/controller/volume/ephemeral)."""
    pod = view.state.get(Pod, ref.namespace, ref.name)
    if pod is None or pod.metadata.deletion_timestamp is not None:
        return
    for volume in pod.spec.volumes:
        name = claim_name(pod, volume)
        if volume.ephemeral is None or view.state.get(PersistentVolumeClaim, pod.namespace, name) is not None:
            continue
        template = volume.ephemeral.get("volumeClaimTemplate") or {}
        try:
            spec = msgspec.convert(template.get("spec") or {}, ClaimSpec, strict=False)
            metadata = msgspec.convert(template.get("metadata") or {}, PodTemplateMetadata, strict=False)
        except msgspec.ValidationError:
            continue
        claim = PersistentVolumeClaim(
            api_version="v1",
            metadata=Metadata(
                name=name,
                namespace=pod.namespace,
                labels=metadata.labels,
                annotations=metadata.annotations,
                owner_references=(replace(reference(pod), api_version="v1"),),
            ),
            spec=spec,
            status=ClaimStatus(phase="Pending"),
        )
        yield Create(claim, f"ephemeral-volume: {volume.name} of pod {pod.name}")


def _pending(state: State) -> Iterator[Ref]:
    yield from (item.ref for item in state.all(PersistentVolumeClaim) if not item.spec.volume_name)


@by_identity
def _has_claims(volumes: tuple[Volume, ...]) -> bool:
    return any(volume.persistent_volume_claim or volume.ephemeral is not None for volume in volumes)


def _claims_of(pod: Pod) -> Iterator[Ref]:
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim or volume.ephemeral is not None:
            yield Ref("PersistentVolumeClaim", pod.namespace, claim_name(pod, volume))


def _users(state: State, claim: PersistentVolumeClaim) -> list[Pod]:
    return [pod for pod in state.within(Pod, claim.namespace) if claim.ref in _claims_of(pod)]


def _pending_status(claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    return replace(claim, status=replace(claim.status, phase="Pending"))


def _bound(view: View, claim: PersistentVolumeClaim) -> Iterator[Action]:
    """Lost, where its volume was removed; bound, where the claim itself names a volume that is free."""
    ref = Ref("PersistentVolume", "", claim.spec.volume_name)
    volume = view.state.get(PersistentVolume, "", claim.spec.volume_name)
    if volume is None:
        if ref in view.state.removed("PersistentVolume"):
            yield Update(replace(claim, status=replace(claim.status, phase="Lost")), "persistentvolume-binder: its volume is gone")  # fmt: skip
        return
    mine = volume.spec.claim_ref
    if mine is not None and (mine.namespace, mine.name) != (claim.namespace, claim.name):
        return
    if claim.status.phase in {"", "Pending"}:
        reference = ClaimReference(name=claim.name, namespace=claim.namespace, uid=claim.metadata.uid)
        taken = replace(volume, spec=replace(volume.spec, claim_ref=reference), status=VolumeStatus(phase="Bound"))
        yield Update(taken, "persistentvolume-binder: the claim names it")
        status = replace(
            claim.status, phase="Bound", capacity=volume.spec.capacity, access_modes=volume.spec.access_modes
        )
        yield Update(replace(claim, status=status), f"persistentvolume-binder: bound to {volume.name}")


def _asked_for(state: State, claim: PersistentVolumeClaim) -> bool:
    """A volume is set aside for the claim by name."""
    return any(_is_for(item, claim) for item in state.all(PersistentVolume))


def _is_for(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    mine = volume.spec.claim_ref
    return (
        mine is not None
        and (mine.namespace, mine.name) == (claim.namespace, claim.name)
        and mine.uid in {"", claim.metadata.uid}
    )


def _fitting(state: State, claim: PersistentVolumeClaim, node: Node | None) -> PersistentVolume | None:
    """The smallest volume that fits (`FindMatchingVolume`); one that is set aside for the claim comes first."""
    selector = compile_selector(claim.spec.selector) if claim.spec.selector else None
    wanted = _storage(claim.spec.resources.requests)
    found: list[tuple[bool, int, str, PersistentVolume]] = []
    for volume in state.all(PersistentVolume):
        mine = _is_for(volume, claim)
        if (volume.spec.claim_ref is not None and not mine) or volume.metadata.deletion_timestamp is not None:
            continue
        fits = (
            volume.spec.volume_mode == claim.spec.volume_mode
            and volume.spec.storage_class_name == class_of(claim)
            and set(claim.spec.access_modes) <= set(volume.spec.access_modes)
            and _storage(volume.spec.capacity) >= wanted
            and (selector is None or selector.matches(volume.labels))
            and (mine or volume.status.phase in {"", "Available"})
            and (node is None or _reaches(volume, node))
        )
        if fits:
            found.append((not mine, _storage(volume.spec.capacity), volume.name, volume))
    return min(found, key=lambda item: item[:3])[3] if found else None


def _reaches(volume: PersistentVolume, node: Node) -> bool:
    required = volume.spec.node_affinity.required if volume.spec.node_affinity else None
    return required is None or matches_terms(required.node_selector_terms, node)


def _storage(quantities: Mapping[str, str | int | float]) -> int:
    try:
        return milli(quantities.get("storage", 0))
    except QuantityError:
        return 0


def _provisioned(claim: PersistentVolumeClaim, storage: StorageClass, node: Node | None) -> PersistentVolume:
    shared = bool(_SHARED & set(claim.spec.access_modes))
    key = _HOST if storage.provisioner in _LOCAL else "" if shared else _ZONE
    place = node.labels.get(key, "") if node is not None and key else ""
    affinity = None
    if place:
        term = NodeSelectorTerm(match_expressions=(Requirement(key=key, operator="In", values=(place,)),))
        affinity = VolumeNodeAffinity(required=NodeSelector(node_selector_terms=(term,)))
    spec = VolumeSpec(
        capacity=claim.spec.resources.requests,
        access_modes=claim.spec.access_modes,
        storage_class_name=storage.name,
        persistent_volume_reclaim_policy=storage.reclaim_policy,
        volume_mode=claim.spec.volume_mode,
        node_affinity=affinity,
        claim_ref=ClaimReference(name=claim.name, namespace=claim.namespace, uid=claim.metadata.uid),
    )
    metadata = Metadata(
        name=f"pvc-{claim.metadata.uid or f'{claim.namespace}-{claim.name}'}",
        annotations={"pv.kubernetes.io/provisioned-by": storage.provisioner},
        finalizers=(VOLUME_PROTECTION,),
    )
    return PersistentVolume(api_version="v1", metadata=metadata, spec=spec, status=VolumeStatus(phase="Available"))


def _volume(view: View, ref: Ref) -> Iterator[Action]:
    """Available, bound, or released: then deleted where its policy says so."""
    volume = view.state.get(PersistentVolume, "", ref.name)
    if volume is None:
        return
    mine = volume.spec.claim_ref
    claim = view.state.get(PersistentVolumeClaim, mine.namespace, mine.name) if mine else None
    if volume.metadata.deletion_timestamp is not None:
        kept = tuple(item for item in volume.metadata.finalizers if item != VOLUME_PROTECTION)
        if kept != volume.metadata.finalizers and (claim is None or volume.status.phase != "Bound"):
            yield Update(
                replace(volume, metadata=replace(volume.metadata, finalizers=kept)), "pv-protection: not bound"
            )
        return
    if mine is None:
        if volume.status.phase in {"", "Pending"}:
            yield Update(replace(volume, status=VolumeStatus(phase="Available")), "persistentvolume-binder: available")
        return
    gone = Ref("PersistentVolumeClaim", mine.namespace, mine.name) in view.state.removed("PersistentVolumeClaim")
    other = claim is not None and mine.uid not in {"", claim.metadata.uid}
    if volume.status.phase == "Bound" and ((claim is None and gone) or other):
        yield Update(replace(volume, status=VolumeStatus(phase="Released")), "persistentvolume-binder: its claim is gone")  # fmt: skip
        if volume.spec.persistent_volume_reclaim_policy == "Delete":
            yield Delete(ref, "persistentvolume-binder: reclaim policy Delete")
