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
from seakeep.facts.index import Index
from seakeep.facts.podspecs import judged_templates, shows, unknown
from seakeep.facts.proposing import free_name, selector_of
from seakeep.facts.selection import matches
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import PodDisruptionBudget
from seakeep.model.refs import Ref

ID = "disruption-budget-missing"
# From so many replicas on, one at a time makes a drain take longer than it need.
_MANY = 20


def judge(index: Index) -> Iterable[Finding]:
    by_namespace: dict[str, list[PodDisruptionBudget]] = {}
    for budget in index.snapshot.all(PodDisruptionBudget):
        by_namespace.setdefault(budget.namespace, []).append(budget)
    for entry in judged_templates(index):
        ref = entry.ref
        if not entry.scaled or (entry.replicas is not None and entry.replicas < 2):
            continue
        if entry.replicas is None:
            yield unknown(ID, entry, "how many replicas are meant")
        elif not entry.labels_known:
            yield unknown(ID, entry, "the labels of its pods")
        elif any(matches(budget.spec.selector, entry.labels) for budget in by_namespace.get(ref.namespace, ())):
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
                "Add a PodDisruptionBudget with maxUnavailable: 1 for its labels.",
            )


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """One at a time suits every protocol that survives a restart at all; of many, a tenth. Pods that are not ready anyway must not hold up a drain."""
    ref = finding.object
    selector = selector_of(index, ref)
    entry = next(item for item in judged_templates(index) if item.ref == ref)
    if selector is None or entry.replicas is None:
        return Advice(
            f"Which labels do the pods of {ref} and no others carry?",
            f"kubectl get pods -n {ref.namespace} --show-labels",
        )
    allowed: int | str = 1 if entry.replicas < _MANY else "10%"
    spec = {"maxUnavailable": allowed, "selector": selector, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    name = free_name(index, "PodDisruptionBudget", ref.namespace, ref.name)
    why = f"a drain may evict {allowed} of its {entry.replicas} replicas at a time, and never more"
    return (Change(Ref("PodDisruptionBudget", ref.namespace, name), {"spec": spec}, (), Risk.LOW, why, "policy/v1"),)


HARDENING = HardeningLeaf(id=ID, title="Replicas without a disruption budget", reads=(), judge=judge, propose=propose)
