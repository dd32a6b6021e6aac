"""Nodes whose kubelet is silent or not ready: their conditions, taints, and the readiness of their pods. Source: pkg/controller/nodelifecycle."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import inf

from msgspec.structs import replace

from seakeep.facts.scheduling.placement import CORDON_TAINT
from seakeep.model.objects import Condition, KubeObject, Node, Taint
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.conditions import with_condition
from seakeep.twin.controller import View
from seakeep.twin.controllers.zones import all_down, held_back, recovered, turn_taken
from seakeep.twin.moments import after
from seakeep.twin.state import State

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
# By condition and its status: the key of the NoSchedule taint that it brings (`nodeConditionToTaintKeyStatusMap`).
_TAINTS = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
_OWN_KEYS = frozenset({*_TAINTS.values(), CORDON_TAINT})
_POSTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
# NodeEvictionPeriod: NoExecute taints come in a pass of their own, after all nodes were judged.
_PASS = 0.1


class NodeLifecycle:
    name = "nodelifecycle"
    watches = frozenset({"Node"})

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        del state
        return (item.ref,) if isinstance(item, Node) else ()

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        old = view.state.get(Node, "", ref.name)
        if old is None:
            return
        node, wait = _judged(view, old)
        if wait:
            yield Wait(ref, wait)
        word = ready_word(node)
        node = _no_schedule(view, node)
        if word == "True":
            healed = _without(node, NOT_READY, UNREACHABLE)
            yield Update(healed, "node lifecycle: taints follow the conditions")
            if healed.spec is not old.spec:
                yield from (Wait(other, 0.0) for other in recovered(view.state))
            return
        if node.status is not old.status:
            yield Update(node, "node lifecycle: Kubelet stopped posting node status.")
        elif _since_ready(view, node) < _PASS:
            yield Update(node, "node lifecycle: taints follow the conditions")
            yield Wait(ref, _PASS - _since_ready(view, node))
        else:
            yield from self._no_execute(view, node, word)
        if ready_word(old) == "True":
            yield from _mark_not_ready(view, node)

    def _no_execute(self, view: View, node: Node, word: str) -> Iterable[Action]:
        """Rate limited by zone, but for a taint that only changes its name."""
        key, opposite = (NOT_READY, UNREACHABLE) if word == "False" else (UNREACHABLE, NOT_READY)
        if all_down(view.state):
            node = _without(node, key, opposite)
            others = [item for item in view.state.all(Node) if _has(item, key, opposite) and item.name != node.name]
            yield from (Wait(other.ref, 0.0) for other in others)
        elif not _has(node, key):
            wait = 0.0 if _has(node, opposite) else held_back(view, node)
            if not wait:
                if not _has(node, opposite):
                    turn_taken(view, node)
                node = _with(_without(node, opposite), key, "NoExecute", view.now)
            elif wait < inf:
                yield Wait(node.ref, wait)
        yield Update(node, f"node lifecycle: {key}")


def _mark_not_ready(view: View, node: Node) -> Iterable[Action]:
    """`MarkPodsNotReady`, of a node that has just fallen silent. Where the kubelet says itself that its node is not ready, its pods are left to it."""
    for pod in view.state.pods_on(node.name):
        known = next((item for item in pod.status.conditions if item.type == "Ready"), None)
        if known is not None and known.status == "True":
            lost = with_condition(pod, replace(known, status="False"), view.now)
            yield Update(lost, f"node lifecycle: node {node.name} is not ready")


def ready_word(node: Node) -> str:
    """A node that was read without conditions counts as ready."""
    return next((item.status for item in node.status.conditions if item.type == "Ready"), "True")


def _since_ready(view: View, node: Node) -> float:
    """Seconds since the Ready condition changed; a time that was not shown, or that the twin's clock has not reached, is long ago."""
    since = next((item.last_transition_time for item in node.status.conditions if item.type == "Ready"), None)
    return (view.now - since).total_seconds() if since is not None and since <= view.now else inf


def _judged(view: View, node: Node) -> tuple[Node, float]:
    """The node as it is now, and in how many seconds to judge it again."""
    since = view.state.silent.get(node.name)
    known = next((item for item in node.status.conditions if item.type == "Ready"), None)
    if since is None or (known is not None and known.status == "Unknown"):
        return node, 0.0
    grace = view.settings.node_monitor_grace if known is not None else view.settings.node_startup_grace
    left = (after(since, grace) - view.now).total_seconds()
    return (node, left) if left > 0 else (_unknown(node, view.now), 0.0)


def _unknown(node: Node, now: datetime) -> Node:
    """NetworkUnavailable is not the kubelet's, and stays."""
    silent = {
        item: Condition(
            type=item,
            status="Unknown",
            reason="NodeStatusNeverUpdated",
            message="Kubelet never posted node status.",
            last_heartbeat_time=node.metadata.creation_timestamp,
            last_transition_time=now,
        )
        for item in _POSTED
    }
    conditions = []
    for item in node.status.conditions:
        never = silent.pop(item.type, None)
        stopped = replace(
            item,
            status="Unknown",
            reason="NodeStatusUnknown",
            message="Kubelet stopped posting node status.",
            last_transition_time=now,
        )
        conditions.append(item if never is None or item.status == "Unknown" else stopped)
    return replace(node, status=replace(node.status, conditions=(*conditions, *silent.values())))


def _no_schedule(view: View, node: Node) -> Node:
    wanted = [_TAINTS[item.type, item.status] for item in node.status.conditions if (item.type, item.status) in _TAINTS]
    if node.spec.unschedulable:
        wanted.append(CORDON_TAINT)
    kept = tuple(
        taint
        for taint in node.spec.taints
        if taint.effect != "NoSchedule" or taint.key not in _OWN_KEYS or taint.key in wanted
    )
    if kept != node.spec.taints:
        node = replace(node, spec=replace(node.spec, taints=kept))
    for key in wanted:
        if not any(taint.key == key and taint.effect == "NoSchedule" for taint in kept):
            node = _with(node, key, "NoSchedule", view.now)
    return node


def _has(node: Node, *keys: str) -> bool:
    return any(taint.key in keys and taint.effect == "NoExecute" for taint in node.spec.taints)


def _with(node: Node, key: str, effect: str, now: datetime) -> Node:
    taint = Taint(key=key, effect=effect, time_added=now)
    return replace(node, spec=replace(node.spec, taints=(*node.spec.taints, taint)))


def _without(node: Node, *keys: str) -> Node:
    """Without the NoExecute taints of these keys."""
    if not _has(node, *keys):
        return node
    kept = tuple(taint for taint in node.spec.taints if taint.key not in keys or taint.effect != "NoExecute")
    return replace(node, spec=replace(node.spec, taints=kept))
