"""Environment variables. Source: pkg/apis/core/validation (ValidateEnv, ValidateEnvFrom)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import Container
from seakeep.model.objects.pods import EnvVar, KeySelector, LocalReference
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import invalid, required, unsupported

# What the downward API gives of a pod to variables, and what else it knows of it.
_FIELDS = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
_MAPS = ("metadata.annotations", "metadata.labels")
_KNOWN = frozenset({*_FIELDS, *_MAPS, "spec.host", "spec.restartPolicy", "spec.schedulerName", "status.phase"})
_BOTH = "may not have more than one field specified at a time"


def errors(container: Container, path: str) -> Iterator[str]:
    for number, item in enumerate(container.env):
        where = f"{path}.env[{number}]"
        if not item.name:
            yield required(f"{where}.name")
        yield from _name(item.name, f"{where}.name")
        yield from _source(item, f"{where}.valueFrom")
    for number, each in enumerate(container.env_from):
        yield from _name(each.prefix, f"{path}.envFrom[{number}].prefix")
        given = (("configMapRef", each.config_map_ref), ("secretRef", each.secret_ref))
        for name, ref in given:
            yield from _reference(ref, f"{path}.envFrom[{number}].{name}.name")
        found = sum(ref is not None for _, ref in given)
        if found != 1:
            yield invalid(
                f"{path}.envFrom", "", _BOTH if found else "must specify one of: `configMapRef` or `secretRef`"
            )


def _name(text: str, path: str) -> Iterator[str]:
    if not all(" " <= each <= "~" and each != "=" for each in text):
        words = "a valid environment variable name must consist only of printable ASCII characters other than '='"
        yield invalid(path, text, words)


def _source(item: EnvVar, path: str) -> Iterator[str]:
    """One without a source may have one that the model does not keep."""
    source = item.value_from
    if source is None:
        return
    if source.field_ref is not None:
        yield from _field(source.field_ref.field_path, f"{path}.fieldRef")
    keys = (("configMapKeyRef", source.config_map_key_ref), ("secretKeyRef", source.secret_key_ref))
    for name, ref in keys:
        yield from _key(ref, f"{path}.{name}")
    others = (source.field_ref, source.resource_field_ref)
    found = sum(ref is not None for ref in (*others, *(ref for _, ref in keys)))
    if found and item.value:
        yield invalid(path, "", "may not be specified when `value` is not empty")
    elif found > 1:
        yield invalid(path, "", _BOTH)


def _field(own: str, path: str) -> Iterator[str]:
    name, bracket, key = own.removesuffix("']").partition("['") if own.endswith("']") else (own, "", "")
    where, failed = f"{path}.fieldPath", "error converting fieldPath: field label"
    if not own:
        yield required(where)
    elif bracket and name:
        if name not in _MAPS:
            yield invalid(where, own, f"{failed} does not support subscript: {own}")
            return
        key = key.lower() if name == "metadata.annotations" else key
        yield from (invalid(path, key, word) for word in forms.label_key(key))
    elif own not in _KNOWN:
        yield invalid(where, own, f"{failed} not supported: {own}")
    elif own not in _FIELDS and own != "spec.host":
        yield unsupported(where, own, _FIELDS)


def _key(ref: KeySelector | None, path: str) -> Iterator[str]:
    if ref is None:
        return
    yield from (invalid(f"{path}.name", ref.name, word) for word in forms.subdomain(ref.name))
    if not ref.key:
        yield required(f"{path}.key")
    else:
        yield from (invalid(f"{path}.key", ref.key, word) for word in forms.config_key(ref.key))


def _reference(ref: LocalReference | None, path: str) -> Iterator[str]:
    if ref is not None and not ref.name:
        yield required(path)
    elif ref is not None:
        yield from (invalid(path, ref.name, word) for word in forms.subdomain(ref.name))
