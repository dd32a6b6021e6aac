"""Pods that no kubelet will ever end: of nodes that are gone or out of service, and those that end without a node. Source: pkg/controller/podgc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import ClassVar

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Condition, KubeObject, Node, Pod
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update, Wait
from seakeep.twin.changes import GONE, LIFE
from seakeep.twin.conditions import with_condition
from seakeep.twin.controller import View
from seakeep.twin.controllers.node_lifecycle import ready_word
from seakeep.twin.ending import asked_at
from seakeep.twin.memo import by_identity
from seakeep.twin.state import State

# The collector looks every 20 s, and gives a node that vanished 40 s to come back.
_PERIOD = timedelta(seconds=20)
_QUARANTINE = timedelta(seconds=40)
_OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
_TARGET = Condition(
    type="DisruptionTarget", status="True", reason="DeletionByPodGC", message="PodGC: node no longer exists"
)


class PodCollector:
    name = "podgc"
    watches = frozenset({"Node", "Pod"})
    minds: ClassVar[Mapping[str, int]] = {"Pod": LIFE & ~GONE}

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Pod):
            ends = item.metadata.deletion_timestamp is not None and _is_stranded(state, item)
            return (item.ref,) if ends or (state.removed("Node") and _is_orphan(state, item)) else ()
        gone = isinstance(item, Node) and (state.find(item.ref) is None or is_out_of_service(item))
        return [pod.ref for pod in state.pods_on(item.name)] if gone else ()

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        pod = view.state.get(Pod, ref.namespace, ref.name)
        if pod is None:
            return
        node = view.state.get(Node, "", pod.spec.node_name) if pod.spec.node_name else None
        asked = asked_at(pod.metadata)
        if _is_orphan(view.state, pod):
            gone = view.state.removed("Node")[Ref("Node", "", pod.spec.node_name)] or view.now
            due, why = gone + _QUARANTINE, "pod gc: node no longer exists"
            last = with_condition(pod, _TARGET, view.now)
        elif asked is None:
            return
        elif not pod.spec.node_name:
            due, why, last = view.now, "pod gc: unscheduled and terminating", pod
        elif node is not None and is_out_of_service(node):
            due, why, last = asked + _PERIOD, "pod gc: node is out of service", pod
        else:
            return
        if due > view.now:
            yield Wait(ref, (due - view.now).total_seconds())
            return
        if not is_ended(pod):
            yield Update(replace(last, status=replace(last.status, phase="Failed")), why)
        if not pod.metadata.finalizers:
            yield Delete(ref, why, force=True)


def _is_stranded(state: State, pod: Pod) -> bool:
    """It ends, and has no node, or one that is out of service. Of any other node the kubelet ends it; should that change, the node tells."""
    name = pod.spec.node_name
    node = state.get(Node, "", name) if name else None
    return not name or (node is not None and is_out_of_service(node))


def _is_orphan(state: State, pod: Pod) -> bool:
    """Its node was removed; a pod that the snapshot shows on a node that it does not show is taken as found."""
    gone = state.removed("Node")
    if not pod.spec.node_name:
        return False
    ref = Ref("Node", "", pod.spec.node_name)
    return ref in gone and state.find(ref) is None


@by_identity
def is_out_of_service(node: Node) -> bool:
    return any(taint.key == _OUT_OF_SERVICE for taint in node.spec.taints) and ready_word(node) != "True"
