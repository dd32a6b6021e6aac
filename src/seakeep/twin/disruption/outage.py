"""Nodes that are lost and come back."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition
from seakeep.model.objects import Condition, Node, Pod, Taint
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.conditions import with_condition
from seakeep.twin.world import Twin

# What a kubelet posts when all is well (pkg/kubelet/nodestatus/setters.go).
_POSTED = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def lose_node(twin: Twin, name: str) -> None:
    """Its kubelet stops now; the control plane notices after the grace period. Raises RejectedError for a node that is not there."""
    node = _node(twin, name)
    if name not in twin.state.silent:
        twin.state.silent = {**twin.state.silent, name: twin.now}
        twin.look_again(node.ref)


def return_node(twin: Twin, name: str) -> None:
    """Its kubelet is back and its containers never stopped: pods that it had not been told to end are as ready as before."""
    node = _node(twin, name)
    twin.state.silent = {each: since for each, since in twin.state.silent.items() if each != name}
    twin.record(replace(node, status=replace(node.status, conditions=posted(twin, node))), "kubelet: posts its status")
    for pod in twin.state.pods_on(name):
        if pod.metadata.deletion_timestamp is None and _runs(pod):
            known = next((item for item in pod.status.conditions if item.type == "Ready"), Condition(type="Ready"))
            twin.record(with_condition(pod, replace(known, status="True"), twin.now), "kubelet: containers are ready")
    twin.look_again(node.ref)


def taint_node(twin: Twin, name: str, key: str, value: str = "", effect: str = "NoExecute") -> None:
    """As `kubectl taint`: one taint by key and effect. Raises RejectedError."""
    node = _node(twin, name)
    kept = tuple(taint for taint in node.spec.taints if (taint.key, taint.effect) != (key, effect))
    taint = Taint(key=key, value=value, effect=effect, time_added=twin.now)
    twin.update(replace(node, spec=replace(node.spec, taints=(*kept, taint))), f"taint {key}:{effect}")


def posted(twin: Twin, node: Node) -> tuple[Condition, ...]:
    """The node's conditions with those that a healthy kubelet posts."""
    by_type = {item.type: item for item in node.status.conditions}
    for kind, status, reason, message in _POSTED:
        old = by_type.get(kind)
        since = old.last_transition_time if old is not None and old.status == status else twin.now
        by_type[kind] = Condition(
            type=kind,
            status=status,
            reason=reason,
            message=message,
            last_transition_time=since,
            last_heartbeat_time=twin.now,
        )
    return tuple(by_type.values())


def _runs(pod: Pod) -> bool:
    """The containers are ready: only the pod's own condition was set to False from outside."""
    return (
        pod.status.phase == "Running"
        and condition(pod, "Ready") == "False"
        and condition(pod, "ContainersReady") == "True"
        and all(item.ready for item in pod.status.container_statuses)
    )


def _node(twin: Twin, name: str) -> Node:
    node = twin.state.get(Node, "", name)
    if node is None:
        raise RejectedError(404, f'nodes "{name}" not found')
    return node
