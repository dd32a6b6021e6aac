"""A PodDisruptionBudget selects no workload.

What: no pod, and no workload's template, carries the labels that the budget asks for.

Why: the workload that it was written for has no budget, and nobody notices until a drain takes all of its pods.

Bad:
    kind: PodDisruptionBudget
    spec: {maxUnavailable: 1, selector: {matchLabels: {app: wbe}}}

Good:
    spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}

Ignore when: an operator makes the pods when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.disruption.budgeted import guarded
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.picked import misspelt, unseen_in
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import PodDisruptionBudget
from seakeep.model.snapshot import Depth

RULE = Rule("disruption-budget-selects-nothing")


def judge(index: Index) -> Iterable[Finding]:
    selected = guarded(index)
    for budget in index.snapshot.all(PodDisruptionBudget):
        space = budget.namespace
        if selected[budget.ref]:
            yield RULE.passes(budget.ref)
        elif index.snapshot.depth(budget.ref) < Depth.DESCRIBED:
            yield RULE.cannot_see(budget.ref, "its selector")
        elif (hidden := unseen_in(index, space)) and not misspelt(index, space, budget.spec.selector):
            yield RULE.cannot_see(budget.ref, hidden)
        else:
            within = f" in namespace {space}" if space else ""
            what = f"none of the pods and workloads{within} has the labels that it asks for"
            repair = "Correct its selector, or delete it with the workload that it was for."
            yield RULE.fails(budget.ref, what, "spec.selector", repair)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The workload may be gone on purpose."""
    del index
    ref = finding.object
    return Advice(
        f"Which workload is PodDisruptionBudget {ref.name} for, or is it to be deleted?",
        f"kubectl get pdb {named(ref)} -o yaml; kubectl get pods -n {quote(ref.namespace)} --show-labels",
    )


HARDENING = RULE.leaf("Disruption budget for nothing", judge, propose, reads=(PodDisruptionBudget,))
