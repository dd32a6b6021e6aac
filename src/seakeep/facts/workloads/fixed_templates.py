"""Workloads whose containers cannot be changed where they stand."""

from __future__ import annotations

from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice, Shared
from seakeep.model.refs import Ref

# Pods and Jobs keep the containers that they were made with (API validation); of other kinds only these hold a pod template.
_CHANGEABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob"})


def fixed(ref: Ref, what: str) -> Advice | None:
    """What to ask where `what` cannot be set in the object itself; None where it can."""
    if ref.kind in _CHANGEABLE:
        return None
    space = f" -n {quote(ref.namespace)}" if ref.namespace else ""
    lookup = f"kubectl get {quote(ref.kind.lower())} {quote(ref.name)}{space} -o yaml"
    every = f"kubectl get {quote(ref.kind.lower())}{space} -o yaml"
    if ref.kind in {"Pod", "Job", "ReplicaSet", "ReplicationController"}:
        shared = Shared("Who makes {}? Their next pods are to get there what these lack.", str(ref), every)
        return Advice(f"Who makes {ref}, so that its next pods get {what}?", lookup, shared)
    shared = Shared("Where do the operators of {} let the fields of their pods be set?", str(ref), every)
    return Advice(f"Where does the operator of {ref} let {what} be set?", lookup, shared)
