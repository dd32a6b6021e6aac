"""Pods leave a node with NoExecute taints once they no longer tolerate them. Source: pkg/controller/tainteviction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from seakeep.facts.scheduling.placement import tolerates
from seakeep.model.objects import Condition, KubeObject, Node, Pod, Taint
from seakeep.model.objects.pods import Toleration
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update, Wait
from seakeep.twin.changes import MADE, SPEC
from seakeep.twin.conditions import with_condition
from seakeep.twin.controller import View
from seakeep.twin.controllers.node_lifecycle import NOT_READY, UNREACHABLE
from seakeep.twin.moments import EARLIEST, after
from seakeep.twin.state import State, controller_of

# DefaultTolerationSeconds gives every pod these; a source that does not show them leaves them out.
_DEFAULT = Toleration(operator="Exists", effect="NoExecute", toleration_seconds=300)
_FOR_EVER = Toleration(operator="Exists", effect="NoExecute")
_TARGET = Condition(
    type="DisruptionTarget",
    status="True",
    reason="DeletionByTaintManager",
    message="Taint manager: deleting due to NoExecute taint",
)


class TaintEviction:
    name = "tainteviction"
    watches = frozenset({"Node", "Pod"})
    minds: ClassVar[Mapping[str, int]] = {"Pod": MADE | SPEC}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Node):
            # Pods that were to leave a node that is well again stay (`cancelWorkWithEvent`).
            concerned = _no_execute(item) or state.note(_waiting_on(item))
            return [pod.ref for pod in state.pods_on(item.name)] if concerned else ()
        if isinstance(item, Pod) and item.spec.node_name and item.metadata.deletion_timestamp is None:
            node = state.get(Node, "", item.spec.node_name)
            if node is not None and node.spec.taints and _no_execute(node):
                return (item.ref,)
        return ()

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        pod = view.state.get(Pod, ref.namespace, ref.name)
        node = view.state.get(Node, "", pod.spec.node_name) if pod is not None else None
        if pod is None or node is None or pod.metadata.deletion_timestamp is not None:
            return
        planned = (self.name, ref, pod.metadata.uid)
        due = leaves_at(pod, node)
        if due is None:
            if not _no_execute(node):
                view.state.remember(_waiting_on(node), value=False)
            view.state.remember(planned, None)
            return
        earlier = view.state.note(planned)
        if isinstance(earlier, datetime) and due != EARLIEST:
            due = earlier  # a timer that runs is never changed for another taint (`processPodOnNode`)
        if due > view.now:
            view.state.remember(planned, due)
            view.state.remember(_waiting_on(node), value=True)
            yield Wait(ref, (due - view.now).total_seconds())
            return
        yield Update(with_condition(pod, _TARGET, view.now), "taint eviction: DeletionByTaintManager")
        yield Delete(ref, "taint eviction: deleting due to NoExecute taint")


def _waiting_on(node: Node) -> tuple[str, str]:
    """The note that some of a node's pods are to leave it later."""
    return "tainteviction", node.metadata.name


def leaves_at(pod: Pod, node: Node) -> datetime | None:
    """When the pod no longer tolerates the node's taints; None: never. A taint whose time is not known came long ago."""
    bound = next((item.last_transition_time for item in pod.status.conditions if item.type == "PodScheduled"), None)
    ends: list[datetime] = []
    for taint in _no_execute(node):
        used = _toleration(pod, taint)
        since = max(taint.time_added or EARLIEST, bound or EARLIEST) if taint.time_added else EARLIEST
        if used is None:
            ends.append(EARLIEST)
        elif used.toleration_seconds is not None:
            ends.append(after(since, max(used.toleration_seconds, 0)))
    return min(ends, default=None)


def _toleration(pod: Pod, taint: Taint) -> Toleration | None:
    found = next((item for item in pod.spec.tolerations if tolerates((item,), taint)), None)
    if found is None and taint.key in {NOT_READY, UNREACHABLE}:
        owner = controller_of(pod)
        return _FOR_EVER if owner is not None and owner.kind in {"DaemonSet", "Node"} else _DEFAULT
    return found


def _no_execute(node: Node) -> tuple[Taint, ...]:
    return tuple(taint for taint in node.spec.taints if taint.effect == "NoExecute")
