"""Services of manifests that lead to a declared port, where the server behind it is told to listen elsewhere and no probe would show it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import probes_of
from seakeep.facts.probes.told_ports import Told, told_elsewhere
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.routing.service_ports import number_of, target_of
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import Service


class UnheardService(Struct, frozen=True):
    service: Service
    port: int
    target: int
    template: Template
    container: str
    told: Told


def unheard_services(index: Index) -> Iterator[UnheardService]:
    """Once per Service. Its pods are one workload's: of several one may answer."""
    for service in index.snapshot.all(Service) if index.snapshot.intent_only else ():
        templates = backends_of(index, service)
        if len(templates) == 1 and templates[0].spec_known and templates[0].lasting:
            found = next(_of(index, service, templates[0]), None)
            if found:
                yield found


def _of(index: Index, service: Service, template: Template) -> Iterator[UnheardService]:
    for port in service.spec.ports:
        target = target_of(index, service, port)
        number = number_of(template, target) if target is not None else 0
        for container in template.spec.containers:
            told = None if probes_of(container) else told_elsewhere(index, template, container, number)
            if told:
                yield UnheardService(service, port.port, number, template, container.name, told)
