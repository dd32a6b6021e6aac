"""NetworkPolicies that keep workloads from looking up names: no rule admits port 53 to the cluster's DNS."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.dns.dns_lookups import (
    DnsFault,
    Lookup,
    is_address,
    lookups,
    lookups_by_workload,
    resolvers,
)
from seakeep.facts.dns.dns_service import PORT, dns_parties
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.once import once
from seakeep.facts.policies.network import Barrier, barriers, policies
from seakeep.facts.policies.parties import Destination, behind, of_origin, of_template, outside
from seakeep.facts.policies.policy_enforcement import are_enforced
from seakeep.facts.policies.policy_rules import Party, rules_of
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.addresses import Address, addresses, resolve
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.templates import known_templates, template_of
from seakeep.model.cause import Evidence
from seakeep.model.refs import Ref


@once
def policy_faults(index: Index) -> tuple[DnsFault, ...]:
    """By policy. Where look-ups fail, or where all that a workload needs is admitted but the look-up; a policy that bars the destinations too is another cause."""
    found: dict[Ref, list[tuple[Barrier, Ref, tuple[Lookup, ...], list[Address]]]] = {}
    for consumer, barrier, failed in _barred(index):
        named = list(_reachable_names(index, consumer))
        if failed or named or _is_for_names(index, consumer, barrier):
            found.setdefault(barrier.policy.ref, []).append((barrier, consumer, failed, named))
    return tuple(_of_policy(found[ref]) for ref in sorted(found))


@once
def _barred(index: Index) -> tuple[tuple[Ref, Barrier, tuple[Lookup, ...]], ...]:
    """Workloads, and callers that were only seen to call, with the policy that keeps them from the DNS servers."""
    if not policies(index):
        return ()
    whole = index.snapshot.intent_only  # a template without labels has none
    parties: dict[Ref, Party] = {
        item.ref: of_template(item) for item in known_templates(index) if item.labels_known or (whole and item.full)
    }
    for item in lookups(index):
        party = of_origin(index, item.call.origin)
        if party:
            parties.setdefault(item.call.workload, party)
    found = []
    for consumer, party in sorted(parties.items()):
        if consumer in resolvers(index):
            continue
        failed = tuple(item for item in lookups_by_workload(index).get(consumer, ()) if item.call.host)
        for target, port in dns_parties(index):
            for barrier in barriers(index, party, target, port, "UDP")[:1]:
                if are_enforced(index):
                    found.append((consumer, barrier, failed))
    return tuple(found)


@once
def cannot_resolve(index: Index) -> frozenset[tuple[Ref, Ref]]:
    """(Workload, policy) where the policy bars DNS and look-ups were seen to fail."""
    return frozenset((consumer, barrier.policy.ref) for consumer, barrier, failed in _barred(index) if failed)


def bars_lookups(index: Index, consumer: Ref) -> bool:
    """Policies on the workload itself keep it from the DNS servers."""
    return any(who == consumer and barrier.direction == "Egress" for who, barrier, _ in _barred(index))


def _is_for_names(index: Index, consumer: Ref, barrier: Barrier) -> bool:
    """The policy opens the way to other pods, which nobody calls by address; what the workload calls was not seen (a Secret holds it, say)."""
    rules = rules_of(barrier.policy, "Egress")
    pods = any(peer.pod_selector or peer.namespace_selector for rule in rules for peer in rule.peers)
    return barrier.direction == "Egress" and pods and not addresses(index).get(consumer)


def _reachable_names(index: Index, consumer: Ref) -> Iterator[Address]:
    template = template_of(index, consumer)
    if template is None:
        return
    source = of_template(template)
    for address in addresses(index).get(consumer, ()):
        if is_address(address.host) or address.form is Form.BARE:
            continue
        ways = _ways(index, consumer, address)
        if ways and not any(barriers(index, source, way.party, way.port, way.protocol) for way in ways):
            yield address


def _ways(index: Index, consumer: Ref, address: Address) -> list[Destination]:
    """Of a Service that manifests leave out: to some pods of its namespace."""
    service, port = resolve(index, address.host, consumer.namespace).service, address.port
    if service is None:
        return [way for way in [outside(address.host, port)] if way.party.labels_known]
    if index.snapshot.intent_only and index.snapshot.find(service) is None:
        some = Party(service.namespace, {}, labels_known=False)
        return [Destination(service, None, some, port, port, "TCP", None)]
    return list(behind(index, service, port))


def _of_policy(group: list[tuple[Barrier, Ref, tuple[Lookup, ...], list[Address]]]) -> DnsFault:
    policy, direction = group[0][0].policy, group[0][0].direction
    failed = tuple(item for _, _, part, _ in group for item in part)
    users = ", ".join(f"{ref.kind} {ref.name}" for _, ref, _, _ in group[:3])
    named = [address for _, _, _, part in group for address in part]
    side = "no egress to the cluster's DNS" if direction == "Egress" else "no ingress to the cluster's DNS"
    evidence = (
        *(item.call.evidence for item in failed[:4]),
        *(Evidence(item.at, item.path, item.text[:300]) for item in named[:2]),
        Evidence(policy.ref, f"spec.{direction.lower()}", f"no rule fits UDP port {PORT}"),
    )
    return DnsFault(
        policy.ref,
        f"NetworkPolicy {policy.name} admits {side} from {users}: names cannot be looked up",
        f"Admit UDP and TCP port {PORT} {'to' if direction == 'Egress' else 'from the callers to'} the DNS pods in NetworkPolicy {policy.name}.",
        CERTAIN if failed else FAIR if named else WEAK,
        evidence,
        failed,
        tuple(ref for _, ref, _, _ in group),
        ""
        if failed or named
        else f"kubectl exec -n {quote(policy.namespace)} {quote(group[0][1].kind.lower())}/{quote(group[0][1].name)} -- nslookup kubernetes.default",
    )
