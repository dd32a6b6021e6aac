"""Addresses of Services that do not exist: is the name wrong, or does the Service lack?"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.calls.dependencies import Edge, edges, edges_to
from seakeep.facts.index import Index
from seakeep.facts.likeness import edit_distance, is_short_for, is_slip, near, same_name, squeezed, stem
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.address_verdicts import Misaddressed, MissingService, before_change, offers
from seakeep.facts.routing.addresses import Address, resolve
from seakeep.facts.routing.operator_services import meant_by_operator
from seakeep.facts.workloads.templates import known_templates, template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service, StatefulSet
from seakeep.model.refs import Ref

_MIN_STEM = 3
# So many addresses that lead somewhere, and callers that agree on the other, make a set of manifests look whole.
_EVIDENTLY_WHOLE = 2
# Ports that tell what listens there: databases, caches, queues and registries (their documentation). Others are anybody's.
_TELLING_PORTS = frozenset(
    {1433, 1521, 2181, 2379, 3306, 4222, 5432, 5672, 6379, 6650, 7687, 8123, 9042, 9092, 9200, 11211, 26257, 27017}
)


def judge_hosts(index: Index) -> tuple[list[Misaddressed], list[MissingService]]:
    wrong: list[Misaddressed] = []
    missing: list[MissingService] = []
    absent: dict[Ref, list[Edge]] = {}
    for edge in edges(index):
        if edge.exists is not True:
            absent.setdefault(edge.service, []).append(edge)
    lookups: dict[Ref, list[Call]] = {}
    for call in calls(index):
        if call.service and call.failed and index.snapshot.find(call.service) is None:
            lookups.setdefault(call.service, []).append(call)
    for service in sorted({*absent, *lookups}):
        named = absent.get(service, [])
        known = index.snapshot.is_absent(service)
        # Of a name that is known to be nobody's, whoever got no answer asked in vain; an answer of any sort was another's.
        telling = {"dns-failure", "waiting", *({"unavailable", "timeout", "failed"} if known else ())}
        failed = tuple(call for call in lookups.get(service, ()) if call.outcome in telling)
        if not known and not any(call.outcome == "dns-failure" for call in failed):
            continue
        if not failed and _names_pod(index, service):
            continue
        if index.snapshot.intent_only and not _is_suspect(index, service, named):
            continue
        _judge_host(index, service, named, failed, known, wrong, missing)
    return wrong, missing


def _names_pod(index: Index, service: Ref) -> bool:
    """A StatefulSet's pod by its own name: more often how its members know each other (`cluster.initial_master_nodes`) than an address."""
    base, _, ordinal = service.name.rpartition("-")
    return ordinal.isdecimal() and index.snapshot.get(StatefulSet, service.namespace, base) is not None


def _is_suspect(index: Index, service: Ref, named: list[Edge]) -> bool:
    """Of manifests, which may leave a Service to Helm, an operator or another repository: one whose name is a slip of another's, whose workload is there,
    or the only one of its callers' namespaces to lead nowhere.
    """
    if any(is_slip(service.name, item.name) for item in index.services_in(service.namespace)) or _backend_named(
        index, service
    ):
        return True
    if any(_unasked(index, edge) for edge in named) or meant_by_operator(index, service):
        return True
    near_by = index.services_in(service.namespace)
    if any(
        _asked_by_variable(edge.address.name) == squeezed(item.name) and is_short_for(item.name, service.name)
        for edge in named
        for item in near_by
    ):
        return True
    places = {edge.consumer.namespace for edge in named}
    near = [edge for edge in edges(index) if edge.consumer.namespace in places and edge.address.form > Form.BARE]
    found = {edge.service for edge in near if edge.exists}
    lost = {edge.service for edge in near if edge.exists is not True}
    callers = {edge.consumer for edge in named}
    return lost == {service} and bool(found) and len(found) + len(callers) > _EVIDENTLY_WHOLE


def _judge_host(
    index: Index,
    service: Ref,
    named: list[Edge],
    failed: tuple[Call, ...],
    known: bool,
    wrong_found: list[Misaddressed],
    missing: list[MissingService],
) -> None:
    sources = {edge.address.at for edge in named}
    governed = _governed(index, service)
    backend = governed or _backend_named(index, service)
    strong = [edge for edge in named if edge.address.form > Form.BARE or failed or backend]
    wrong: list[Misaddressed] = []
    for edge in () if governed else named:
        verdict = _wrong_host(index, edge, failed, alone=len(sources) == 1, backend=backend)
        if verdict and verdict.consumer not in {item.consumer for item in wrong}:
            wrong.append(verdict)
    if not named and failed and known and backend is None:
        wrong = [item for call in failed[:1] if (item := _wrong_call(index, service, call))]
    if wrong:
        wrong_found.extend(wrong)
        return
    if not strong and not (failed and (known or backend)):
        return
    consumers = tuple(sorted({edge.consumer for edge in strong} | {call.workload for call in failed}))
    waits = any(edge.address.waits and _is_stuck(index, edge.consumer) for edge in strong)
    missing.append(
        MissingService(
            service,
            consumers,
            backend,
            tuple(edge.address for edge in strong),
            failed,
            bool(failed) or waits,
            known,
            waits,
        )
    )


def _is_stuck(index: Index, consumer: Ref) -> bool:
    template = template_of(index, consumer)
    return template is not None and bool(template.pods) and not template.ready


def _governed(index: Index, service: Ref) -> Ref | None:
    """The StatefulSet that names the Service as its own: then that is meant, whatever else is called alike."""
    sets = (item for item in index.snapshot.all(StatefulSet) if item.namespace == service.namespace)
    return next((item.ref for item in sets if item.spec.service_name == service.name), None)


def _backend_named(index: Index, service: Ref) -> Ref | None:
    """A workload of the Service's name that no other Service of a like name serves."""
    exact = [
        item.ref
        for item in known_templates(index)
        if item.lasting and item.ref.namespace == service.namespace and same_name(item.ref.name, service.name)
    ]
    return next((ref for ref in exact if ref.name == service.name), exact[0] if exact else None)


def _wrong_host(
    index: Index, edge: Edge, failed: tuple[Call, ...], *, alone: bool, backend: Ref | None
) -> Misaddressed | None:
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
    if backend is not None and not twins and backend.name == service.name:
        return None  # its workload is there: what lacks is the Service
    if not alone and not twins:
        return None
    variable = squeezed(_variable_stem(address.name))
    agrees = len(variable) >= _MIN_STEM and variable == squeezed(stem(service.name))
    by_variable = [
        item
        for item in others
        if (len(variable) >= _MIN_STEM and squeezed(stem(item.name)) in _words(variable))
        or squeezed(item.name) == _asked_by_variable(address.name)
    ]
    elsewhere = [
        item
        for item in index.snapshot.all(Service)
        if item.name == service.name and item.namespace != service.namespace
    ]
    slips = [item for item in others if is_slip(service.name, item.name)]
    if len(slips) > 1:
        slips = sorted(
            slips, key=lambda item: (not offers(item, address.port), edit_distance(service.name, item.name), item.name)
        )
    for group, why, strength in (
        (slips[:1], "its name differs in a few letters", 3),
        (twins[:1], "a Service of that name with another ending exists", 2),
        (elsewhere if len(elsewhere) == 1 else [], "a Service of that name exists in another namespace", 2),
        (by_variable if len(by_variable) == 1 and not agrees else [], f"variable {address.name} asks for it", 2),
        (
            [item for item in others if near(service.name, item.name) and offers(item, address.port)][:1]
            if not agrees
            else [],
            "its name is nearly the same",
            1,
        ),
        (_unasked(index, edge), "the only one that offers this port, and nobody asks for it", 2),
    ):
        if group:
            item = group[0]
            fits = address.port == 0 or address.implied_port or offers(item, address.port)
            port = address.port if fits else item.spec.ports[0].port if item.spec.ports else 0
            doubt = (not fits) + (address.form is Form.BARE)
            return _misaddressed(consumer, address, item.ref, port, why, strength - doubt, failed)
    return None


def _unasked(index: Index, edge: Edge) -> list[Service]:
    """The only Service of the namespace that offers the port which is asked for at a name that does not exist, where its own name begins alike and no configuration names it."""
    port = edge.address.port
    if port not in _TELLING_PORTS:
        return []
    fitting = [item for item in index.services_in(edge.service.namespace) if offers(item, port)]
    first = edge.service.name.split("-")[0]
    if len(fitting) != 1 or fitting[0].name.split("-")[0] != first or edges_to(index, fitting[0].ref):
        return []
    return fitting


def _asked_by_variable(name: str) -> str:
    """The Service that a variable asks for by its own name: `DB_HOST` → `db`; "" where the name tells none."""
    found = _variable_stem(name)
    return squeezed(found) if found != name and len(found) > 1 else ""


def _variable_stem(name: str) -> str:
    """`PRODUCT_CATALOG_SERVICE_ADDR` → `PRODUCT_CATALOG_SERVICE`."""
    parts = name.replace("-", "_").replace(".", "_").split("_")
    while len(parts) > 1 and parts[-1].lower() in {
        "addr",
        "address",
        "host",
        "hostname",
        "url",
        "uri",
        "endpoint",
        "endpoints",
        "port",
        "server",
        "servers",
        "hosts",
        "svc",
    }:
        parts.pop()
    return "_".join(parts)


def _words(variable: str) -> set[str]:
    return {variable, variable.removesuffix("service"), f"{variable}service"}


def _misaddressed(
    consumer: Ref, address: Address, meant: Ref, port: int, why: str, strength: int, failed: Iterable[Call]
) -> Misaddressed:
    own = tuple(call for call in failed if call.workload == consumer)
    evidence = (Evidence(address.at, address.path, address.text[:300]),)
    return Misaddressed(
        consumer, address, address.host, address.port, meant, port, "host", why, strength, own, evidence
    )


def _wrong_call(index: Index, service: Ref, call: Call) -> Misaddressed | None:
    """A look-up whose source was not seen (a Secret, say), of a name nearly like a Service's."""
    slips = [item for item in index.services_in(service.namespace) if is_slip(service.name, item.name)]
    if len(slips) != 1 or call.workload.kind == "Node":
        return None
    why = "its name differs in a few letters"
    return Misaddressed(
        call.workload, None, call.host, call.port, slips[0].ref, call.port, "host", why, 2, (call,), (call.evidence,)
    )
