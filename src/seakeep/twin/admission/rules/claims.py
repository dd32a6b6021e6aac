"""Claims. Source: pkg/apis/core/validation (ValidatePersistentVolumeClaimSpec)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PersistentVolumeClaim
from seakeep.model.objects.storage import ClaimSpec
from seakeep.twin.admission import forms
from seakeep.twin.admission.amounts import amounts
from seakeep.twin.admission.rules import label_selectors
from seakeep.twin.admission.rules.words import IMMUTABLE, forbidden, invalid, required, unsupported

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def errors(item: PersistentVolumeClaim, *, complete: bool) -> Iterator[str]:
    """Without `complete` what is missing is not asked for."""
    yield from spec_errors(item.spec, "spec", complete=complete)


def changes(new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> Iterator[str]:
    if new.spec.volume_mode != old.spec.volume_mode:
        yield invalid("volumeMode", new.spec.volume_mode, IMMUTABLE)  # the path as the server writes it


def spec_errors(spec: ClaimSpec, path: str, *, complete: bool = True) -> Iterator[str]:
    modes = f"{path}.accessModes"
    if complete and not spec.access_modes:
        yield required(modes, "at least 1 access mode is required")
    yield from label_selectors.errors(spec.selector, f"{path}.selector")
    yield from (unsupported(modes, mode, _MODES) for mode in spec.access_modes if mode not in _MODES)
    known = {mode for mode in spec.access_modes if mode in _MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        yield forbidden(modes, "may not use ReadWriteOncePod with other access modes")
    storage = amounts(spec.resources.requests).get("storage")
    if storage is None and complete:
        yield required(f"{path}.resources[storage]")
    elif storage is not None and storage.nano <= 0:
        yield invalid(f"{path}.resources[storage]", str(storage), "must be greater than zero")
    name = spec.storage_class_name or ""
    yield from (invalid(f"{path}.storageClassName", name, word) for word in forms.subdomain(name) if name)
    if spec.volume_mode not in {"Block", "Filesystem"}:
        yield unsupported(f"{path}.volumeMode", spec.volume_mode, ("Block", "Filesystem"))
