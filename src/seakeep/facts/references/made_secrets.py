"""Secrets that custom resources of manifests have made, by their own name or the one that they are told (documentation of External Secrets, Sealed Secrets, cert-manager, Vault's operator, 1Password, Infisical)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import Unstructured

# Kind → the field that names the Secret; where there is none, and the resource's own name is taken, the second part is true.
_MAKERS = (
    ("Certificate", "secretName", False),
    ("ExternalSecret", "target.name", True),
    ("InfisicalSecret", "managedSecretReference.secretName", False),
    ("OnePasswordItem", "", True),
    ("SealedSecret", "template.metadata.name", True),
    ("VaultDynamicSecret", "destination.name", False),
    ("VaultStaticSecret", "destination.name", False),
)


@once
def made_secrets(index: Index) -> frozenset[tuple[str, str]]:
    """Namespace and name."""
    return frozenset(_made(index))


def _made(index: Index) -> Iterator[tuple[str, str]]:
    for kind, field, own in _MAKERS:
        for item in index.snapshot.of_kind(kind):
            name = _at(item.spec, field) if isinstance(item, Unstructured) else None
            if isinstance(name, str) and name:
                yield item.namespace, name
            elif own:
                yield item.namespace, item.name


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
