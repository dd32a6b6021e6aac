"""Keys of ConfigMaps and Secrets that custom resources of manifests name, where the object is there without the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.references.planned_references import planned_lacks
from seakeep.model.objects import ConfigMap, Secret, Unstructured
from seakeep.model.refs import Ref


class KeyLack(Struct, frozen=True):
    """`path` is of the field of `holder` that names the key."""

    holder: Ref
    path: str
    target: Ref
    key: str


def key_lacks(index: Index) -> Iterator[KeyLack]:
    """Sorted by holder. What a pod template inside the resource names is told by that."""
    if not index.snapshot.intent_only:
        return
    told = {(item.template.ref, item.kind, item.name, item.key) for item in planned_lacks(index)}
    for group in (index.snapshot.objects[kind] for kind in sorted(index.snapshot.objects)):
        for item in (each for _, each in sorted(group.items()) if isinstance(each, Unstructured)):
            for path, field, name, key in _selectors(item.spec, "spec", ""):
                target = _meant(index, item.namespace, field, name)
                if target and (item.ref, target.kind, name, key) not in told and key not in _keys(index, target):
                    yield KeyLack(item.ref, path, target, key)


def _selectors(value: Any, path: str, field: str) -> Iterator[tuple[str, str, str, str]]:
    """`{name, key}` is how CRDs point at one entry: path, field that holds it, name, key."""
    if isinstance(value, Mapping):
        name, key = value.get("name"), value.get("key")
        if isinstance(name, str) and isinstance(key, str) and name and key and not value.get("optional"):
            yield f"{path}.key", field, name, key
        for inner, each in value.items():
            yield from _selectors(each, f"{path}.{inner}", str(inner))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _selectors(each, f"{path}[{number}]", field)


def _meant(index: Index, namespace: str, field: str, name: str) -> Ref | None:
    """By the field's name, else by what there is of that name, if that is one thing."""
    kinds = [kind for kind in ("ConfigMap", "Secret") if kind.lower() in field.lower()] or ["ConfigMap", "Secret"]
    found = [ref for kind in kinds if (ref := Ref(kind, namespace, name)) and _keys(index, ref)]
    return found[0] if len(found) == 1 else None


def _keys(index: Index, ref: Ref) -> frozenset[str]:
    """Empty where it is not there, or its keys are not known."""
    item = index.snapshot.find(ref)
    if isinstance(item, ConfigMap):
        return frozenset((*item.data, *item.binary_data))
    return frozenset(item.keys) if isinstance(item, Secret) else frozenset()
