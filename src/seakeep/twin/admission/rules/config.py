"""ConfigMaps and Secrets. Values of Secrets are never read: what they must hold is not looked at. Source: pkg/apis/core/validation (ValidateConfigMap, ValidateSecret, ValidateSecretUpdate)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.model.objects import ConfigMap, Secret
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import IMMUTABLE, invalid, required

# By type: the keys that a Secret must have. Of a name and a password one is enough.
_KEYS = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
_LOGIN = ("username", "password")


def of_config_map(item: ConfigMap) -> Iterator[str]:
    for key in sorted(item.data):
        yield from _keys((key,), "data")
        if key in item.binary_data:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    yield from _keys(sorted(item.binary_data), "binaryData")


def of_secret(item: Secret) -> Iterator[str]:
    yield from _keys(item.keys, "data")
    missing = [key for key in _KEYS.get(item.type, ()) if key not in item.keys]
    if item.type == "kubernetes.io/basic-auth" and not set(_LOGIN) & set(item.keys):
        missing = list(_LOGIN)
    yield from (required(f"data[{key}]") for key in missing)


def change_of_secret(new: Secret, old: Secret) -> Iterator[str]:
    """A type that the source did not show is not known to be another."""
    if old.type and new.type != old.type:
        yield invalid("type", new.type, IMMUTABLE)


def _keys(keys: Iterable[str], path: str) -> Iterator[str]:
    for key in keys:
        yield from (invalid(f"{path}[{key}]", key, word) for word in forms.config_key(key))
