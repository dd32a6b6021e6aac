"""Routes of manifests whose Gateway stands in another namespace and takes none from there (Gateway API, `allowedRoutes`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.facts.index import Index
from seakeep.model.objects import KubeObject, Unstructured

_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


def shut_out(index: Index) -> Iterator[tuple[KubeObject, str, KubeObject]]:
    """Route, path of the reference, and Gateway."""
    if not index.snapshot.intent_only:
        return
    gateways = {(item.namespace, item.name): item for item in index.snapshot.of_kind("Gateway")}
    for kind in _ROUTES:
        for route in index.snapshot.of_kind(kind):
            for number, parent in enumerate(_maps(_at(route, "parentRefs"))):
                space = str(parent.get("namespace") or route.namespace)
                gateway = gateways.get((space, str(parent.get("name"))))
                if gateway is None or not route.namespace or space in {"", route.namespace}:
                    continue
                named = parent.get("sectionName")
                listeners = [one for one in _maps(_at(gateway, "listeners")) if named in {None, one.get("name")}]
                if listeners and all(map(_takes_its_own_only, listeners)):
                    yield route, f"spec.parentRefs[{number}]", gateway


def _takes_its_own_only(listener: Mapping[str, Any]) -> bool:
    """`Same` is the default."""
    allowed = listener.get("allowedRoutes")
    spaces = allowed.get("namespaces") if isinstance(allowed, Mapping) else None
    return (spaces.get("from") if isinstance(spaces, Mapping) else None) in {None, "Same"}


def _at(item: KubeObject, field: str) -> Any:
    return item.spec.get(field) if isinstance(item, Unstructured) and isinstance(item.spec, Mapping) else None


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
