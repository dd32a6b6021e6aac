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

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.disruption.budgeted import guards
from seakeep.facts.disruption.disruption_allowance import budget_for
from seakeep.facts.index import Index
from seakeep.facts.workloads.podspecs import judged_of, judged_templates, shows, unknown
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Outcome, Severity

ID = "disruption-budget-missing"


def judge(index: Index) -> Iterable[Finding]:
    guarded = guards(index)
    for entry in judged_templates(index):
        ref = entry.ref
        if not entry.scaled or (entry.replicas is not None and entry.replicas < 2):
            continue
        if entry.replicas is None:
            yield unknown(ID, entry, "how many replicas are meant")
        elif not entry.labels_known:
            yield unknown(ID, entry, "the labels of its pods")
        elif ref in guarded:
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        elif not shows(index, "PodDisruptionBudget", ref.namespace):
            yield unknown(ID, entry, "PodDisruptionBudgets")
        else:
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"no PodDisruptionBudget selects its {entry.replicas} replicas",
                "",
                "Add a PodDisruptionBudget for its labels that allows what its protocol can spare.",
            )


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What the protocol can spare, and never less than a drain needs."""
    ref = finding.object
    entry = judged_of(index, ref)
    change = budget_for(index, entry, entry.replicas or 0)
    if change is None:
        return Advice(
            f"Which labels do the pods of {ref} and no others carry?",
            f"kubectl get pods -n {ref.namespace} --show-labels",
        )
    return (change,)


HARDENING = HardeningLeaf(id=ID, title="Replicas without a disruption budget", reads=(), judge=judge, propose=propose)
