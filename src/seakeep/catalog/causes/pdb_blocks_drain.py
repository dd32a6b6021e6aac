"""A PodDisruptionBudget allows no eviction, so nodes cannot be drained.

What: disruptionsAllowed is 0 by construction (minAvailable is not below the number of replicas, or maxUnavailable is 0), a pod has more than one budget, or unhealthy pods use the budget up.
A drain then waits for ever with "Cannot evict pod as it would violate the pod's disruption budget".

Why: a budget was written for more replicas than run, or as "never disturb", which no node upgrade can honour.

Bad:
    minAvailable: 1     # for a Deployment with replicas: 1

Good:
    maxUnavailable: 1

Ignore when: evictions of these pods are done by hand on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.disruption.budget_repairs import passable
from seakeep.facts.disruption.budgeted import guards
from seakeep.facts.disruption.disruption import (
    Budget,
    budgets,
    drained_nodes,
    is_shared,
    may_cover,
    obstacle,
    rule_text,
)
from seakeep.facts.disruption.refused_evictions import refused_for_unseen
from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import controller_of
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Event, PodDisruptionBudget


def find(index: Index) -> Iterable[Candidate]:
    drained = {node.name: node for node in drained_nodes(index)}
    refusals = [event for event in index.snapshot.all(Event) if "disruption budget" in event.text]
    for budget in budgets(index):
        pdb, overlap = budget.pdb, _planned_overlap(index, budget)
        why = obstacle(index, budget) or overlap
        shared = bool(overlap) or is_shared(index, budget)
        on_drained = [pod for pod in budget.pods if pod.spec.node_name in drained]
        told = [
            event
            for event in refusals
            if may_cover(index, pdb, event.about)
            or event.about
            in {pod.ref for pod in budget.pods} | {pdb.ref} | {drained[pod.spec.node_name].ref for pod in on_drained}
        ]
        if not why or (budget.at_best and not shared and not on_drained and not told):
            continue  # a budget that is merely used up at the moment is doing its work
        if budget.expected == 1 and controller_of(pdb) and not on_drained and not told:
            continue  # an operator keeps it for one role, and moves that role away when a node is drained
        rule = rule_text(pdb)
        evidence = [
            state_evidence(
                pdb,
                "spec",
                f"{rule}, {budget.expected} pods expected, {budget.healthy} healthy: {budget.allowed} evictions allowed",
            )
        ]
        evidence += [
            state_evidence(drained[name], "spec.unschedulable", "true")
            for name in sorted({pod.spec.node_name for pod in on_drained})[:2]
        ]
        evidence += [event_evidence(index, event) for event in told[:2]]
        level = PROVEN if told else LIKELY if on_drained else POSSIBLE if budget.expected > 1 else HINT
        yield Candidate(
            id="pdb-blocks-drain",
            object=pdb.ref,
            summary=f"budget {pdb.name} ({rule}) allows no eviction: {why}",
            evidence=tuple(evidence),
            # What ails a pod that nobody tries to move is not the budget's doing.
            affects=tuple(pod.ref for pod in (on_drained or [pod for pod in budget.pods if is_ready(pod)])[:20])
            + tuple(drained[name].ref for name in sorted({pod.spec.node_name for pod in on_drained})),
            repair=Repair(
                f"Delete PodDisruptionBudget {pdb.name} or the other one, or let each select pods of its own.",
            )
            if shared and budget.at_best
            else Repair(
                f"Set maxUnavailable of PodDisruptionBudget {pdb.name} to 1, or run more replicas than {budget.desired} of what it covers.",
                passable(index, budget),
            ),
            confidence=level,
            settled_by="" if level >= LIKELY else "Ask whether nodes are drained or upgraded automatically",
        )
    for item in refused_for_unseen(index):
        place, pods = item.budget.namespace, [event.about for event in item.events]
        yield Candidate(
            id="pdb-blocks-drain",
            object=item.budget,
            summary=f"a budget in namespace {place} lets no drain evict {pods[0].name}{f' and {len(pods) - 1} more' if pods[1:] else ''}",
            evidence=tuple(event_evidence(index, event) for event in item.events[:2]),
            affects=tuple(pods[:20]),
            repair=Repair(
                "Let the budget allow one eviction (maxUnavailable 1), or run more replicas than it demands."
            ),
            confidence=LIKELY,
            settled_by=f"kubectl get pdb -n {quote(place)}",
        )


def _planned_overlap(index: Index, budget: Budget) -> str:
    others = (name for names in guards(index).values() if budget.pdb in names for name in names if name != budget.pdb)
    other = next(others, None) if index.snapshot.intent_only else None
    return f"budget {other.name} selects the same pods, which the eviction API refuses" if other else ""


CAUSE = CauseLeaf(
    id="pdb-blocks-drain",
    title="Disruption budget blocks drains",
    reads=(PodDisruptionBudget,),
    find=find,
    severity=Severity.WARNING,
)
