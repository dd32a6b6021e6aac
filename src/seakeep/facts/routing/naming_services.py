"""The headless Service that gives the pods of a StatefulSet names of their own."""

from __future__ import annotations

from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.workloads.podspecs import judged_of
from seakeep.model.objects import Service, StatefulSet
from seakeep.model.refs import Ref


def naming_service(index: Index, ref: Ref) -> dict[str, Any] | None:
    """Its spec; None where a Service of that name is there already, or the pods go by more than labels.

    Members look for each other before they are ready, so that names of pods that are not count too.
    """
    item = index.snapshot.get(StatefulSet, ref.namespace, ref.name)
    selector = item.spec.selector if item else None
    taken = item is None or index.snapshot.get(Service, ref.namespace, item.spec.service_name) is not None
    if taken or selector is None or not selector.match_labels or selector.match_expressions:
        return None
    found: dict[str, Any] = {"clusterIP": "None", "publishNotReadyAddresses": True}
    found["selector"] = dict(selector.match_labels)
    ports = _ports(index, ref)
    if ports:
        found["ports"] = ports
    return found


def _ports(index: Index, ref: Ref) -> list[dict[str, Any]]:
    """Those of its containers: several of a Service need names of their own."""
    found: dict[str, dict[str, Any]] = {}
    for container in judged_of(index, ref).spec.containers:
        for each in container.ports:
            protocol, port = each.protocol or "TCP", each.container_port
            name = each.name or f"{protocol.lower()}-{port}"
            found.setdefault(name, {"name": name, "port": port, "protocol": protocol, "targetPort": port})
    return list(found.values())
