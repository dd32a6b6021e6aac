"""Secrets out of everything that is kept, shown or written: literals in the environment, arguments, ConfigMaps, custom resources, logs, messages, annotations, URLs."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import replace

from seakeep.adapters.secret_text import MASK, arguments, command, field_of, file_of, text, value_of
from seakeep.model.objects import ConfigMap, KubeObject
from seakeep.model.snapshot import Snapshot

__all__ = ["MASK", "fields", "snapshot", "text"]

# Annotations that hold the whole object as it was applied. What changed since then is evidence, so they are kept, masked like the object itself.
_APPLIED = ("last-applied-configuration", "kapp.k14s.io/original")
_TEXTS = {"message", "note", "path", "url"}
_PLAIN_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "host", "user-agent", "x-forwarded-proto"})
_WORDS = {"command", "args"}
# What replicas share (see `files.intern`).
_SHARED = {"env", "projected", "liveness_probe", "readiness_probe", "startup_probe", "lifecycle"}


def snapshot(found: Snapshot) -> Snapshot:
    """The same snapshot without secrets. What holds none is shared with the original; doing it twice changes nothing."""
    cleaner = _Cleaner()
    objects = {
        kind: {key: cleaner.object(item) for key, item in group.items()} for kind, group in found.objects.items()
    }
    return replace(
        found,
        objects=objects,
        unread=tuple(replace(item, reason=text(item.reason)) for item in found.unread),
        logs=tuple(replace(log, text=text(log.text)) for log in found.logs),
        checks=tuple(replace(check, detail=command(check.detail)) for check in found.checks),
        alerts=tuple(
            replace(alert, labels=_texts(alert.labels), annotations=_texts(alert.annotations)) for alert in found.alerts
        ),
        samples=tuple(replace(sample, labels=_texts(sample.labels)) for sample in found.samples),
    )


def _texts(values: typing.Mapping[str, str]) -> dict[str, str]:
    return {key: text(value) for key, value in values.items()}


def fields(patch: typing.Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an object in its API form, masked as a custom resource's are, and its files as a ConfigMap's."""
    found: dict[str, Any] = _node("", dict(patch))
    files = patch.get("data")
    if isinstance(files, dict):
        found["data"] = {key: file_of(key, value) if isinstance(value, str) else value for key, value in files.items()}
    return found


class _Cleaner:
    """Walks only the fields that can hold a secret. Equal parts are shared between objects, so each is cleaned once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}

    def object(self, item: KubeObject) -> KubeObject:
        cleaned: KubeObject = self._struct(item)
        if isinstance(cleaned, ConfigMap):
            cleaned = msgspec.structs.replace(
                cleaned,
                data={key: file_of(key, value) for key, value in cleaned.data.items()},
                binary_data=dict.fromkeys(cleaned.binary_data, MASK),
            )
        return cleaned

    def _struct(self, item: Any) -> Any:
        changed = None
        kind: Any = type(item)
        for name, clean in _plan(kind):
            old = getattr(item, name)
            if not old:
                continue
            new = clean(self, item, old)
            if new is not old and new != old:
                changed = changed or {}
                changed[name] = new
        return msgspec.structs.replace(item, **changed) if changed else item

    def value(self, _: Any, old: Any) -> Any:
        if isinstance(old, msgspec.Struct):
            return self._struct(old)
        if isinstance(old, tuple | list):
            cleaned = None
            for position, entry in enumerate(old):
                new = self._struct(entry) if isinstance(entry, msgspec.Struct) else self.value(None, entry)
                if new is not entry:
                    cleaned = list(old) if cleaned is None else cleaned
                    cleaned[position] = new
            return old if cleaned is None else type(old)(cleaned)
        if isinstance(old, dict):
            return {key: self.value(None, entry) for key, entry in old.items()}
        return old

    def shared(self, clean: _Clean, item: Any, old: Any) -> Any:
        known = self._known.get(id(old))
        if known is None:
            new = clean(self, item, old)
            known = self._known[id(old)] = (old, old if new == old else new)
        return known[1]


def _tree(_: _Cleaner, __: Any, old: Any) -> Any:
    """Custom resources: plain values, several levels deep, with pod templates and `name`/`value` pairs in them."""
    return _node("", old)


def _node(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return field_of(name, value)
    if isinstance(value, dict):
        if value.get("kind") == "Secret":
            value = _valueless(value)
        pair = str(value.get("name", "")) if isinstance(value.get("value"), str) else ""
        return {
            key: value_of(pair, entry) if key == "value" and pair else _node(str(key), entry)
            for key, entry in value.items()
        }
    if isinstance(value, list | tuple):
        if name in _WORDS and all(isinstance(entry, str) for entry in value):
            return list(arguments(tuple(value)))
        return [_node(name, entry) for entry in value]
    return value


def _valueless(secret: dict[str, Any]) -> dict[str, Any]:
    """Of a Secret that a custom resource holds, as those do that hand manifests to other clusters."""
    parts = {key: secret[key] for key in ("data", "stringData") if isinstance(secret.get(key), dict)}
    return {**secret, **{key: dict.fromkeys(part, MASK) for key, part in parts.items()}}


def _headers(_: _Cleaner, __: Any, old: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
    """Of a probe: any header may hold a token but those that are known to hold none."""
    return tuple(
        item if item.get("name", "").lower() in _PLAIN_HEADERS else {**item, "value": MASK} if "value" in item else item
        for item in old
    )


def _annotations(_: _Cleaner, __: Any, old: dict[str, str]) -> dict[str, str]:
    found = {key: _applied(value) if key.endswith(_APPLIED) else field_of(key, value) for key, value in old.items()}
    return {key: value for key, value in found.items() if value or not old[key]}


@lru_cache(maxsize=1024)
def _applied(value: str) -> str:
    """Nothing of a Secret, nor of what is no object."""
    try:
        item = msgspec.json.decode(value)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return ""
    if not isinstance(item, dict) or item.get("kind") == "Secret" or "stringData" in item:
        return ""
    files = {key: item.pop(key) for key in ("data", "binaryData") if isinstance(item.get(key), dict)}
    cleaned: dict[str, Any] = _node("", item)
    for part, entries in files.items():
        text_of = file_of if part == "data" else lambda _, __: MASK
        cleaned[part] = {key: text_of(key, entry) if isinstance(entry, str) else MASK for key, entry in entries.items()}
    return msgspec.json.encode(cleaned).decode()


_Clean = Callable[[_Cleaner, Any, Any], Any]


_fields_of = cache(msgspec.structs.fields)  # types are the same ones again and again, and their hints take long to read


@cache
def _plan(struct: Any) -> tuple[tuple[str, _Clean], ...]:
    """The fields of a struct that can hold a secret, each with what cleans it."""
    found: list[tuple[str, _Clean]] = []
    for field in _fields_of(struct):
        name = field.name
        if name == "annotations":
            found.append((name, _shared(_annotations)))
        elif name == "value" and "name" in struct.__struct_fields__:
            found.append(
                (name, lambda _, item, old: value_of(getattr(item, "name", ""), old) if isinstance(old, str) else old)
            )
        elif name == "http_headers":
            found.append((name, _headers))
        elif name in _TEXTS:
            found.append((name, lambda _, __, old: text(old) if isinstance(old, str) else old))
        elif name in _WORDS:
            found.append((name, lambda _, __, old: arguments(tuple(map(str, old)))))
        elif field.type is Any:
            found.append((name, _tree))
        elif _holds(field.type, frozenset({struct})):
            found.append((name, _shared(_of_type(field.type)) if name in _SHARED else _of_type(field.type)))
    return tuple(found)


def _shared(clean: _Clean) -> _Clean:
    return lambda cleaner, item, old: cleaner.shared(clean, item, old)


def _of_type(hint: Any) -> _Clean:
    """What cleans a field of this type. Conditions and the like have one text each, and seldom: those are not visited one by one."""
    entry = next(iter(typing.get_args(hint)), None)
    if typing.get_origin(hint) is tuple and isinstance(entry, type) and issubclass(entry, msgspec.Struct):
        plan = _plan(entry)
        if len(plan) == 1:
            text_of = attrgetter(plan[0][0])
            return lambda cleaner, item, old: cleaner.value(item, old) if any(map(text_of, old)) else old
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return lambda cleaner, _, old: cleaner._struct(old)  # noqa: SLF001 - a method of the same walk
    return _Cleaner.value


def _holds(hint: Any, seen: frozenset[type]) -> bool:
    """Whether values of a type can hold a secret further down."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint not in seen and any(
            field.name in {"annotations", *_TEXTS, *_WORDS}
            or (field.name == "value" and "name" in hint.__struct_fields__)
            or field.type is Any
            or _holds(field.type, seen | {hint})
            for field in _fields_of(hint)
        )
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is not None:
        return any(_holds(part, seen) for part in typing.get_args(hint))
    return False
