"""Addresses with a port that the Service does not offer: is the address wrong, or did the Service move?"""

from __future__ import annotations

from seakeep.facts.calls.calls import calls
from seakeep.facts.calls.dependencies import Edge, edges
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.address_verdicts import DisplacedPort, Misaddressed, before_change, offers
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.routing.service_ports import mentioned, number_of, numbers_of, target_of
from seakeep.facts.workloads.drift import applied_service_ports
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.refs import Ref

# Ports that people put in front of whatever the container listens on.
_CUSTOMARY = frozenset({80, 443})


def judge_ports(index: Index) -> tuple[list[Misaddressed], list[DisplacedPort]]:
    wrong: list[Misaddressed] = []
    displaced: list[DisplacedPort] = []
    by_service: dict[Ref, list[Edge]] = {}
    for edge in edges(index):
        if edge.exists and edge.address.port and edge.target and not _calls_itself(index, edge):
            by_service.setdefault(edge.target, []).append(edge)
    for ref, named in sorted(by_service.items()):
        service = index.snapshot.get(Service, ref.namespace, ref.name)
        if service is None or not service.spec.ports or service.spec.type == "ExternalName":
            continue
        off = [edge for edge in named if not offers(service, edge.address.port) and not _reaches(index, service, edge)]
        if off:
            agree = {edge.consumer for edge in named if offers(service, edge.address.port)}
            _judge_port(index, service, off, agree, wrong, displaced)
    return wrong, displaced


def _calls_itself(index: Index, edge: Edge) -> bool:
    """Members of a Service know on what ports they listen, declared or not. Whoever gives others a URL of its own on a port that nothing else of it names means the Service."""
    if edge.consumer not in edge.backends:
        return False
    template = template_of(index, edge.consumer)
    if template is None or edge.address.form is not Form.URL or edge.address.implied_port:
        return True
    declared = numbers_of(template)
    return not declared or edge.address.port in declared or mentioned(index, template, edge.address.port)


def _reaches(index: Index, service: Service, edge: Edge) -> bool:
    """A headless Service's names lead to the pods themselves, on whatever port they listen; node addresses take node ports."""
    port = edge.address.port
    if service.spec.cluster_ip == "None":
        templates = backends_of(index, service)
        unknown = not templates or any(not item.spec_known or not numbers_of(item) for item in templates)
        # Whoever is refused there tells more than a port that was not seen.
        refused = any(
            call.failed and call.workload == edge.consumer and call.outcome == "refused" and call.port == port
            for call in calls(index)
        )
        return (unknown and not refused) or any(port in numbers_of(item) for item in templates)
    return any(item.node_port == port for item in service.spec.ports) and edge.address.host.replace(".", "").isdigit()


def _judge_port(
    index: Index,
    service: Service,
    off: list[Edge],
    agree: set[Ref],
    wrong: list[Misaddressed],
    displaced: list[DisplacedPort],
) -> None:
    offered = ", ".join(str(port.port) for port in service.spec.ports)
    recorded = {item.get("port") for item in applied_service_ports(service)}
    own = {number for item in backends_of(index, service) for number in numbers_of(item)}
    leads = {
        number_of(item, target)
        for item in backends_of(index, service)
        for port in service.spec.ports
        if (target := target_of(index, service, port)) is not None
    }
    for port in sorted({edge.address.port for edge in off}):
        group = [edge for edge in off if edge.address.port == port]
        certain = port in recorded
        changed = [
            edge
            for edge in group
            if (old := before_change(index, edge.consumer, edge.address)) and offers(service, old[1])
        ]
        explicit = [edge for edge in group if not edge.address.implied_port]
        sources = {edge.address.at for edge in explicit}
        customary = any(item.port in _CUSTOMARY for item in service.spec.ports)
        moved = (
            not agree
            and not changed
            and (
                len(sources) > 1
                or (port in own | leads and not customary and len(sources) == 1 and not _offers_own(service, own))
            )
        )
        if explicit and (certain or moved):
            users = tuple(sorted({edge.consumer for edge in explicit}))
            why = (
                f"its port was {port} when it was last applied"
                if certain
                else f"its pods serve port {port}"
                if port in own | leads
                else ""
            )
            told = [Evidence(edge.address.at, edge.address.path, edge.address.text[:300]) for edge in explicit[:3]]
            displaced.append(
                DisplacedPort(
                    service,
                    offered,
                    port,
                    users,
                    why,
                    certain or (len(sources) > 1 and port in own | leads),
                    tuple(told),
                )
            )
            continue
        for edge in {item.consumer: item for item in reversed(group)}.values():
            wrong.append(_wrong_port(index, service, edge, offered, agree, edge in changed))


def _offers_own(service: Service, own: set[int]) -> bool:
    """The Service's ports are those that its pods declare."""
    return bool(own) and all(port.port in own for port in service.spec.ports)


def _wrong_port(
    index: Index, service: Service, edge: Edge, offered: str, agree: set[Ref], changed: bool
) -> Misaddressed:
    address = edge.address
    failed = tuple(
        call for call in calls(index) if call.failed and call.workload == edge.consumer and call.service == edge.service
    )
    old = before_change(index, edge.consumer, address) if changed else None
    why = (
        f"it was {old[2]} before the last change"
        if old
        else f"{min(agree).name} uses the Service's own port"
        if agree
        else ""
    )
    strength = 0 if address.implied_port and not failed else 2 if address.form is Form.BARE else 3
    if service.spec.cluster_ip == "None":
        strength = min(strength, 1)
    evidence = (
        Evidence(address.at, address.path, address.text[:300]),
        state_evidence(service, "spec.ports[].port", offered),
    )
    return Misaddressed(
        edge.consumer,
        address,
        address.host,
        address.port,
        service.ref,
        service.spec.ports[0].port,
        "port",
        why,
        strength,
        failed,
        evidence,
    )
