"""Pieces of a manifest that grep, sed or yq left: put where their keys belong in an object of the kind that the command names."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import yamls
from seakeep.adapters.files.limits import LIMITS

Raw = dict[str, Any]
_TOP = {"metadata", "spec", "status", "data"}
_CONTAINER = {
    *("image", "command", "args", "env", "envFrom", "ports", "resources", "volumeMounts", "securityContext"),
    *("livenessProbe", "readinessProbe", "startupProbe", "imagePullPolicy", "name"),
}
# Fields that tell a container from anything else with a name.
_SIGNS = _CONTAINER - {"name", "ports", "securityContext"}
_POD = {
    *("containers", "initContainers", "volumes", "nodeSelector", "affinity", "tolerations", "serviceAccountName"),
    *("hostNetwork", "dnsPolicy", "imagePullSecrets", "topologySpreadConstraints", "priorityClassName"),
}
_OF_CONDITION = {
    *("type", "status", "reason", "message", "observedGeneration"),
    *("lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime", "lastProbeTime"),
}
_ITEM = re.compile(r"\n[^\S\n]*- ")
_SCALAR = re.compile(r"^[^\S\n]*(?P<key>[a-z]\w+): (?P<value>\S.*)$", re.MULTILINE)
_TEMPLATED = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}


def pieces(text: str, kind: str, name: str) -> Iterator[Raw]:
    """One object per piece that can be placed; a piece that is no YAML by itself is left out."""
    for part in text.split("\n--\n"):
        for value in _read(textwrap.dedent(part)):
            found = _placed(value, kind)
            if found:
                yield {**found, "kind": kind, "metadata": {**found.get("metadata", {}), "name": name}}


def _read(part: str) -> Sequence[Any]:
    try:
        return list(yamls.documents(part.encode("utf-8", "replace"), LIMITS))
    except SourceError:
        return [item for chunk in _ITEM.split(f"\n{part}") if (item := _condition(chunk))]


def _condition(chunk: str) -> Any:
    """One item of a list of conditions, whose neighbours were cut."""
    found = {match["key"]: match["value"].strip("'\"") for match in _SCALAR.finditer(chunk)}
    return found if {"type", "status"} <= found.keys() else None


def _placed(value: Any, kind: str) -> Raw:
    if isinstance(value, list):
        items = [item for item in value if isinstance(item, dict)]
        value = {"containers": items} if items and any(_SIGNS & item.keys() for item in items) else None
    if not isinstance(value, dict) or not value:
        return {}
    keys = set(value)
    if {"type", "status"} <= keys <= _OF_CONDITION:
        return {"status": {"conditions": [{**value, "status": str(value["status"])}]}}
    if keys <= _TOP | {"apiVersion", "kind"} and keys & _TOP:
        return {key: item for key, item in value.items() if key in _TOP and isinstance(item, dict)}
    if kind == "Service" and keys <= {"ports", "selector", "type", "clusterIP", "externalName"}:
        return {"spec": value}
    if keys <= _CONTAINER and keys & _SIGNS:
        value, keys = {"containers": [{"name": "#0", **value}]}, {"containers"}
    if keys <= _POD and kind in _TEMPLATED | {"Pod"}:
        for item in value.get("containers") or ():
            if isinstance(item, dict):
                item.setdefault("name", "#0")
        return {"spec": value if kind == "Pod" else {"template": {"spec": value}}}
    return {}
