"""What stands against closing a namespace: connections that would be barred, and those of which it is not known where they lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from seakeep.facts.calls.dependencies import Edge, edges
from seakeep.facts.index import Index
from seakeep.facts.policies.inbound import Inbound, inbound, parties_of
from seakeep.facts.policies.network import selecting, selects
from seakeep.facts.policies.parties import of_template
from seakeep.facts.policies.policy_rules import Party, admits
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.objects import NetworkPolicy, Service
from seakeep.model.refs import Ref

_ADDRESSES = ("URL", "URI", "DSN", "HOST", "ENDPOINT", "ADDRESS", "BROKERS", "SERVERS")


def newly_barred(index: Index, space: str, specs: Mapping[str, Mapping[str, Any]]) -> Iterator[Inbound]:
    """Connections that are admitted today, and would not be with these policies."""
    made = [
        msgspec.convert({"metadata": {"namespace": space, "name": name}, "spec": spec}, NetworkPolicy)
        for name, spec in specs.items()
    ]
    for item, source in parties_of(index, inbound(index).get(space, ())):
        target = item.to.party
        if target.host_network or selecting(index, target, "Ingress") or (item.source is not None and source is None):
            continue
        peer = of_template(source) if source else Party("", {})
        mine = [policy for policy in made if selects(policy, target)]
        if mine and not any(
            admits(index, policy, "Ingress", peer, target, item.to.port, item.to.protocol, strict=True)
            for policy in mine
        ):
            yield item


def astray_to(index: Index, space: str) -> Iterator[Edge]:
    """Connections of other namespaces that lead nowhere today, to a port that Services here offer: a repair may point them here."""
    offered = {port.port for item in index.services_in(space) for port in item.spec.ports}
    for edge in edges(index):
        target = edge.target or edge.service
        gone = index.snapshot.get(Service, target.namespace, target.name) is None
        if gone and space not in {edge.consumer.namespace, target.namespace} and edge.address.port in offered:
            yield edge


def addresses_in_secrets(index: Index, space: str) -> Iterator[tuple[Ref, str]]:
    """Workloads of other namespaces that take an address from a Secret: it may be one here."""
    for item in known_templates(index):
        for container in item.spec.containers if item.ref.namespace != space else ():
            for each in container.env:
                if each.value_from and each.value_from.secret_key_ref and each.name.upper().endswith(_ADDRESSES):
                    yield item.ref, each.name
