"""Connections that somebody makes, or has configured, and that NetworkPolicies bar."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.calls.calls import LOST, Call, calls
from seakeep.facts.calls.dependencies import edges
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.network import Barrier, barriers, unread_policies
from seakeep.facts.policies.network import selects as selected_by
from seakeep.facts.policies.parties import (
    Destination,
    behind,
    of_called_pod,
    of_origin,
    of_template,
    of_workload,
    outside,
)
from seakeep.facts.policies.policy_enforcement import are_enforced, is_pierced
from seakeep.facts.policies.policy_rules import Party
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.addresses import resolve
from seakeep.facts.workloads.templates import Template, known_templates, template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Ingress, NetworkPolicy, Service, Workload
from seakeep.model.objects.network import IngressServiceBackend
from seakeep.model.refs import Ref

# What a dropped packet looks like from afar: logs often say only that the other end is not available yet.
_VAGUE = frozenset({"waiting", "unavailable", "failed"})
# What the charts of ingress controllers call their pods.
_CONTROLLERS = frozenset(
    {
        "ingress-nginx",
        "nginx-ingress",
        "traefik",
        "contour",
        "envoy",
        "kong",
        "haproxy-ingress",
        "kubernetes-ingress",
        "emissary-ingress",
    }
)
# Nobody listened, which only who was reached can say: no packet was dropped.
_ANSWERS = frozenset({"refused", "reset"})


class Block(Struct, frozen=True):
    """`consumer` is barred from `to` by `barrier`. `calls` were seen to fail so; `told` is the configuration that names the target, `firm` where that is an address beyond doubt. `unread` are further policies on the same pods whose rules were not seen; `pierced` where something that the policy bars was seen to work."""

    consumer: Ref
    host: str
    to: Destination
    barrier: Barrier
    calls: tuple[Call, ...]
    told: Evidence | None
    firm: bool
    unread: tuple[NetworkPolicy, ...]
    pierced: bool

    @property
    def lost(self) -> bool:
        """A call got no answer at all, which is what a drop looks like."""
        return any(call.outcome in LOST for call in self.calls)


@once
def blocks(index: Index) -> tuple[Block, ...]:
    """Those that were seen to fail first; each consumer, target and policy once."""
    if not index.snapshot.objects.get("NetworkPolicy") or not are_enforced(index):
        return ()
    found: dict[tuple[Ref, Ref | str, Ref], Block] = {}
    for block in (*_called(index), *_configured(index), *_routed(index)):
        key = (block.consumer, block.to.ref or block.host, block.barrier.policy.ref)
        known = found.get(key)
        if known is None:
            found[key] = block
        else:
            calls_of_both = tuple(dict.fromkeys((*known.calls, *block.calls)))
            firm = known.firm or block.firm
            found[key] = replace(known, calls=calls_of_both, told=known.told or block.told, firm=firm)
    return tuple(found.values())


def _called(index: Index) -> Iterator[Block]:
    for call in calls(index):
        if not call.failed or (call.outcome not in LOST and call.outcome not in _VAGUE):
            continue
        if call.workload.kind == "Node" or call.probe in {"dns", "ping"}:
            continue
        source = of_origin(index, call.origin)
        if source is None:
            continue
        for to in destinations(index, call):
            for barrier in _first(index, source, to):
                yield _block(index, call.workload, call.host, source, to, barrier, (call,), None, firm=True)


def destinations(index: Index, call: Call) -> tuple[Destination, ...]:
    """What a call would reach."""
    if call.pod is not None:
        to = of_called_pod(index, call.pod, call.port)
        return (to,) if to else ()
    if call.service is not None:
        return tuple(behind(index, call.service, call.port))
    return (outside(call.host, call.port),) if resolve(index, call.host, call.namespace).external else ()


def _configured(index: Index) -> Iterator[Block]:
    for edge in edges(index):
        template = template_of(index, edge.consumer)
        if template is None or edge.target is None or edge.exists is not True or not template.labels_known:
            continue
        if isinstance(template.item, Workload) and template.item.spec.replicas == 0:
            continue
        if edge.consumer in edge.backends and (template.wanted or len(template.pods)) < 2:
            continue  # a pod always reaches itself
        if was_turned_away(index, edge.consumer, edge.target):
            continue
        address = edge.address
        told, firm = Evidence(address.at, address.path, address.text[:300]), address.form > Form.BARE
        for to in behind(index, edge.service, address.port):
            for source in of_workload(index, template):
                for barrier in _first(index, source, to):
                    yield _block(index, edge.consumer, address.host, source, to, barrier, (), told, firm=firm)


def _routed(index: Index) -> Iterator[Block]:
    """From the ingress controllers that were seen to the backends of Ingresses, where all of them are barred."""
    controllers = [item for item in known_templates(index) if _is_controller(item)]
    for ingress in index.snapshot.all(Ingress) if controllers else ():
        for backend in _backends(ingress):
            service = Ref("Service", ingress.namespace, backend.name)
            item = index.snapshot.get(Service, service.namespace, service.name)
            number = next((port.port for port in item.spec.ports if port.name == backend.port.name), 0) if item else 0
            told = state_evidence(ingress, "spec.rules", f"routes to Service {backend.name}")
            found = [
                [
                    _block(index, template.ref, backend.name, of_template(template), to, barrier, (), told, firm=True)
                    for to in behind(index, service, backend.port.number or number)
                    for barrier in _first(index, of_template(template), to)
                ]
                for template in controllers
                if not was_turned_away(index, template.ref, service)
            ]
            if len(found) == len(controllers) and all(found):
                yield from (block for group in found for block in group)


def _is_controller(template: Template) -> bool:
    names = {template.labels.get(key) for key in ("app.kubernetes.io/name", "app", "k8s-app")}
    return bool(names & _CONTROLLERS) and template.ref.kind != "Job" and not template.spec.host_network


def _backends(ingress: Ingress) -> Iterator[IngressServiceBackend]:
    paths = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    default = ingress.spec.default_backend
    for backend in dict.fromkeys((*([default] if default else []), *paths)):
        if backend.service is not None:
            yield backend.service


def _first(index: Index, source: Party, to: Destination) -> Iterator[Barrier]:
    """The likeliest culprit in each direction."""
    seen: set[str] = set()
    for barrier in barriers(index, source, to.party, to.port, to.protocol):
        if barrier.direction not in seen:
            seen.add(barrier.direction)
            yield barrier


def _block(
    index: Index,
    consumer: Ref,
    host: str,
    source: Party,
    to: Destination,
    barrier: Barrier,
    seen: tuple[Call, ...],
    told: Evidence | None,
    *,
    firm: bool,
) -> Block:
    owner = source if barrier.direction == "Egress" else to.party
    unread = tuple(item for item in unread_policies(index) if picks(item, owner))
    return Block(consumer, host, to, barrier, seen, told, firm, unread, is_pierced(index, barrier.policy))


def picks(policy: NetworkPolicy, party: Party) -> bool:
    """The policy is for the pod, in one direction or both."""
    return policy.namespace == party.namespace and not party.host_network and selected_by(policy, party)


def was_turned_away(index: Index, consumer: Ref, service: Ref) -> bool:
    """A check from the consumer was turned away there."""
    return (consumer, service) in _turned_away(index)


@once
def _turned_away(index: Index) -> frozenset[tuple[Ref, Ref | None]]:
    return frozenset(
        (call.workload, call.service) for call in calls(index) if call.probe != "log" and call.outcome in _ANSWERS
    )
