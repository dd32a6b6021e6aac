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

from collections.abc import Iterable

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.podspecs import judged_templates
from seakeep.facts.selection import matches
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import PodDisruptionBudget

ID = "disruption-budget-missing"


def judge(index: Index) -> Iterable[Finding]:
    by_namespace: dict[str, list[PodDisruptionBudget]] = {}
    for budget in index.snapshot.all(PodDisruptionBudget):
        by_namespace.setdefault(budget.namespace, []).append(budget)
    known = index.snapshot.intent_only or index.snapshot.lists_all("PodDisruptionBudget", "*")
    for entry in judged_templates(index):
        ref = entry.item.ref
        if entry.replicas is None or entry.replicas < 2:
            continue
        if any(matches(budget.spec.selector, entry.labels) for budget in by_namespace.get(ref.namespace, ())):
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        elif not known and ref.namespace not in by_namespace:
            yield Finding(ID, ref, Outcome.SKIPPED, Severity.WARNING, "the source does not show PodDisruptionBudgets")
        else:
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"no PodDisruptionBudget selects its {entry.replicas} replicas",
                "",
                "Add a PodDisruptionBudget with maxUnavailable: 1 for its labels.",
            )


HARDENING = HardeningLeaf(id=ID, title="Replicas without a disruption budget", reads=(), judge=judge)
