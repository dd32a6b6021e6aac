"""Planned pods that none of the nodes in the same manifests could take, by the scheduler's own filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.once import once
from seakeep.facts.scheduling.neighbours import affinity_terms, anti_affinity_terms, selector_text
from seakeep.facts.scheduling.node_labels import as_text, near_misses
from seakeep.facts.scheduling.placement import (
    amounts,
    is_cordoned,
    matches_node_affinity,
    matches_node_selector_map,
    nodes_seen,
    requests_of,
    untolerated,
)
from seakeep.facts.scheduling.scheduling import amount_text
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.facts.selection import matches
from seakeep.facts.workloads.planned import planned, same_place
from seakeep.facts.workloads.templates import Template
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import Node
from seakeep.model.objects.base import Requirement
from seakeep.model.objects.pods import PodAffinityTerm

_SHORT = {"cpu": Refusal.CPU, "memory": Refusal.MEMORY}


class Unplaceable(Struct, frozen=True):
    """`path` is the field to blame, `text` what it says, `why` what stands against it."""

    template: Template
    refusal: Refusal
    path: str
    text: str
    why: str
    confidence: float = PROVEN


@once
def unplaceable(index: Index) -> tuple[Unplaceable, ...]:
    """One per workload and reason. Without nodes among the manifests only affinity to other pods can be judged."""
    found: list[Unplaceable] = []
    for item in planned(index):
        if nodes_seen(index) and not item.spec.node_name and (reason := _refused(index, item)):
            found.append(reason)
        found += _lonely(index, item)
        found += _torn(item)
    return tuple(found)


def _refused(index: Index, item: Template) -> Unplaceable | None:
    """The first filter after which no node is left."""
    spec = item.spec
    nodes = [node for node in nodes_seen(index) if not is_cordoned(node)]
    if spec.node_selector and not any(matches_node_selector_map(spec, node) for node in nodes):
        text = as_text(spec.node_selector)
        return Unplaceable(
            item, Refusal.SELECTOR, "nodeSelector", text, f"no node matches it{near_misses(index, spec.node_selector)}"
        )
    nodes = [node for node in nodes if matches_node_selector_map(spec, node)]
    if nodes and not any(matches_node_affinity(spec, node) for node in nodes):
        return Unplaceable(
            item, Refusal.NODE_AFFINITY, "affinity.nodeAffinity", "required terms", "no node matches them"
        )
    nodes = [node for node in nodes if matches_node_affinity(spec, node)]
    kept_off = sorted({f"{taint.key}:{taint.effect}" for node in nodes for taint in untolerated(spec, node)})
    nodes = [node for node in nodes if not untolerated(spec, node)]
    if kept_off and not nodes:
        return Unplaceable(
            item,
            Refusal.TAINT,
            "tolerations",
            "none fits",
            f"every node has a taint that it does not tolerate ({', '.join(kept_off[:3])})",
        )
    for resource, wanted in sorted(requests_of(spec).items()):
        most = max(
            (amounts(node.status.allocatable or node.status.capacity).get(resource, 0) for node in nodes), default=0
        )
        if resource in _SHORT and nodes and 0 < most < wanted:
            return Unplaceable(
                item,
                _SHORT[resource],
                f"containers[].resources.requests[{resource}]",
                amount_text(resource, wanted),
                f"the largest node offers {amount_text(resource, most)}",
            )
    return _crowded(item, nodes)


def _crowded(item: Template, nodes: Sequence[Node]) -> Unplaceable | None:
    """More replicas than nodes (or zones) under a required anti-affinity among themselves."""
    for term in anti_affinity_terms(item.spec):
        places = {node.labels[term.topology_key] for node in nodes if term.topology_key in node.labels}
        if _meets(term, item, item) and 0 < len(places) < (item.wanted or 0):
            return Unplaceable(
                item,
                Refusal.ANTI_AFFINITY,
                "affinity.podAntiAffinity",
                f"{selector_text(term.label_selector)} per {term.topology_key}",
                f"{item.wanted} replicas may not share one, and there are {len(places)}",
                LIKELY,
            )
    return None


def _torn(item: Template) -> Iterator[Unplaceable]:
    """A node selector that every term of the required node affinity excludes, or terms that exclude what they ask for: no node of any cluster is both."""
    affinity = item.spec.affinity.node_affinity if item.spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    terms = required.node_selector_terms if required else ()
    excluded = [_excluded(term.match_expressions, item.spec.node_selector) for term in terms]
    within = [_contradicted(term.match_expressions) for term in terms]
    if terms and all(one or two for one, two in zip(excluded, within, strict=True)):
        asked = next(filter(None, excluded), "")
        why = (
            f"nodeSelector asks for {asked}, which its terms exclude"
            if asked
            else f"what a term asks of label {within[0]} excludes itself"
        )
        yield Unplaceable(item, Refusal.NODE_AFFINITY, "affinity.nodeAffinity", "required terms", why)


def _contradicted(parts: Sequence[Requirement]) -> str:
    """The label of which the expressions of one term leave no value."""
    for key in dict.fromkeys(part.key for part in parts):
        mine = [part for part in parts if part.key == key]
        wanted = [frozenset(part.values) for part in mine if part.operator == "In"]
        barred = {value for part in mine if part.operator == "NotIn" for value in part.values}
        present = bool(wanted) or any(part.operator in {"Exists", "Gt", "Lt"} for part in mine)
        if present and any(part.operator == "DoesNotExist" for part in mine):
            return key
        if wanted and not frozenset.intersection(*wanted) - barred:
            return key
    return ""


def _excluded(parts: Sequence[Requirement], selector: Mapping[str, str]) -> str:
    for part in parts:
        value = selector.get(part.key)
        if value is not None and (
            (part.operator == "In" and value not in part.values)
            or (part.operator == "NotIn" and value in part.values)
            or part.operator == "DoesNotExist"
        ):
            return f"{part.key}={value}"
    return ""


def _lonely(index: Index, item: Template) -> Iterator[Unplaceable]:
    """Required affinity to pods that no manifest makes, the workload's own included."""
    for term in affinity_terms(item.spec):
        if not any(_meets(term, item, other) for other in planned(index)):
            wanted = dict(term.label_selector.match_labels) if term.label_selector else {}
            slip = any(
                is_slip(value, other.labels.get(key, "")) for key, value in wanted.items() for other in planned(index)
            )
            yield Unplaceable(
                item,
                Refusal.AFFINITY,
                "affinity.podAffinity",
                selector_text(term.label_selector),
                "no workload among the manifests makes such pods",
                LIKELY if slip else POSSIBLE,
            )
            return


def _meets(term: PodAffinityTerm, item: Template, other: Template) -> bool:
    here = term.namespaces or (item.ref.namespace,)
    there = term.namespace_selector is not None or any(same_place(other.ref.namespace, name) for name in here)
    return there and matches(term.label_selector, other.labels)


def planned_place_causes(index: Index, refusal: Refusal, cause: str) -> Iterator[Candidate]:
    for item in unplaceable(index):
        if item.refusal is refusal:
            ref = item.template.ref
            yield Candidate(
                id=cause,
                object=ref,
                summary=f"{item.path} of {ref.kind} {ref.name} ({item.text}): {item.why}",
                evidence=(Evidence(item.template.item.ref, f"{item.template.path}.{item.path}", item.text),),
                affects=(ref,),
                repair=Repair(f"Change {item.path} of {ref.kind} {ref.name}, or provide what it asks for."),
                confidence=item.confidence,
                settled_by="" if item.confidence >= LIKELY else "Ask whether what it wants runs elsewhere",
            )
