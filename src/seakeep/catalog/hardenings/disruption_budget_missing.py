"""A workload with several replicas has no PodDisruptionBudget.

What: two replicas or more, and no budget selects the pods.

Why: a drain may evict all replicas at once. (A single replica needs no budget: one that keeps it would block every drain.)

Bad:
    replicas: 3          # and no budget

Good:
    kind: PodDisruptionBudget
    spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}

Ignore when: losing all replicas for a minute does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.disruption.budgeted import guards
from seakeep.facts.disruption.disruption_allowance import budget_for
from seakeep.facts.index import Index
from seakeep.facts.proposing import own_labels
from seakeep.facts.scheduling.only_node import may_leave
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding


def _answer(index: Index, entry: Judged) -> Answer:
    if not entry.scaled or (entry.replicas is not None and entry.replicas < 2):
        return None
    if entry.replicas is None:
        return Unseen("how many replicas are meant")
    if not entry.labels_known:
        return Unseen("the labels of its pods")
    if entry.ref in guards(index):
        return HOLDS
    if not shows(index, "PodDisruptionBudget", entry.ref.namespace):
        return Unseen("PodDisruptionBudgets")
    return f"no PodDisruptionBudget selects its {entry.replicas} replicas"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What the protocol can spare, and never less than a drain needs."""
    ref = finding.object
    entry = judged_of(index, ref)
    bound = may_leave(index, entry)
    if bound is not None:
        return bound
    change = budget_for(index, entry, entry.replicas or 0)
    if change is None:
        return own_labels(ref)
    return (change,)


HARDENING = template_rule(
    "disruption-budget-missing",
    "Replicas without a disruption budget",
    _answer,
    repair="Add a PodDisruptionBudget for its labels that allows what its protocol can spare.",
    propose=propose,
)
