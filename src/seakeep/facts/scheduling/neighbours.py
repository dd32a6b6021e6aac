"""Placed pods that keep another off a node: anti-affinity, affinity, topology spread."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.facts.index import Index
from seakeep.facts.selection import matches
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import LabelSelector, Node, Pod
from seakeep.model.objects.pods import PodAffinity, PodAffinityTerm, PodSpec, TopologySpread


def anti_affinity_terms(spec: PodSpec) -> Sequence[PodAffinityTerm]:
    return _required(spec.affinity.pod_anti_affinity if spec.affinity else None)


def affinity_terms(spec: PodSpec) -> Sequence[PodAffinityTerm]:
    return _required(spec.affinity.pod_affinity if spec.affinity else None)


def _required(affinity: PodAffinity | None) -> Sequence[PodAffinityTerm]:
    return affinity.required_during_scheduling_ignored_during_execution if affinity else ()


def hard_spreads(spec: PodSpec) -> tuple[TopologySpread, ...]:
    return tuple(item for item in spec.topology_spread_constraints if item.when_unsatisfiable == "DoNotSchedule")


def placed(index: Index, namespace: str, term: PodAffinityTerm) -> tuple[Pod, ...]:
    """The pods on nodes that a term selects; without `namespaces` it means the pod's own."""
    if term.namespace_selector is not None:
        candidates: Sequence[Pod] = index.pods
    else:
        candidates = [pod for name in (term.namespaces or (namespace,)) for pod in index.pods_in(name)]
    return tuple(pod for pod in candidates if _is_placed(pod) and matches(term.label_selector, pod.labels))


def _is_placed(pod: Pod) -> bool:
    return bool(pod.spec.node_name) and not is_ended(pod)


def domains(index: Index, topology_key: str) -> dict[str, list[str]]:
    """Node names by the value of the topology label; nodes without it have no domain."""
    found: dict[str, list[str]] = {}
    for node in index.snapshot.all(Node):
        if topology_key in node.labels:
            found.setdefault(node.labels[topology_key], []).append(node.name)
    return found


def selector_text(selector: LabelSelector | None) -> str:
    if selector is None:
        return "no pod"
    parts = [f"{key}={value}" for key, value in sorted(selector.match_labels.items())]
    parts += [f"{part.key} {part.operator} {','.join(part.values)}".strip() for part in selector.match_expressions]
    return ", ".join(parts) or "every pod"
