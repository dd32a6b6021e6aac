"""Which Service somebody meant who names one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.facts.calls.calls import Call
from seakeep.facts.calls.dependencies import Edge, edges_to
from seakeep.facts.index import Index
from seakeep.facts.likeness import edit_distance, is_short_for, is_slip, near, squeezed, stem
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.address_verdicts import Misaddressed, before_change, offers
from seakeep.facts.routing.addresses import Address, resolve
from seakeep.facts.routing.operator_services import meant_by_operator
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.routing.variable_names import asked_by_variable, variable_stem
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.refs import Ref

_MIN_STEM = 3
# Ports that tell what listens there: databases, caches, queues and registries (their documentation). Others are anybody's.
_TELLING_PORTS = frozenset(
    {1433, 1521, 2181, 2379, 3306, 4222, 5432, 5672, 6379, 6650, 7687, 8123, 9042, 9092, 9200, 11211, 26257, 27017}
)


def meant_by_address(
    index: Index, edge: Edge, failed: tuple[Call, ...], *, alone: bool, backend: Ref | None
) -> Misaddressed | None:
    """`alone` tells that no other configuration names this Service, `backend` the workload that would serve it."""
    address, consumer, service = edge.address, edge.consumer, edge.service
    before = before_change(index, consumer, address)
    if before and (old := resolve(index, before[0], consumer.namespace).service) and index.snapshot.find(old):
        return _misaddressed(consumer, address, old, before[1], f"it was {before[2]} before the last change", 3, failed)
    if made := meant_by_operator(index, service):
        strength = 2 - (address.form is Form.BARE)
        return _misaddressed(consumer, address, made[0], address.port, f"made for {made[1]}", strength, failed)
    others = [item for item in index.services_in(service.namespace) if item.spec.ports or item.spec.external_name]
    twins = [
        item
        for item in others
        if stem(item.name) == stem(service.name) and not item.name.endswith(("-headless", "-hl"))
    ]
    if backend is not None and not twins and backend.name == service.name and not _has_slip(index, edge, backend):
        return None  # its workload is there: what lacks is the Service
    if not alone and not twins:
        return None
    item, why, strength = next(_candidates(index, edge, others, twins), (None, "", 0))
    if item is None:
        return None
    fits = address.port == 0 or address.implied_port or offers(item, address.port)
    port = address.port if fits else item.spec.ports[0].port if item.spec.ports else 0
    doubt = (not fits) + (address.form is Form.BARE)
    return _misaddressed(consumer, address, item.ref, port, why, strength - doubt, failed)


def _has_slip(index: Index, edge: Edge, backend: Ref) -> bool:
    """The workload has its Service, under a name that differs in a few letters (`yb-masters` of StatefulSet yb-master)."""
    return any(
        is_slip(edge.service.name, item.name) and offers(item, edge.address.port)
        for item in services_by_backend(index).get(backend, ())
    )


def is_abbreviated(edge: Edge, item: Service) -> bool:
    """`zk:2181` for the Service zookeeper, which offers that very port."""
    return is_short_for(edge.service.name, item.name) and bool(edge.address.port) and offers(item, edge.address.port)


def _candidates(
    index: Index, edge: Edge, others: list[Service], twins: list[Service]
) -> Iterator[tuple[Service, str, int]]:
    """The likeliest first, with why, and how strongly that speaks."""
    address, service = edge.address, edge.service
    slips = [item for item in others if is_slip(service.name, item.name)]
    if slips:
        likest = min(
            slips, key=lambda item: (not offers(item, address.port), edit_distance(service.name, item.name), item.name)
        )
        yield likest, "its name differs in a few letters", 3
    if twins:
        yield twins[0], "a Service of that name with another ending exists", 2
    elsewhere = [
        item
        for item in index.snapshot.all(Service)
        if item.name == service.name and item.namespace != service.namespace
    ]
    if len(elsewhere) == 1:
        yield elsewhere[0], "a Service of that name exists in another namespace", 2
    variable = squeezed(variable_stem(address.name))
    if len(variable) < _MIN_STEM or variable != squeezed(stem(service.name)):
        asked = asked_by_variable(address.name)
        words = {variable, variable.removesuffix("service"), f"{variable}service"}
        by_variable = [
            item
            for item in others
            if (len(variable) >= _MIN_STEM and squeezed(stem(item.name)) in words) or squeezed(item.name) == asked
        ]
        if len(by_variable) == 1:
            yield by_variable[0], f"variable {address.name} asks for it", 2
        for item in others:
            if near(service.name, item.name) and offers(item, address.port):
                yield item, "its name is nearly the same", 1
    for item in others:
        if is_abbreviated(edge, item):
            yield item, "its name is short for that one's, which offers this port", 2
    for item in unasked(index, edge):
        yield item, "the only one that offers this port, and nobody asks for it", 2


def unasked(index: Index, edge: Edge) -> list[Service]:
    """The only Service of the namespace that offers the port which is asked for at a name that does not exist, where its own name begins alike and no configuration names it."""
    port = edge.address.port
    if port not in _TELLING_PORTS:
        return []
    fitting = [item for item in index.services_in(edge.service.namespace) if offers(item, port)]
    first = edge.service.name.split("-")[0]
    if len(fitting) != 1 or fitting[0].name.split("-")[0] != first or edges_to(index, fitting[0].ref):
        return []
    return fitting


def meant_by_call(index: Index, service: Ref, call: Call) -> Misaddressed | None:
    """A look-up whose source was not seen (a Secret, say), of a name nearly like a Service's."""
    slips = [item for item in index.services_in(service.namespace) if is_slip(service.name, item.name)]
    if len(slips) != 1 or call.workload.kind == "Node":
        return None
    why = "its name differs in a few letters"
    return Misaddressed(
        call.workload, None, call.host, call.port, slips[0].ref, call.port, "host", why, 2, (call,), (call.evidence,)
    )


def _misaddressed(
    consumer: Ref, address: Address, meant: Ref, port: int, why: str, strength: int, failed: Iterable[Call]
) -> Misaddressed:
    own = tuple(call for call in failed if call.workload == consumer)
    evidence = (Evidence(address.at, address.path, address.text[:300]),)
    return Misaddressed(
        consumer, address, address.host, address.port, meant, port, "host", why, strength, own, evidence
    )
