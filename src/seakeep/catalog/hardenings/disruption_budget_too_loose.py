"""A PodDisruptionBudget lets more pods go than the protocol can spare.

What: as many pods as it lets go at a time, and those that stay are fewer than what the service needs to answer: a quorum, all but one in-sync replica, or any pod at all.

Why: two nodes that are drained together, or one whose pod is not back yet, stop the service, and every step was allowed.

Bad:
    minAvailable: 1     # etcd with three members, which needs two

Good:
    maxUnavailable: 1

Ignore when: the service may stop during a maintenance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.disruption.budgeted import guarded
from seakeep.facts.disruption.disruption import rule_text, scaled
from seakeep.facts.disruption.disruption_allowance import allowance
from seakeep.facts.index import Index
from seakeep.facts.workloads.least_ready import least
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.change import Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import PodDisruptionBudget

RULE = Rule("disruption-budget-too-loose")


def judge(index: Index) -> Iterable[Finding]:
    for budget in index.snapshot.all(PodDisruptionBudget):
        entry = _only(index, budget)
        if entry is None:
            continue
        if entry.replicas is None:
            yield RULE.cannot_see(budget.ref, "how many replicas are meant")
            continue
        traits, replicas, stay = index.traits.get(entry.ref), entry.replicas, _stay(budget, entry.replicas)
        need = least(traits.needs_ready if traits else "one", replicas)
        if stay is None or need >= replicas:
            continue  # where none can be spared, a drain costs what it costs
        if stay >= need:
            yield RULE.passes(budget.ref)
        else:
            who = traits.service if traits else entry.ref.name
            what = f"{rule_text(budget)} may leave {stay} of {replicas} pods, and {who} needs {need} to answer"
            yield RULE.fails(budget.ref, what, "spec", "Set maxUnavailable to what the protocol can spare.")


def _only(index: Index, budget: PodDisruptionBudget) -> Judged | None:
    """The one workload that it is for; which of several loses how many is not its to say."""
    entries = guarded(index)[budget.ref]
    return entries[0] if len(entries) == 1 and entries[0].scaled else None


def _stay(budget: PodDisruptionBudget, replicas: int) -> int | None:
    """The fewest that it leaves; None where it does not say."""
    least_kept, most_gone = budget.spec.min_available, budget.spec.max_unavailable
    if most_gone is not None:
        return max(replicas - scaled(most_gone, replicas), 0)
    return scaled(least_kept, replicas) if least_kept is not None else None


def propose(index: Index, finding: Finding) -> Sequence[Change]:
    budget = index.snapshot.get(PodDisruptionBudget, finding.object.namespace, finding.object.name)
    entry = _only(index, budget) if budget is not None else None
    if budget is None or entry is None:
        return ()
    allowed = allowance(index, entry, entry.replicas or 0)
    gone = ("spec.minAvailable",) if budget.spec.min_available is not None else ()
    why = f"{finding.detail}; {allowed.why}"
    return (Change(finding.object, {"spec": {"maxUnavailable": allowed.amount}}, gone, Risk.LOW, why),)


HARDENING = RULE.leaf("Disruption budget that lets too many pods go", judge, propose, reads=(PodDisruptionBudget,))
