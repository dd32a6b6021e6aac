"""Frozen values back into the API's own form: what is as by default is left out, as the API server fills it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from seakeep.model.objects import STRUCTS, KubeObject, PersistentVolume
from seakeep.model.objects.pods import PodSpec, PreferredNodeTerm, TopologySpread, WeightedPodAffinityTerm

Object = dict[str, Any]
_TOKEN = "kube-api-access-"
# What admission works out anew; a value of its own making is refused.
_ADMITTED = ("priority", "preemptionPolicy")
_NEWEST = {"autoscaling": "v2", "events.k8s.io": "v1"}
VERSIONS = {
    kind: f"{group}/{_NEWEST.get(group, 'v1')}" if group else "v1" for (group, kind), _ in reversed(STRUCTS.items())
}


def manifest(item: KubeObject, **more: Any) -> Object:
    """The object as one would write it: no status, and nothing that only the server writes."""
    found = wire(item)
    metadata = {key: found["metadata"][key] for key in _METADATA if key in found["metadata"]}
    kept = {key: value for key, value in found.items() if key not in {"status", "metadata", "apiVersion", "kind"}}
    if isinstance(item, PersistentVolume) and not {"hostPath", "csi", "nfs", "local"} & kept.get("spec", {}).keys():
        kept["spec"] = {**kept["spec"], "hostPath": {"path": f"/volumes/{item.name}"}}
    return {"apiVersion": version(item), "kind": item.kind, "metadata": metadata, **kept, **more}


_METADATA = ("name", "namespace", "generateName", "labels", "annotations")


def version(item: KubeObject) -> str:
    """That of today's API server: dumps of old clusters have versions that are gone."""
    return VERSIONS.get(item.kind, item.api_version or "v1")


def wire(value: Any) -> Any:
    """Plain data of a struct, less the fields that are as by default."""
    if isinstance(value, PodSpec):
        return _pod_spec(value)
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [wire(item) for item in value]
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


# What the API server wants stated, whatever the value.
_STATED: dict[type[msgspec.Struct], frozenset[str]] = {
    PreferredNodeTerm: frozenset({"weight"}),
    TopologySpread: frozenset({"max_skew", "when_unsatisfiable"}),
    WeightedPodAffinityTerm: frozenset({"weight"}),
}


def _fields(value: msgspec.Struct) -> Object:
    found, stated = {}, _STATED.get(type(value), frozenset())
    for field in _of(type(value)):
        item = getattr(value, field.name)
        if item != _default(field) or field.name in stated:
            found[field.encode_name] = wire(item)
    return found


def _pod_spec(value: PodSpec) -> Object:
    """Without the token volume, which admission adds; a volume of a kind that Seakeep does not know is an empty one."""
    found = _fields(value)
    for name in _ADMITTED:
        found.pop(name, None)
    volumes = [item for item in found.get("volumes", []) if not item["name"].startswith(_TOKEN)]
    if volumes:
        found["volumes"] = [item if len(item) > 1 else {**item, "emptyDir": {}} for item in volumes]
    else:
        found.pop("volumes", None)
    for group in ("containers", "initContainers", "ephemeralContainers"):
        for item in found.get(group, []):
            mounts = [each for each in item.get("volumeMounts", []) if not each["name"].startswith(_TOKEN)]
            item["volumeMounts"] = mounts
    return found


@cache
def _of(struct: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    return fields(struct)


def _default(field: FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else msgspec.NODEFAULT
