"""What a manifest makes of an object that is there, as `kubectl apply` has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

_LAST = "kubectl.kubernetes.io/last-applied-configuration"
_ITSELF = frozenset({"apiVersion", "kind", "status"})
_BOUNDS = ("minAvailable", "maxUnavailable")
# Lists of these kinds that are merged item by item, and by what (patchMergeKey of the API types). A custom resource's lists are replaced.
_MERGED = frozenset(
    {
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "Service",
        "StatefulSet",
    }
)
_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "ports": ("containerPort", "port"),
    "topologySpreadConstraints": ("topologyKey",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
}


def merge(old: Any, new: Any) -> Any:
    """JSON merge patch (RFC 7386)."""
    if not isinstance(new, Mapping):
        return new
    found = dict(old) if isinstance(old, Mapping) else {}
    for key, value in new.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merge(found.get(key), value)
    return found


def applied(old: Mapping[str, Any], raw: Mapping[str, Any], before: Mapping[str, Any]) -> Any:
    """`before` is the manifest that was applied last: what it said and this one does not goes, and what neither says stays. Without it, what this one says is merged: maps by key, lists as a whole.

    What the manifest says takes the place of what excludes it: the other bound of a budget, and how a Deployment rolled that no longer does.
    """
    told = {key: value for key, value in raw.items() if key != "status"}
    spec = told.get("spec")
    if isinstance(spec, Mapping):
        found = [name for name in _BOUNDS if name in spec]
        strategy = spec.get("strategy")
        if raw.get("kind") == "PodDisruptionBudget" and len(found) == 1:
            told["spec"] = dict.fromkeys(_BOUNDS) | dict(spec)
        elif raw.get("kind") == "Deployment" and isinstance(strategy, Mapping) and strategy.get("type") == "Recreate":
            told["spec"] = {**spec, "strategy": {"rollingUpdate": None, **strategy}}
    if not before:
        return merge(old, told)
    # An object stays the one that it is, whatever its manifest leaves out.
    named = {key: value for key, value in _map(before.get("metadata")).items() if key in {"annotations", "labels"}}
    said = {key: value for key, value in before.items() if key not in _ITSELF} | {"metadata": named}
    metadata = _map(raw.get("metadata"))
    told["metadata"] = {
        **metadata,
        "annotations": {**_map(metadata.get("annotations")), _LAST: msgspec.json.encode(raw).decode()},
    }
    return _over(said, old, told, by_key=raw.get("kind") in _MERGED)


def _over(before: Any, old: Any, told: Mapping[str, Any], *, by_key: bool) -> dict[str, Any]:
    said, found = _map(before), dict(_map(old))
    for key in [key for key in said if key not in told]:
        found.pop(key, None)
    for key, value in told.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping):
            found[key] = _over(said.get(key), found.get(key), value, by_key=by_key)
        else:
            found[key] = (by_key and _items(key, said.get(key), found.get(key), value)) or value
    return found


def _items(name: str, before: Any, old: Any, told: Any) -> list[Any]:
    """Each as told over what it was, and those that somebody else has added at their place. Nothing where items cannot be told apart."""
    for key in _KEYS.get(name, ()):
        was, is_, will = (_by_key(key, items) for items in (before, old, told))
        if was is not None and is_ is not None and will:
            if name == "volumes":  # of another source, nothing of the one before stays (patchStrategy retainKeys)
                is_ = {each: _kept(item, will.get(each, item)) for each, item in is_.items()}
            places = {each: place for place, each in enumerate(is_)}
            others = [each for each in is_ if each not in was and each not in will]
            found = []
            for each, item in will.items():
                while others and places[others[0]] < places.get(each, 0):
                    found.append(is_[others.pop(0)])
                found.append(_over(was.get(each), is_.get(each), item, by_key=True))
            return found + [is_[each] for each in others]
    return []


def _kept(item: Mapping[str, Any], keys: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in item.items() if key in keys}


def _by_key(key: str, items: Any) -> dict[Any, Any] | None:
    if not isinstance(items or (), Sequence):
        return None
    found = {
        item[key]: item for item in items or () if isinstance(item, Mapping) and isinstance(item.get(key), str | int)
    }
    return found if len(found) == len(items or ()) else None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
