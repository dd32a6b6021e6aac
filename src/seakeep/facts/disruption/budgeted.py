"""Which PodDisruptionBudgets select which workloads."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.picked import picked
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import PodDisruptionBudget
from seakeep.model.refs import Ref


@once
def guarded(index: Index) -> Mapping[Ref, tuple[Judged, ...]]:
    """Budget → the workloads that it selects."""
    budgets = index.snapshot.all(PodDisruptionBudget)
    return picked(index, ((item.ref, item.spec.selector) for item in budgets))


@once
def guards(index: Index) -> Mapping[Ref, tuple[PodDisruptionBudget, ...]]:
    """Workload → the budgets that select its pods."""
    found: dict[Ref, list[PodDisruptionBudget]] = {}
    chosen = guarded(index)
    for budget in index.snapshot.all(PodDisruptionBudget):
        for entry in chosen[budget.ref]:
            found.setdefault(entry.ref, []).append(budget)
    return {ref: tuple(budgets) for ref, budgets in found.items()}
