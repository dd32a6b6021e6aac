"""A PodDisruptionBudget allows no eviction, ever.

What: with every pod healthy, minAvailable is not below the number of replicas, or maxUnavailable is 0, or neither is set.

Why: a drain waits for ever, so nodes cannot be upgraded or taken out, and somebody deletes the pods by force in the end.

Bad:
    minAvailable: 1     # and the Deployment has one replica

Good:
    maxUnavailable: 1

Ignore when: these pods are moved by hand before each drain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.disruption.budgeted import guarded
from seakeep.facts.disruption.disruption import rule_text, scaled
from seakeep.facts.disruption.disruption_allowance import allowance
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.facts.workloads.picked import unseen_in
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import PodDisruptionBudget
from seakeep.model.snapshot import Depth

RULE = Rule("disruption-budget-blocks-drain", Severity.ERROR)
_NEVER = {0, "0", "0%"}
# The controller asks a pod's controller for its scale; of others a budget must say how many are to stay.
_SCALED = {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"}


def judge(index: Index) -> Iterable[Finding]:
    selected = guarded(index)
    for budget in index.snapshot.all(PodDisruptionBudget):
        # A drain passes DaemonSets by, and a Job's pods end.
        entries = [item for item in selected[budget.ref] if item.ref.kind not in {"DaemonSet", "Job", "CronJob"}]
        if not entries:
            if index.snapshot.intent_only and unseen_in(index, budget.namespace) and _never(budget):
                yield RULE.fails(budget.ref, f"{rule_text(budget)} lets none of the pods go that an operator makes", "spec", "Set maxUnavailable to 1 or more.")  # fmt: skip
            continue  # else disruption-budget-selects-nothing
        counts = [1 if item.ref.kind == "Pod" else item.replicas for item in entries]
        total = sum(count or 0 for count in counts)
        known = None not in counts
        if known and not total:
            continue
        if _blocks(budget, total, known=known, full=index.snapshot.depth(budget.ref) is Depth.FULL):
            seen = f"its {total} pods" if known else "its pods"
            what = f"{rule_text(budget)} lets none of {seen} go"
            yield RULE.fails(budget.ref, what, "spec", "Set maxUnavailable to 1 or more instead of minAvailable.")
        elif known:
            yield RULE.passes(budget.ref)
        else:
            yield RULE.cannot_see(budget.ref, "how many replicas are meant")


def _never(budget: PodDisruptionBudget) -> bool:
    """However many pods there are."""
    return budget.spec.max_unavailable in _NEVER or budget.spec.min_available == "100%"


def _blocks(budget: PodDisruptionBudget, total: int, *, known: bool, full: bool) -> bool:
    least, most = budget.spec.min_available, budget.spec.max_unavailable
    if most is not None:
        return most in _NEVER
    if least is None:
        return full
    return least == "100%" or (known and scaled(least, total) >= total)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What the protocol of the one workload can spare; of several, one pod at a time. A lone pod pauses while it is made anew, which is what a drain costs."""
    entries = [item for item in guarded(index)[finding.object] if item.ref.kind not in {"DaemonSet", "Job", "CronJob"}]
    if not entries or any(item.ref.kind not in _SCALED for item in entries):
        names = ", ".join(str(item.ref) for item in entries) or str(finding.object)
        return Advice(
            f"How many of the pods of {names} may be missing at a time?",
            f"kubectl describe pdb {named(finding.object)}",
        )
    amount, why, risk = _amount(index, entries)
    budget = index.snapshot.get(PodDisruptionBudget, finding.object.namespace, finding.object.name)
    gone = ("spec.minAvailable",) if budget and budget.spec.min_available is not None else ()
    return (Change(finding.object, {"spec": {"maxUnavailable": amount}}, gone, risk, f"{finding.detail}; {why}"),)


def _amount(index: Index, entries: Sequence[Judged]) -> tuple[int | str, str, Risk]:
    only = entries[0]
    if len(entries) > 1:
        return 1, f"1 of the pods of {len(entries)} workloads may go at a time", Risk.LOW
    if only.replicas == 1:
        return 1, "a drain may move the one pod, and its service pauses meanwhile", Risk.MEDIUM
    allowed = allowance(index, only, only.replicas or 0)
    return allowed.amount, allowed.why, Risk.LOW


HARDENING = RULE.leaf("Disruption budget that no drain can pass", judge, propose, reads=(PodDisruptionBudget,))
