"""Nodes that have no address left for pods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_agents import cni_troubles
from seakeep.facts.nodes.nodes import node
from seakeep.facts.nodes.sandboxes import Lack, SandboxFailure, sandbox_failures
from seakeep.model.cause import Evidence
from seakeep.model.objects import Event
from seakeep.model.refs import Ref

# aws-cni says this also while its own daemon on the node does not answer.
_VAGUE = re.compile(r"failed to assign an ip address to container", re.IGNORECASE)
_PLAIN = re.compile(r"InsufficientFreeAddresses|InsufficientCidr|no (?:more )?(?:free|available)", re.IGNORECASE)
_CIDR_REASONS = (
    "CIDRNotAvailable",
    "CIDRAssignmentFailed",
    "InsufficientFreeAddressesInSubnet",
    "InsufficientCidrBlocks",
)


class Exhausted(Struct, frozen=True):
    node: str
    pods: tuple[Ref, ...]
    sure: bool
    evidence: tuple[Evidence, ...]


def exhausted(index: Index) -> Iterator[Exhausted]:
    """Sorted by node."""
    agents = {item.node for item in cni_troubles(index)}
    failing: dict[str, list[SandboxFailure]] = {}
    for failure in sandbox_failures(index):
        vague = bool(_VAGUE.search(failure.text)) and not _PLAIN.search(failure.text)
        if (
            failure.lack is Lack.ADDRESS
            and failure.current
            and failure.node
            and not (vague and agents & {failure.node, ""})
        ):
            failing.setdefault(failure.node, []).append(failure)
    refused: dict[str, list[Event]] = {}
    for event in index.events_with(*_CIDR_REASONS):
        if event.about.kind == "Node" and _still_without(index, event):
            refused.setdefault(event.about.name, []).append(event)
    for name in sorted({*failing, *refused}):
        items, events = failing.get(name, []), refused.get(name, [])
        item = node(index, name)
        evidence = [failure.evidence for failure in items[:3]] + [event_evidence(index, event) for event in events[:2]]
        if item and item.spec.pod_cidr:
            evidence.append(state_evidence(item, "spec.podCIDR", item.spec.pod_cidr))
        sure = bool(events) or any(not _VAGUE.search(failure.text) or _PLAIN.search(failure.text) for failure in items)
        yield Exhausted(name, tuple(dict.fromkeys(failure.pod for failure in items)), sure, tuple(evidence))


def _still_without(index: Index, event: Event) -> bool:
    item = node(index, event.about.name)
    if event.reason.startswith("CIDR") and item and item.spec.pod_cidr:
        return False
    return is_recent(index, event.last_seen)
