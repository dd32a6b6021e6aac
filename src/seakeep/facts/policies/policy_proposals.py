"""NetworkPolicies for a namespace that has none: who may connect to its pods, derived from who does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.inbound import (
    gateways,
    inbound,
    is_made_by_operator,
    operators,
    parties_of,
    routes_unread,
    scrapers,
)
from seakeep.facts.policies.network import selecting, selects
from seakeep.facts.policies.parties import of_template
from seakeep.facts.policies.policy_doubts import addresses_in_secrets, astray_to, newly_barred
from seakeep.facts.policies.policy_match import NAME_LABEL
from seakeep.facts.proposing import free_name, selector_of
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.objects import NetworkPolicy
from seakeep.model.refs import Ref

Policies = dict[str, dict[str, Any]]


class UnknownError(Exception):
    """What would have to be known first."""


@once
def exposed_templates(index: Index) -> dict[str, list[Template]]:
    """By namespace, what runs on the pod network."""
    found: dict[str, list[Template]] = {}
    for item in known_templates(index):
        if not item.spec.host_network:
            found.setdefault(item.ref.namespace, []).append(item)
    return found


def uncovered(index: Index, space: str) -> list[Template]:
    return [
        item for item in exposed_templates(index).get(space, ()) if not selecting(index, of_template(item), "Ingress")
    ]


def wide_open(index: Index, space: str) -> dict[str, list[Template]]:
    """Of those that a policy selects: the ones that policies, by name, let everybody reach on every port. No other policy takes that back."""
    found: dict[str, list[Template]] = {}
    for item in exposed_templates(index).get(space, ()):
        for policy in selecting(index, of_template(item), "Ingress"):
            if any(not rule.peers and not rule.ports for rule in policy.spec.ingress):
                found.setdefault(policy.name, []).append(item)
    return found


def policies_for(index: Index, space: str) -> Policies:
    """Name → spec: one for all pods of the namespace, and one for each workload that others connect to. Raises UnknownError."""
    hidden = next(addresses_in_secrets(index, space), None)
    if hidden is not None:
        raise UnknownError(f"which Service {hidden[0]} connects to ({hidden[1]} comes from a Secret)")
    astray = next(astray_to(index, space), None)
    if astray is not None:
        raise UnknownError(f"where {astray.address.host} of {astray.consumer} is to lead once it is repaired")
    bare = uncovered(index, space)
    first = [{"podSelector": {}}, *(peer_of(index, item, space) for item in _everywhere(index, space, bare))]
    found: Policies = {}
    rest = _rest(index, space)
    if rest is not None:
        found[free_name(index, "NetworkPolicy", space, "same-namespace")] = _spec(rest, [{"from": first}])
    for item in bare:
        rules = list(_rules(index, space, item.ref)) + ([{"from": first}] if rest is None else [])
        if rules:
            name = free_name(index, "NetworkPolicy", space, f"{item.ref.name}-ingress")
            found[name] = _spec(_selector(index, item), rules)
    barred = next(newly_barred(index, space, found), None)
    if barred is not None:
        raise UnknownError(f"how {barred.source or 'others'} may go on reaching {barred.to.workload} ({barred.why})")
    return found


def _spec(selector: dict[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": rules}


def _rest(index: Index, space: str) -> dict[str, Any] | None:
    """The pods that no policy is for: those that one is for keep what it admits, and no more. None where one selector cannot tell them apart."""
    excluded: dict[str, set[str]] = {}
    for item in index.snapshot.all(NetworkPolicy):
        if item.namespace == space and any(
            selects(item, of_template(each)) for each in exposed_templates(index)[space]
        ):
            selector = item.spec.pod_selector
            if len(selector.match_labels) != 1 or selector.match_expressions:
                return None
            ((key, value),) = selector.match_labels.items()
            excluded.setdefault(key, set()).add(value)
    if not excluded:
        return {}
    return {
        "matchExpressions": [
            {"key": key, "operator": "NotIn", "values": sorted(values)} for key, values in sorted(excluded.items())
        ]
    }


def _everywhere(index: Index, space: str, bare: Sequence[Template]) -> list[Template]:
    """Those of other namespaces whose targets no configuration names."""
    found = [*scrapers(index), *(gateways(index) if routes_unread(index) and index.services_in(space) else ())]
    if any(is_made_by_operator(index, item.ref) for item in bare):
        found += operators(index)
    by_ref = {item.ref: item for item in found if item.ref.namespace != space}
    return [by_ref[ref] for ref in sorted(by_ref)]


def _rules(index: Index, space: str, workload: Ref) -> Iterator[dict[str, Any]]:
    """Ports that anybody may use, then each source's own. Of a port that was not seen all are meant."""
    items = [item for item in inbound(index).get(space, ()) if item.to.workload == workload]
    anybody = [item for item, source in parties_of(index, items) if source is None or source.spec.host_network]
    public = {(item.to.port, item.to.protocol) for item in anybody}
    if any(not port for port, _ in public):
        yield {}
        return
    if public:
        yield {"ports": [{"port": port, "protocol": protocol} for port, protocol in sorted(public)]}
    by_ports: dict[tuple[tuple[int, str], ...], list[dict[str, Any]]] = {}
    wanted: dict[Ref, set[tuple[int, str]]] = {}
    known: dict[Ref, Template] = {}
    for item, source in parties_of(index, items):
        if source is not None and source.ref.namespace != space and not source.spec.host_network:
            wanted.setdefault(source.ref, set()).add((item.to.port, item.to.protocol))
            known[source.ref] = source
    for ref, ports in sorted(wanted.items()):
        every = any(not port for port, _ in ports)
        left = () if every else tuple(sorted(ports - public))
        if every or left:
            by_ports.setdefault(left, []).append(peer_of(index, known[ref], space))
    for chosen, peers in sorted(by_ports.items()):
        rule: dict[str, Any] = {"from": peers}
        if chosen:
            rule["ports"] = [{"port": port, "protocol": protocol} for port, protocol in chosen]
        yield rule


def _selector(index: Index, item: Template) -> dict[str, Any]:
    found = selector_of(index, item.ref)
    if found is None and item.labels_known and item.labels and item.ref.kind in {"Pod", "Job", "CronJob"}:
        found = {
            "matchLabels": {key: value for key, value in item.labels.items() if not key.endswith("controller-uid")}
        }
    if found is None:
        raise UnknownError(f"which labels the pods of {item.ref} and no others carry")
    return found


def peer_of(index: Index, item: Template, space: str) -> dict[str, Any]:
    """The source's pods, with their namespace by its name."""
    if item.spec.host_network:
        raise UnknownError(f"from which addresses {item.ref} connects (it uses its nodes')")
    found: dict[str, Any] = {"podSelector": _selector(index, item)}
    if item.ref.namespace != space:
        found["namespaceSelector"] = {"matchLabels": {NAME_LABEL: item.ref.namespace}}
    return found
