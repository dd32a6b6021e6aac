"""A namespace with what admission asks about, and requests to it."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import KubeObject, Pod
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.state import State

Object = dict[str, Any]


def world(*objects: Object, labels: dict[str, str] | None = None) -> State:
    """Everything is known: what is not here does not exist."""
    state = State({}, lambda _: True)
    for item in (thing("Namespace", "shop", "", labels=labels or {}), thing("ServiceAccount", "default"), *objects):
        state.put(from_mapping(item))
    return state


def thing(kind: str, name: str, namespace: str = "shop", version: str = "v1", **rest: Any) -> Object:
    metadata: Object = {"name": name, "namespace": namespace}
    for key in ("labels", "annotations", "generateName"):
        if key in rest:
            metadata[key] = rest.pop(key)
    return {"apiVersion": version, "kind": kind, "metadata": metadata} | rest


def pod(name: str = "x", *, requests: Object | None = None, limits: Object | None = None, **spec: Any) -> Object:
    resources = {"requests": requests or {}, "limits": limits or {}}
    container = {"name": "c", "image": "example/app:1", "resources": resources}
    return thing("Pod", name, spec={"containers": [container], "automountServiceAccountToken": False} | spec)


def create(state: State, item: Object) -> KubeObject:
    stored = admit(state, from_mapping(item), None)
    state.put(stored)
    return stored


def create_pod(state: State, item: Object) -> Pod:
    stored = create(state, item)
    assert isinstance(stored, Pod)
    return stored


def refusal(state: State, item: Object) -> tuple[int, str]:
    with pytest.raises(RejectedError) as found:
        admit(state, from_mapping(item), None)
    return found.value.code, found.value.message


def quota(name: str, hard: Object, used: Object | None = None, **spec: Any) -> Object:
    status = {"hard": hard, "used": used if used is not None else dict.fromkeys(hard, "0")}
    return thing("ResourceQuota", name, spec={"hard": hard} | spec, status=status)
