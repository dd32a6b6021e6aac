"""ConfigMaps and Secrets. Values of Secrets are never read: what they must hold is not looked at. Source: pkg/apis/core/validation (ValidateConfigMap, ValidateConfigMapUpdate, ValidateSecret, ValidateSecretUpdate)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.facts.masked import holds_secret
from seakeep.model.objects import ConfigMap, Secret
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import IMMUTABLE, forbidden, invalid, required

# By type: the keys that a Secret must have. Of a name and a password one is enough.
_KEYS = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
_LOGIN = ("username", "password")
_FIXED = "field is immutable when `immutable` is set"


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
    """A type that the source did not show is not known to be another. Of the data only the keys are known."""
    if old.type and new.type != old.type:
        yield invalid("type", new.type, IMMUTABLE)
    if old.immutable:
        if not new.immutable:
            yield forbidden("immutable", _FIXED)
        if set(new.keys) != set(old.keys):
            yield forbidden("data", _FIXED)


def change_of_config_map(new: ConfigMap, old: ConfigMap) -> Iterator[str]:
    """A value that was taken out of the source is not known to be another."""
    if not old.immutable:
        return
    if not new.immutable:
        yield forbidden("immutable", _FIXED)
    if any(new.data.get(key) != text and not holds_secret(text) for key, text in old.data.items()) or not new.data.keys() <= old.data.keys():  # fmt: skip
        yield forbidden("data", _FIXED)
    if new.binary_data != old.binary_data:
        yield forbidden("binaryData", _FIXED)


def _keys(keys: Iterable[str], path: str) -> Iterator[str]:
    for key in keys:
        yield from (invalid(f"{path}[{key}]", key, word) for word in forms.config_key(key))
