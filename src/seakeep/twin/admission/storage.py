"""Claims and volumes: the default class, protection while in use, growth. Source: plugin/pkg/admission/storage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from seakeep.model.objects import (
    Ingress,
    KubeObject,
    PersistentVolume,
    PersistentVolumeClaim,
    StatefulSet,
    StorageClass,
    Unstructured,
)
from seakeep.twin.admission.amounts import ZERO, amounts
from seakeep.twin.admission.request import Request
from seakeep.twin.moments import EARLIEST
from seakeep.twin.state import State

T = TypeVar("T", bound=KubeObject)
_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULTS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_INGRESS_DEFAULT = "ingressclass.kubernetes.io/is-default-class"


def mutate_claim(request: Request, claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    if claim.spec.storage_class_name is None and _CLASS not in claim.metadata.annotations:
        found = _newest(
            item
            for item in request.state.all(StorageClass)
            if any(item.metadata.annotations.get(key) == "true" for key in _DEFAULTS)
        )
        if found is not None:
            claim = replace(claim, spec=replace(claim.spec, storage_class_name=found.name))
    return _protected(claim, "kubernetes.io/pvc-protection")


def mutate_volume(volume: PersistentVolume) -> PersistentVolume:
    return _protected(volume, "kubernetes.io/pv-protection")


def mutate_ingress(request: Request, ingress: Ingress) -> Ingress:
    """DefaultIngressClass: only when it is made."""
    named = ingress.spec.ingress_class_name or "kubernetes.io/ingress.class" in ingress.metadata.annotations
    if named or not request.creates:
        return ingress
    classes = (item for item in request.state.of_kind("IngressClass") if isinstance(item, Unstructured))
    found = _newest(item for item in classes if item.metadata.annotations.get(_INGRESS_DEFAULT) == "true")
    return replace(ingress, spec=replace(ingress.spec, ingress_class_name=found.name)) if found else ingress


def is_of_set(state: State, item: KubeObject) -> bool:
    """A StatefulSet's controller makes claims, of a template that a source may have shown in part."""
    return isinstance(item, PersistentVolumeClaim) and any(
        item.name.startswith(prefix) and item.name[len(prefix) :].isdecimal()
        for each in state.within(StatefulSet, item.namespace)
        for prefix in (f"{template.name}-{each.name}-" for template in each.spec.volume_claim_templates)
    )


def class_of(claim: PersistentVolumeClaim) -> str:
    return claim.metadata.annotations.get(_CLASS) or claim.spec.storage_class_name or ""


def validate_growth(request: Request, claim: PersistentVolumeClaim) -> None:
    """PersistentVolumeClaimResize. Raises RejectedError."""
    old = request.old
    if not isinstance(old, PersistentVolumeClaim):
        return
    before, after = (amounts(item.spec.resources.requests).get("storage", ZERO) for item in (old, claim))
    if after.nano <= before.nano:
        return
    if old.status.phase != "Bound":
        raise request.forbidden("Only bound persistent volume claims can be expanded")
    name = class_of(claim)
    found = request.state.get(StorageClass, "", name) if name and name == class_of(old) else None
    if found is None or not found.allow_volume_expansion:
        raise request.forbidden(
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
        )


def _protected(item: T, finalizer: str) -> T:
    own = item.metadata.finalizers
    return item if finalizer in own else replace(item, metadata=replace(item.metadata, finalizers=(*own, finalizer)))


def _newest(found: Iterable[T]) -> T | None:
    """Of several defaults the one made last, then by name."""
    ordered = sorted(found, key=lambda item: item.name)
    return max(ordered, key=lambda item: item.metadata.creation_timestamp or EARLIEST, default=None)
