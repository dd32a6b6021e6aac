"""Of manifests, which may leave a Service to Helm, an operator or another repository: names that are wrong all the same."""

from __future__ import annotations

from seakeep.facts.calls.dependencies import Edge, edges
from seakeep.facts.index import Index
from seakeep.facts.likeness import is_short_for, is_slip, squeezed
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.expected_backends import named_alike
from seakeep.facts.routing.intended_services import is_abbreviated, unasked
from seakeep.facts.routing.operator_services import meant_by_operator
from seakeep.facts.routing.variable_names import asked_by_variable
from seakeep.model.objects import Service
from seakeep.model.refs import Ref

# So many addresses that lead somewhere, and callers that agree on the other, make a set of manifests look whole.
_EVIDENTLY_WHOLE = 2


def is_evident(index: Index, service: Ref) -> bool:
    """Whatever else the set leaves out: the name can only be an operator's, or its namespace is a slip of the one that has the Service."""
    return index.snapshot.intent_only and (meant_by_operator(index, service) is not None or _misplaced(index, service))


def _misplaced(index: Index, service: Ref) -> bool:
    if _holds_anything(index, service.namespace):
        return False
    return any(
        item.name == service.name and is_slip(service.namespace, item.namespace) for item in index.snapshot.all(Service)
    )


def _holds_anything(index: Index, place: str) -> bool:
    return any(namespace == place for group in index.snapshot.objects.values() for namespace, _ in group)


def is_suspect(index: Index, service: Ref, named: list[Edge]) -> bool:
    """A name that is a slip of another's, whose workload is there, or the only one of its callers' namespaces to lead nowhere."""
    if is_evident(index, service):
        return True
    near_by = index.services_in(service.namespace)
    if any(is_slip(service.name, item.name) for item in near_by) or named_alike(index, service):
        return True
    if any(unasked(index, edge) or any(is_abbreviated(edge, item) for item in near_by) for edge in named):
        return True
    if any(
        asked_by_variable(edge.address.name) == squeezed(item.name) and is_short_for(item.name, service.name)
        for edge in named
        for item in near_by
    ):
        return True
    places = {edge.consumer.namespace for edge in named}
    if service.namespace not in places and not _holds_anything(index, service.namespace):
        return False
    near = [edge for edge in edges(index) if edge.consumer.namespace in places and edge.address.form > Form.BARE]
    found = {edge.service for edge in near if edge.exists}
    lost = {edge.service for edge in near if edge.exists is not True}
    callers = {edge.consumer for edge in named}
    return lost == {service} and bool(found) and len(found) + len(callers) > _EVIDENTLY_WHOLE
