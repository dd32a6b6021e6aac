"""The workload that would serve a Service that does not exist."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.likeness import same_name
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.objects import StatefulSet
from seakeep.model.refs import Ref


def governed(index: Index, service: Ref) -> Ref | None:
    """The StatefulSet that names the Service as its own: then that is meant, whatever else is called alike."""
    sets = (item for item in index.snapshot.all(StatefulSet) if item.namespace == service.namespace)
    return next((item.ref for item in sets if item.spec.service_name == service.name), None)


def named_alike(index: Index, service: Ref) -> Ref | None:
    """A workload of the Service's name that no other Service of a like name serves."""
    exact = [
        item.ref
        for item in known_templates(index)
        if item.lasting and item.ref.namespace == service.namespace and same_name(item.ref.name, service.name)
    ]
    return next((ref for ref in exact if ref.name == service.name), exact[0] if exact else None)
