"""Disruption budgets that no drain can pass, relaxed to what the pods can spare."""

from __future__ import annotations

from seakeep.facts.disruption.budgeted import guarded
from seakeep.facts.disruption.disruption import Budget
from seakeep.facts.disruption.disruption_allowance import allowance
from seakeep.facts.index import Index
from seakeep.model.change import Change, Risk

# The controller asks a pod's controller for its scale; of others a budget must say how many are to stay.
_SCALED = {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"}


def passable(index: Index, budget: Budget) -> Change | None:
    """Only for a budget that lets none go even when all its pods are healthy; where pods are ill, they are what is to be repaired."""
    pdb = budget.pdb
    entries = guarded(index).get(pdb.ref, ())
    if budget.at_best or not entries or any(entry.ref.kind not in _SCALED for entry in entries):
        return None
    gone = ("spec.minAvailable",) if pdb.spec.min_available is not None else ()
    amount: int | str = 1
    why, risk = f"1 of the {budget.expected} pods may go at a time", Risk.LOW
    if budget.expected <= 1:
        why, risk = "a drain may move the one pod, and its service pauses meanwhile", Risk.MEDIUM
    elif len(entries) == 1 and entries[0].replicas:
        allowed = allowance(index, entries[0], entries[0].replicas)
        amount, why = allowed.amount, allowed.why
    told = f"it demands {budget.desired} of {budget.expected} pods at all times; {why}"
    return Change(pdb.ref, {"spec": {"maxUnavailable": amount}}, gone, risk, told)
