"""Which PodDisruptionBudgets select which workloads, by the labels of their templates: pods that do not run now are meant too."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.selection import Labelled, matches
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.model.objects import PodDisruptionBudget
from seakeep.model.refs import Ref


@once
def guarded(index: Index) -> Mapping[Ref, tuple[Judged, ...]]:
    """Budget → the workloads that it selects."""
    spaces: dict[str, list[Judged]] = {}
    for entry in judged_templates(index):
        if entry.labels_known:
            spaces.setdefault(entry.ref.namespace, []).append(entry)
    tables = {space: Labelled(entries, lambda entry: entry.labels) for space, entries in spaces.items()}
    found: dict[Ref, tuple[Judged, ...]] = {}
    for budget in index.snapshot.all(PodDisruptionBudget):
        selector, entries = budget.spec.selector, spaces.get(budget.namespace)
        if selector is None or not entries:
            found[budget.ref] = ()
            continue
        near = tables[budget.namespace].matching(selector.match_labels) if selector.match_labels else entries
        found[budget.ref] = tuple(entry for entry in near if matches(selector, entry.labels))
    return found


@once
def guards(index: Index) -> Mapping[Ref, tuple[PodDisruptionBudget, ...]]:
    """Workload → the budgets that select its pods."""
    found: dict[Ref, list[PodDisruptionBudget]] = {}
    chosen = guarded(index)
    for budget in index.snapshot.all(PodDisruptionBudget):
        for entry in chosen[budget.ref]:
            found.setdefault(entry.ref, []).append(budget)
    return {ref: tuple(budgets) for ref, budgets in found.items()}
