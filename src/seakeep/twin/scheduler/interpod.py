"""Plugin InterPodAffinity: required terms of the pod and of placed pods filter, preferred ones score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from seakeep.twin.scheduler.cluster import Cluster, Ints, Mask, PodGroup
from seakeep.twin.scheduler.plugin import MAX_SCORE, Cycle, Refusal
from seakeep.twin.scheduler.terms import Term

AFFINITY = "node(s) didn't match pod affinity rules"
ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules"
EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"
# `hardPodAffinityWeight` of InterPodAffinityArgs: what a placed pod's required affinity adds to the score.
HARD_WEIGHT = 1


def required(cycle: Cycle) -> Iterator[Refusal]:
    cluster, terms = cycle.cluster, cycle.terms
    if terms.affinity:
        yield Refusal(~_near(cycle, terms.affinity), (AFFINITY,))
    if terms.anti_affinity:
        picked = _by_key(terms.anti_affinity, lambda term: _groups(cluster, term))
        yield Refusal(_in_domains(cluster, picked), (ANTI_AFFINITY,), resolvable=True)
    repellers = repelling(cycle)
    if repellers:
        yield Refusal(_in_domains(cluster, repellers), (EXISTING,), resolvable=True)


def _groups(cluster: Cluster, term: Term) -> list[PodGroup]:
    """Placed pods that a term of the pod to place means; its namespace selector is resolved, so only an empty one is left to match all."""
    return [group for group in cluster.groups.values() if group.on and term.matches(group.namespace, group.labels, {})]


def _near(cycle: Cycle, terms: Sequence[Term]) -> Mask:
    """Nodes in a domain, for every term, of pods that match all terms; the first pod of a group that matches itself may go anywhere with the labels."""
    cluster, pod = cycle.cluster, cycle.pod
    labelled = np.ones(cluster.size, dtype=bool)
    for term in terms:
        labelled &= cluster.domains(term.topology_key).present
    partners = [
        group
        for group in cluster.groups.values()
        if group.on and all(term.matches(group.namespace, group.labels, {}) for term in terms)
    ]
    placed = cluster.summed(partners) > 0
    satisfied = labelled.copy()
    any_counted = False
    for term in terms:
        domains = cluster.domains(term.topology_key)
        here = placed & domains.present
        any_counted = any_counted or bool(here.any())
        satisfied &= np.isin(domains.codes, domains.codes[here])
    if not any_counted and all(term.matches(pod.namespace, pod.labels, {}) for term in terms):
        return labelled
    return satisfied


def _by_key(terms: Sequence[Term], groups: Callable[[Term], list[PodGroup]]) -> dict[str, list[PodGroup]]:
    found: dict[str, list[PodGroup]] = defaultdict(list)
    for term in terms:
        found[term.topology_key] += groups(term)
    return found


def repelling(cycle: Cycle) -> dict[str, list[PodGroup]]:
    """Placed pods whose required anti-affinity means the pod to place, by topology key."""
    pod = cycle.pod
    found: dict[str, list[PodGroup]] = defaultdict(list)
    for group in cycle.cluster.speaking():
        if group.on:
            for term in group.terms.anti_affinity:
                if term.matches(pod.namespace, pod.labels, cycle.namespace_labels):
                    found[term.topology_key].append(group)
    return found


def _in_domains(cluster: Cluster, groups: dict[str, list[PodGroup]]) -> Mask:
    """Nodes that share a domain of a key with one of its groups' pods."""
    found = np.zeros(cluster.size, dtype=bool)
    for key, members in groups.items():
        domains = cluster.domains(key)
        taken = domains.codes[(cluster.summed(members) > 0) & domains.present]
        found |= domains.present & np.isin(domains.codes, taken)
    return found


def preferred_score(cycle: Cycle, feasible: Ints) -> Ints | None:
    """Sums of weights by domain, then to 0-100 between the lowest and the highest; None where no term counts anywhere."""
    cluster, pod = cycle.cluster, cycle.pod
    weights: dict[str, Ints] = {}
    counted = False

    def add(group: PodGroup, term: Term, weight: int) -> None:
        nonlocal counted
        domains = cluster.domains(term.topology_key)
        sums = weights.setdefault(term.topology_key, np.zeros(len(domains.values) + 1, dtype=np.int64))
        for node, count in group.on.items():
            code = domains.codes[node]
            if code >= 0:
                sums[code] += weight * count
                counted = True

    wanted = [(term, term.weight) for term in cycle.terms.preferred]
    wanted += [(term, -term.weight) for term in cycle.terms.preferred_anti]
    for group in cluster.groups.values() if wanted else cluster.speaking():
        if not group.on:
            continue
        for term, weight in wanted:
            if term.matches(group.namespace, group.labels, {}):
                add(group, term, weight)
        for term, weight in pull(group):
            if term.matches(pod.namespace, pod.labels, cycle.namespace_labels):
                add(group, term, weight)
    if not counted:
        return None
    raw = np.zeros(len(feasible), dtype=np.int64)
    for key, sums in weights.items():
        sums[-1] = 0
        raw += sums[cluster.domains(key).codes[feasible]]
    return scaled(raw)


def pull(group: PodGroup) -> Iterator[tuple[Term, int]]:
    """The terms by which placed pods draw others near (positive) or keep them away (negative), with their weights."""
    terms = group.terms
    if terms.has_pod_affinity:
        yield from ((term, HARD_WEIGHT) for term in terms.affinity)
        yield from ((term, term.weight) for term in terms.preferred)
        yield from ((term, -term.weight) for term in terms.preferred_anti)


def scaled(raw: Ints) -> Ints:
    """To 0-100 between the lowest and the highest; all 0 where they are equal."""
    lowest, highest = int(raw.min()), int(raw.max())
    if highest == lowest:
        return np.zeros(len(raw), dtype=np.int64)
    return (float(MAX_SCORE) * ((raw - lowest) / float(highest - lowest))).astype(np.int64)
