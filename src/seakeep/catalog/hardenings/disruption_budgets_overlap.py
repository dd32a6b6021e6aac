"""A workload's pods have more than one PodDisruptionBudget.

What: the selectors of two budgets or more pick the same pods.

Why: the eviction API refuses a pod with several budgets ("This pod has more than one PodDisruptionBudget"), whatever they allow, so a drain waits for ever.

Bad:
    selector: {}                      # every pod of the namespace
    selector: {matchLabels: {app: web}}

Good:
    selector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}
    selector: {matchLabels: {app: web}}

Ignore when: never: nothing can evict these pods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.disruption.budgeted import guarded, guards
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.proposing import selector_fields
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged, shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import PodDisruptionBudget


def _answer(index: Index, entry: Judged) -> Answer:
    ref, budgets = entry.ref, guards(index).get(entry.ref, ())
    if len(budgets) > 1:
        names = ", ".join(budget.name for budget in budgets)
        return f"PodDisruptionBudgets {names} all select its pods, and so nothing may evict them"
    if not entry.labels_known and ref.namespace in _spaces(index):
        return Unseen("the labels of its pods")
    if not budgets:
        return None
    return HOLDS if shows(index, "PodDisruptionBudget", ref.namespace) else Unseen("all PodDisruptionBudgets")


@once
def _spaces(index: Index) -> frozenset[str]:
    return frozenset(budget.namespace for budget in index.snapshot.all(PodDisruptionBudget))


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """A budget that covers other workloads too leaves those to the budgets that are made for them; which of two for the same pods is meant, only a person knows."""
    ref, budgets = finding.object, guards(index)[finding.object]
    narrowed = {budget.ref: _narrowed(index, budget) for budget in budgets}
    if sum(selector is None for selector in narrowed.values()) != 1:
        names = ", ".join(budget.name for budget in budgets)
        return Advice(
            f"Which of the PodDisruptionBudgets {names} of {ref} is to stay?",
            f"kubectl get pdb -n {quote(ref.namespace)} -o yaml",
        )
    return tuple(
        Change(target, {"spec": {"selector": selector}}, (), Risk.LOW, f"{finding.detail}; {target.name} leaves them")
        for target, selector in narrowed.items()
        if selector is not None
    )


def _narrowed(index: Index, budget: PodDisruptionBudget) -> dict[str, Any] | None:
    """Its selector without what budgets of fewer workloads pick of it. None where no label of theirs tells those pods from the others."""
    selected, chosen = guarded(index), guards(index)
    mine = {entry.ref for entry in selected[budget.ref]}
    rivals = sorted({rival.ref for ref in mine for rival in chosen[ref]} - {budget.ref})
    smaller = [rival for rival in rivals if {entry.ref for entry in selected[rival]} < mine]
    parts = []
    for rival in smaller:
        found = index.snapshot.get(PodDisruptionBudget, rival.namespace, rival.name)
        theirs = {entry.ref for entry in selected[rival]}
        labels = found.spec.selector.match_labels if found and found.spec.selector else {}
        label = next(
            (
                (key, value)
                for key, value in sorted(labels.items())
                if all(entry.labels.get(key) != value or entry.ref in theirs for entry in selected[budget.ref])
            ),
            None,
        )
        if label is None:
            return None
        parts.append({"key": label[0], "operator": "NotIn", "values": [label[1]]})
    if not parts or budget.spec.selector is None:
        return None
    fields = selector_fields(budget.spec.selector)
    return {**fields, "matchExpressions": [*fields.get("matchExpressions", ()), *parts]}


HARDENING = template_rule(
    "disruption-budgets-overlap",
    "Pods with several disruption budgets",
    _answer,
    reads=(PodDisruptionBudget,),
    severity=Severity.ERROR,
    repair="Leave one of them, or narrow the selectors so that each pod has one.",
    propose=propose,
)
