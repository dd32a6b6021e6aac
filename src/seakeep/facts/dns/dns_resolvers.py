"""Workloads whose resolver settings send them past the cluster's DNS: dnsPolicy and dnsConfig against the names that they use."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from seakeep.facts.calls.dependencies import edges_of
from seakeep.facts.dns.dns_lookups import (
    DnsFault,
    Lookup,
    is_address,
    lookups_by_workload,
    must_resolve,
    resolvers,
)
from seakeep.facts.dns.dns_service import dns_service
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.once import once
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.addresses import Address, resolve
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.refs import Ref

_MIRROR = "kubernetes.io/config.mirror"


@once
def resolver_faults(index: Index) -> tuple[DnsFault, ...]:
    """DnsPolicy and dnsConfig against the names that the workload uses."""
    found = [
        fault
        for template in known_templates(index)
        if template.spec_known and not _stands_still(template)
        for fault in _of_resolver(index, template)
    ]
    named = {fault.culprit for fault in found}
    return (*found, *(fault for fault in _elsewhere(index) if fault.culprit not in named))


def _elsewhere(index: Index) -> Iterator[DnsFault]:
    """Look-ups that were seen to go to a server beyond the Services' addresses, though the pod's settings were not seen."""
    service = dns_service(index)
    for workload, group in sorted(lookups_by_workload(index).items()):
        failed = tuple(item for item in group if item.inside and item.server)
        if not failed or workload in resolvers(index):
            continue
        server = failed[0].server
        if _level_of_servers(index, (server,)) and not (service and like_services(server, service.spec.cluster_ip)):
            evidence = tuple(item.call.evidence for item in failed[:3])
            what = (
                f"{workload.kind} {workload.name} asks {server} for names of Services, which is not the cluster's DNS"
            )
            repair = f"Set dnsPolicy of {workload.kind} {workload.name} to ClusterFirst, or correct its dnsConfig."
            lookup = f"kubectl get {typed(workload)} -o yaml"
            pods = tuple(item.call.origin for item in failed)
            yield DnsFault(workload, what, repair, FAIR, evidence, failed, pods, lookup)


def like_services(address: str, cluster_ip: str) -> bool:
    """Addresses of Services share their first half (service CIDRs are a /12 to a /20 as a rule)."""
    return bool(cluster_ip) and address.split(".")[:2] == cluster_ip.split(".")[:2]


def _stands_still(template: Template) -> bool:
    return template.wanted == 0 or _MIRROR in template.item.metadata.annotations


def _of_resolver(index: Index, template: Template) -> Iterator[DnsFault]:
    named = list(_inside(index, template.ref))
    failed = tuple(item for item in lookups_by_workload(index).get(template.ref, ()) if item.call.service is not None)
    if not named and not failed:
        return
    path, spec = template.path, template.spec
    resolved = template.ref in resolvers(index)  # by a pod of an earlier revision, or because the nodes' resolver knows
    sure = WEAK if resolved else CERTAIN if failed or any(item.form > Form.BARE for item, _ in named) else FAIR
    if spec.dns_policy == "Default":
        what = "dnsPolicy Default asks the node's resolver, which knows no Services"
        repair = "Set dnsPolicy to ClusterFirst (ClusterFirstWithHostNet with hostNetwork)"
        yield _fault(template, f"{path}.dnsPolicy", "Default", what, repair, sure, named, failed)
    elif spec.dns_policy == "ClusterFirst" and spec.host_network and template.full and not resolved:
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
        return FAIR if first.is_global or _is_beyond_services(index, str(first)) else 0
    if service.spec.cluster_ip == str(first):
        return 0
    return WEAK if service.spec.cluster_ip in servers else CERTAIN if first.is_global else FAIR


def _is_beyond_services(index: Index, address: str) -> bool:
    """Where the DNS Service was not seen, the others tell where Services' addresses lie."""
    known = [item.spec.cluster_ip for item in index.snapshot.all(Service) if item.spec.cluster_ip not in {"", "None"}]
    return bool(known) and not any(like_services(address, cluster_ip) for cluster_ip in known)


def _found_by(host: str, ref: Ref, searches: tuple[str, ...]) -> bool:
    wanted = f"{ref.name}.{ref.namespace}.svc."
    return any(wanted in f"{host}.{search}." for search in (*searches, ""))


def _inside(index: Index, consumer: Ref) -> Iterator[tuple[Address, Ref]]:
    """The names of Services that the workload's configuration holds."""
    for edge in edges_of(index, consumer):
        host = edge.address.host
        written_out = ".svc" in host and edge.exists is None
        if not is_address(host) and (must_resolve(index, edge.service) or written_out):
            yield edge.address, edge.service


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
