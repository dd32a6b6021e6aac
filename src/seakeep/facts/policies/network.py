"""Whether NetworkPolicies let one pod reach another, and if not, which policy is to blame (networking.k8s.io/v1 semantics).

Policies only add: a pod that any policy isolates in a direction is reached (or reaches out) where at least one of them has a rule that fits. So where none fits, all of them bar the way together. To blame is
the one in which the least is wrong: a rule that was meant for this connection and has a slip; else the one that was changed lately; else one with a rule for this port or for other peers; else default deny.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.policy_match import isolates
from seakeep.facts.policies.policy_nearness import Closeness, nearly_selects, nearness
from seakeep.facts.policies.policy_rules import Party, admits
from seakeep.facts.selection import matches
from seakeep.facts.workloads.change import last_change
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.objects import NetworkPolicy
from seakeep.model.snapshot import Depth

_LATELY = timedelta(hours=1)


class Barrier(Struct, frozen=True):
    """`policy` bars the connection in `direction` (Ingress or Egress). `nearly` is what does not fit of the rule or selector that comes nearest ("" where none does), see `policy_nearness`; `closeness` how near."""

    policy: NetworkPolicy
    direction: str
    nearly: str
    closeness: Closeness


@once
def policies(index: Index) -> Mapping[str, tuple[NetworkPolicy, ...]]:
    """By namespace, those whose rules were seen (a table shows only the pod selector)."""
    found: dict[str, list[NetworkPolicy]] = {}
    for item in index.snapshot.all(NetworkPolicy):
        if index.snapshot.depth(item.ref) >= Depth.DESCRIBED or _has_rules(item):
            found.setdefault(item.namespace, []).append(item)
    return {namespace: tuple(items) for namespace, items in found.items()}


def _has_rules(item: NetworkPolicy) -> bool:
    return bool(item.spec.policy_types or item.spec.ingress or item.spec.egress)


def selecting(index: Index, party: Party, direction: str) -> tuple[NetworkPolicy, ...]:
    """The policies that isolate the pod in one direction. Pods on the host's network are beyond policies; of a pod whose labels were not seen only those for all pods are known."""
    if party.host_network or not party.namespace:
        return ()
    known, key = _selecting(index), (direction, _alike(party))
    if key not in known:
        known[key] = tuple(
            item
            for item in policies(index).get(party.namespace, ())
            if isolates(item, direction) and selects(item, party)
        )
    return known[key]


def _alike(party: Party) -> tuple[object, ...]:
    """Equal for pods that selectors cannot tell apart."""
    return party.namespace, party.labels_known, frozenset(party.labels.items())


@once
def _selecting(index: Index) -> dict[object, tuple[NetworkPolicy, ...]]:
    """By direction and pod, filled as pods are asked about: there are thousands of connections between pods of a few kinds."""
    del index
    return {}


def selects(policy: NetworkPolicy, party: Party) -> bool:
    selector = policy.spec.pod_selector
    if not party.labels_known:
        return not selector.match_labels and not selector.match_expressions
    return matches(selector, party.labels)


def barriers(
    index: Index, source: Party, target: Party, port: int, protocol: str = "TCP", *, strict: bool = False
) -> tuple[Barrier, ...]:
    """() where the connection is admitted, or may be (with `strict` also where only namespaces whose labels were not seen could admit it). `port` is the target pod's own, 0 for any that is admitted. The likeliest culprit comes first in each direction."""
    found: list[Barrier] = []
    for direction, owner, peer in (("Egress", source, target), ("Ingress", target, source)):
        isolating = selecting(index, owner, direction)
        if not isolating or any(
            admits(index, item, direction, peer, target, port, protocol, strict=strict) for item in isolating
        ):
            continue
        blamed = [
            Barrier(item, direction, near.what, near.closeness)
            for item in isolating
            for near in [nearness(index, item, direction, peer, target, port, protocol)]
        ]
        if all(item.closeness > Closeness.OTHER_PORT for item in blamed):
            blamed += [
                Barrier(item, direction, "selector", Closeness.SLIP)
                for item in _astray(index, owner, direction)
                if admits(index, item, direction, peer, target, port, protocol)
            ]
        found += sorted(blamed, key=lambda item: _suspicion(index, item))
    return tuple(found)


def _astray(index: Index, owner: Party, direction: str) -> Sequence[NetworkPolicy]:
    """Policies that select no workload at all, and by a misspelt label not the owner."""
    if owner.host_network or not owner.labels_known:
        return ()
    known, key = _misspelt(index), (direction, _alike(owner))
    if key not in known:
        known[key] = tuple(
            item
            for item in _idle(index).get(owner.namespace, ())
            if isolates(item, direction) and nearly_selects(item.spec.pod_selector, owner)
        )
    return known[key]


@once
def _misspelt(index: Index) -> dict[object, tuple[NetworkPolicy, ...]]:
    """As `_selecting`."""
    del index
    return {}


@once
def _idle(index: Index) -> Mapping[str, tuple[NetworkPolicy, ...]]:
    """By namespace, the policies that select no workload that was seen."""
    inhabitants: dict[str, list[Mapping[str, str]]] = {}
    for template in known_templates(index):
        inhabitants.setdefault(template.ref.namespace, []).append(template.labels)
    return {
        namespace: tuple(
            item
            for item in items
            if not any(matches(item.spec.pod_selector, labels) for labels in inhabitants.get(namespace, ()))
        )
        for namespace, items in policies(index).items()
    }


def _suspicion(index: Index, item: Barrier) -> tuple[int, int, int, str]:
    selector = item.policy.spec.pod_selector
    narrow = len(selector.match_labels) + len(selector.match_expressions)
    changed = last_change(index, item.policy.ref)
    lately = changed is not None and is_recent(index, changed, _LATELY)
    group = 0 if item.closeness <= Closeness.OTHER_PORT else 1 if lately else 2
    return (group, item.closeness, -narrow, item.policy.name)


def selects_by(policy: NetworkPolicy) -> str:
    """The policy's pods, in kubectl's words."""
    selector = policy.spec.pod_selector
    parts = [f"{key}={value}" for key, value in sorted(selector.match_labels.items())]
    parts += [f"{part.key} {part.operator} {','.join(part.values)}".strip() for part in selector.match_expressions]
    return ",".join(parts) or "every pod of the namespace"


@once
def unread_policies(index: Index) -> tuple[NetworkPolicy, ...]:
    """Known by name and selector only."""
    read = {item.ref for items in policies(index).values() for item in items}
    return tuple(item for item in index.snapshot.all(NetworkPolicy) if item.ref not in read)
