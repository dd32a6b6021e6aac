"""Workloads whose containers cannot be changed where they stand."""

from __future__ import annotations

from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice
from seakeep.model.refs import Ref

# Pods and Jobs keep the containers that they were made with (API validation); of other kinds only these hold a pod template.
_CHANGEABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob"})


def fixed(ref: Ref, what: str) -> Advice | None:
    """What to ask where `what` cannot be set in the object itself; None where it can."""
    if ref.kind in _CHANGEABLE:
        return None
    space = f" -n {quote(ref.namespace)}" if ref.namespace else ""
    lookup = f"kubectl get {quote(ref.kind.lower())} {quote(ref.name)}{space} -o yaml"
    if ref.kind in {"Pod", "Job", "ReplicaSet", "ReplicationController"}:
        return Advice(f"Who makes {ref}, so that its next pods get {what}?", lookup)
    return Advice(f"Where does the operator of {ref} let {what} be set?", lookup)
