"""Workloads whose containers cannot be changed where they stand."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.shell_words import named, quote, typed
from seakeep.model.change import Advice, Shared
from seakeep.model.refs import Ref

# Pods and Jobs keep the containers that they were made with (API validation); of other kinds only these hold a pod template.
_CHANGEABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout"})


def fixed(ref: Ref, what: str) -> Advice | None:
    """What to ask where `what` cannot be set in the object itself; None where it can."""
    if ref.kind in _CHANGEABLE:
        return None
    space = f" -n {quote(ref.namespace)}" if ref.namespace else ""
    lookup = f"kubectl get {typed(ref)} -o yaml"
    every = f"kubectl get {quote(ref.kind.lower())}{space} -o yaml"
    if ref.kind in {"Pod", "Job", "ReplicaSet", "ReplicationController"}:
        shared = Shared("Who makes {}? Their next pods are to get there what these lack.", str(ref), every)
        return Advice(f"Who makes {ref}, so that its next pods get {what}?", lookup, shared)
    shared = Shared("Where do the operators of {} let the fields of their pods be set?", str(ref), every)
    return Advice(f"Where does the operator of {ref} let {what} be set?", lookup, shared)


def kept_elsewhere(index: Index, ref: Ref) -> Advice | None:
    """A custom resource of a cluster: server-side apply would put the part of a list that a change names in place of the whole list. In manifests the list is written out."""
    if ref.kind != "Rollout" or index.snapshot.intent_only:
        return None
    space = f" -n {quote(ref.namespace)}" if ref.namespace else ""
    every = f"kubectl get rollout{space} -o yaml"
    shared = Shared("Who keeps the manifests of {}? What their templates lack is set there.", str(ref), every)
    return Advice(
        f"Who keeps the manifest of {ref}, so that its template gets what it lacks?",
        f"kubectl get rollout {named(ref)} -o yaml",
        shared,
    )
