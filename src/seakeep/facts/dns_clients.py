"""Workloads that cannot have Services' names resolved, whatever the DNS server does: their resolver settings ask elsewhere, or a NetworkPolicy keeps them from asking."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from seakeep.facts.address_text import Form
from seakeep.facts.addresses import Address, addresses, resolve
from seakeep.facts.dependencies import edges
from seakeep.facts.dns_lookups import DnsFault, Lookup, lookups, lookups_by_workload, must_resolve, resolvers
from seakeep.facts.dns_service import PORT, dns_parties, dns_service
from seakeep.facts.index import Index
from seakeep.facts.network import Barrier, barriers
from seakeep.facts.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.once import once
from seakeep.facts.parties import behind, of_origin, of_template, outside
from seakeep.facts.policy_enforcement import is_enforced
from seakeep.facts.policy_rules import Party
from seakeep.facts.templates import Template, known_templates, template_of
from seakeep.model.cause import Evidence
from seakeep.model.refs import Ref

_MIRROR = "kubernetes.io/config.mirror"


@once
def resolver_faults(index: Index) -> tuple[DnsFault, ...]:
    """DnsPolicy and dnsConfig against the names that the workload uses."""
    return tuple(
        fault
        for template in known_templates(index)
        if template.spec_known and template.ref not in resolvers(index) and not _stands_still(template)
        for fault in _of_resolver(index, template)
    )


def _stands_still(template: Template) -> bool:
    return template.wanted == 0 or _MIRROR in template.item.metadata.annotations


def _of_resolver(index: Index, template: Template) -> Iterator[DnsFault]:
    named = list(_inside(index, template.ref))
    failed = tuple(item for item in lookups_by_workload(index).get(template.ref, ()) if item.call.service is not None)
    if not named and not failed:
        return
    path, spec = template.path, template.spec
    sure = CERTAIN if failed or any(item.form > Form.BARE for item, _ in named) else FAIR
    if spec.dns_policy == "Default":
        what = "dnsPolicy Default asks the node's resolver, which knows no Services"
        repair = "Set dnsPolicy to ClusterFirst (ClusterFirstWithHostNet with hostNetwork)"
        yield _fault(template, f"{path}.dnsPolicy", "Default", what, repair, sure, named, failed)
    elif spec.dns_policy == "ClusterFirst" and spec.host_network and template.full:
        what = "with hostNetwork, dnsPolicy ClusterFirst falls back to the node's resolver, which knows no Services"
        repair = "Set dnsPolicy to ClusterFirstWithHostNet"
        level = CERTAIN if failed else min(sure, FAIR)
        yield _fault(
            template, f"{path}.dnsPolicy", "ClusterFirst, hostNetwork true", what, repair, level, named, failed
        )
    elif spec.dns_policy == "None" and spec.dns_config is not None:
        yield from _of_config(index, template, named, failed, sure)


def _of_config(
    index: Index,
    template: Template,
    named: list[tuple[Address, Ref]],
    failed: tuple[Lookup, ...],
    sure: int,
) -> Iterator[DnsFault]:
    config = template.spec.dns_config
    servers, searches = (config.nameservers, config.searches) if config else ((), ())
    path = f"{template.path}.dnsConfig"
    alien = _level_of_servers(index, servers)
    if alien and servers:
        what = f"dnsConfig asks {servers[0]}, which is not the cluster's DNS"
        service = dns_service(index)
        right = service.spec.cluster_ip if service else "the cluster's DNS"
        repair = f"Set dnsConfig.nameservers to {right}, or dnsPolicy to ClusterFirst"
        yield _fault(
            template,
            f"{path}.nameservers",
            ", ".join(servers),
            what,
            repair,
            CERTAIN if failed else min(sure, alien),
            named,
            failed,
        )
        return
    short = [(item, ref) for item, ref in named if not _found_by(item.host, ref, searches)]
    if short:
        item, ref = short[0]
        what = (
            f"dnsConfig has no search domain by which {item.host} becomes {ref.name}.{ref.namespace}.svc.cluster.local"
        )
        repair = f"Add {template.ref.namespace}.svc.cluster.local, svc.cluster.local and cluster.local to dnsConfig.searches, or use dnsPolicy ClusterFirst"
        shown = ", ".join(searches) or "none"
        yield _fault(template, f"{path}.searches", shown, what, repair, sure, short, failed)


def _level_of_servers(index: Index, servers: tuple[str, ...]) -> int:
    """How sure it is that the first of them, which is asked first, knows no Services; 0 for a cluster's own."""
    service = dns_service(index)
    try:
        first = ipaddress.ip_address(servers[0]) if servers else None
    except ValueError:
        return 0
    if first is None or first.is_link_local or index.pod_at(str(first)):  # link-local: a cache on the node
        return 0
    if resolve(index, str(first), "default").service is not None:
        return 0
    if service is None or not service.spec.cluster_ip:
        return FAIR if first.is_global else 0
    if service.spec.cluster_ip == str(first):
        return 0
    return WEAK if service.spec.cluster_ip in servers else CERTAIN if first.is_global else FAIR


def _found_by(host: str, ref: Ref, searches: tuple[str, ...]) -> bool:
    wanted = f"{ref.name}.{ref.namespace}.svc."
    return any(wanted in f"{host}.{search}." for search in (*searches, ""))


def _inside(index: Index, consumer: Ref) -> Iterator[tuple[Address, Ref]]:
    """The names of Services that the workload's configuration holds."""
    for edge in edges(index):
        host = edge.address.host
        written_out = ".svc" in host and edge.exists is None
        if edge.consumer == consumer and not _is_address(host) and (must_resolve(index, edge.service) or written_out):
            yield edge.address, edge.service


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host


def _fault(
    template: Template,
    path: str,
    value: str,
    what: str,
    repair: str,
    level: int,
    named: list[tuple[Address, Ref]],
    failed: tuple[Lookup, ...],
) -> DnsFault:
    ref = template.ref
    uses = named[0][0].host if named else failed[0].call.host
    evidence = (
        Evidence(template.item.ref, path, value),
        *(Evidence(item.at, item.path, item.text[:300]) for item, _ in named[:2]),
        *(item.call.evidence for item in failed[:3]),
    )
    pods = tuple(pod.ref for pod in template.pods)
    told = f"{ref.kind} {ref.name} cannot resolve {uses}: {what}"
    return DnsFault(ref, told, f"{repair} in {ref.kind} {ref.name}.", level, evidence, failed, pods)


@once
def policy_faults(index: Index) -> tuple[DnsFault, ...]:
    """By policy. Where look-ups fail, or where all that a workload needs is admitted but the look-up; a policy that bars the destinations too is another cause."""
    found: dict[Ref, list[tuple[Barrier, Ref, tuple[Lookup, ...], list[Address]]]] = {}
    for consumer, barrier, failed in _barred(index):
        named = list(_reachable_names(index, consumer))
        if failed or named:
            found.setdefault(barrier.policy.ref, []).append((barrier, consumer, failed, named))
    return tuple(_of_policy(found[ref]) for ref in sorted(found))


@once
def _barred(index: Index) -> tuple[tuple[Ref, Barrier, tuple[Lookup, ...]], ...]:
    """Workloads, and callers that were only seen to call, with the policy that keeps them from the DNS servers."""
    parties: dict[Ref, Party] = {item.ref: of_template(item) for item in known_templates(index) if item.labels_known}
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
                if is_enforced(index, barrier.policy):
                    found.append((consumer, barrier, failed))
    return tuple(found)


@once
def cannot_resolve(index: Index) -> frozenset[tuple[Ref, Ref]]:
    """(Workload, policy) where the policy bars DNS and look-ups were seen to fail."""
    return frozenset((consumer, barrier.policy.ref) for consumer, barrier, failed in _barred(index) if failed)


def _reachable_names(index: Index, consumer: Ref) -> Iterator[Address]:
    template = template_of(index, consumer)
    if template is None:
        return
    source = of_template(template)
    for address in addresses(index).get(consumer, ()):
        if _is_address(address.host) or address.form is Form.BARE:
            continue
        meant = resolve(index, address.host, consumer.namespace)
        ways = (
            list(behind(index, meant.service, address.port))
            if meant.service
            else [way for way in [outside(address.host, address.port)] if way.party.labels_known]
        )
        if ways and not any(barriers(index, source, way.party, way.port, way.protocol) for way in ways):
            yield address


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
        CERTAIN if failed else FAIR,
        evidence,
        failed,
        tuple(ref for _, ref, _, _ in group),
    )
