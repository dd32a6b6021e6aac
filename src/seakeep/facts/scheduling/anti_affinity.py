"""Terms by which the pods of a workload keep away from each other."""

from __future__ import annotations

from typing import Any

from seakeep.facts.proposing import selector_fields
from seakeep.facts.selection import matches
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects.pods import PodAffinityTerm


def required_terms(entry: Judged) -> tuple[PodAffinityTerm, ...]:
    anti = entry.spec.affinity.pod_anti_affinity if entry.spec.affinity else None
    return anti.required_during_scheduling_ignored_during_execution if anti else ()


def own_terms(entry: Judged) -> tuple[PodAffinityTerm, ...]:
    """Of the required ones those that select the workload's own pods."""
    return tuple(
        term
        for term in required_terms(entry)
        if matches(term.label_selector, entry.labels)
        and (not term.namespaces or entry.ref.namespace in term.namespaces or term.namespace_selector is not None)
    )


def term_fields(term: PodAffinityTerm) -> dict[str, Any]:
    """A term in its API form. An empty namespaceSelector means all namespaces, and none the pod's own."""
    found: dict[str, Any] = {"topologyKey": term.topology_key}
    if term.label_selector is not None:
        found["labelSelector"] = selector_fields(term.label_selector)
    if term.namespaces:
        found["namespaces"] = list(term.namespaces)
    if term.namespace_selector is not None:
        found["namespaceSelector"] = selector_fields(term.namespace_selector)
    if term.match_label_keys:
        found["matchLabelKeys"] = list(term.match_label_keys)
    if term.mismatch_label_keys:
        found["mismatchLabelKeys"] = list(term.mismatch_label_keys)
    return found
