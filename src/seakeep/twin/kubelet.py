"""What kubelets do with the pods of their nodes: start them, make them ready, end them. A lost node's kubelet does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Network
from zlib import crc32

from msgspec.structs import replace

from seakeep.facts.podstate import condition
from seakeep.model.objects import Condition, ContainerStatus, KubeObject, Node, Pod
from seakeep.model.objects.pods import ContainerState, PodStatus, Running
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.state import State

# kubelet's default where the pod does not say: `terminationGracePeriodSeconds` 30.
_GRACE = 30.0
_POD_NETWORK = IPv4Network("100.64.0.0/10")


class Kubelet:
    """A kubelet that was lost in the twin (`State.silent`) does nothing from that moment on; one that the snapshot shows as lost has a Ready condition that is not True."""

    name = "kubelet"

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Pod) and item.spec.node_name and item.status.phase not in {"Succeeded", "Failed"}:
            yield item.ref
        elif isinstance(item, Node):
            yield from (pod.ref for pod in state.pods_on(item.name))

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        pod = view.state.get(Pod, ref.namespace, ref.name)
        if pod is None or not pod.spec.node_name:
            return
        node = view.state.get(Node, "", pod.spec.node_name)
        if node is None or node.name in view.state.silent or not is_up(node):
            return
        deleted = pod.metadata.deletion_timestamp
        if deleted is not None:
            asked = pod.metadata.deletion_grace_period_seconds
            grace = min(view.settings.app_stop, _GRACE if asked is None else float(asked))
            left = (deleted + timedelta(seconds=grace) - view.now).total_seconds()
            if left > 0:
                yield Wait(ref, left)
            elif not pod.metadata.finalizers:
                yield Delete(ref, "kubelet: containers have ended", force=True)
            return
        yield from self._run(view, pod)

    def _run(self, view: View, pod: Pod) -> Iterable[Action]:
        if pod.status.phase == "Running":
            if condition(pod, "Ready") == "True" or not _made_here(pod):
                return
            started = pod.status.start_time or view.now
            left = (started + timedelta(seconds=ready_after(view, pod)) - view.now).total_seconds()
            if left > 0:
                yield Wait(pod.ref, left)
            else:
                yield Update(replace(pod, status=_ready(pod, view)), "kubelet: containers are ready")
            return
        if pod.status.phase not in {"", "Pending"} or pod.status.container_statuses:
            return
        bound = next((item.last_transition_time for item in pod.status.conditions if item.type == "PodScheduled"), None)
        left = ((bound or view.now) + timedelta(seconds=view.settings.pod_start) - view.now).total_seconds()
        if left > 0:
            yield Wait(pod.ref, left)
        else:
            yield Update(replace(pod, status=_started(pod, view)), "kubelet: containers have started")


def is_up(node: Node) -> bool:
    """The kubelet reports, and says that the node is ready; a node that was read without conditions counts as up."""
    ready = next((item.status for item in node.status.conditions if item.type == "Ready"), "True")
    return ready == "True"


def ready_after(view: View, pod: Pod) -> float:
    """Seconds from start to Ready: the probe's first chance after the application is up, or the application's own time."""
    slowest = 0.0
    for container in pod.spec.containers:
        probe = container.readiness_probe
        wanted = view.settings.app_start
        if probe is not None:
            # The first probe comes after the initial delay, then one every period; successes in a row are needed.
            rounds = max(0, -(-(view.settings.app_start - probe.initial_delay_seconds) // max(probe.period_seconds, 1)))
            wanted = probe.initial_delay_seconds + (rounds + probe.success_threshold - 1) * probe.period_seconds
        slowest = max(slowest, wanted)
    return slowest


def _made_here(pod: Pod) -> bool:
    """Started in the twin: its statuses say so. What the snapshot shows as not ready stays so until its cause is repaired."""
    return bool(pod.status.container_statuses) and all(
        status.state.running is not None and not status.restart_count and not status.last_state.terminated
        for status in pod.status.container_statuses
    )


def _started(pod: Pod, view: View) -> PodStatus:
    running = ContainerState(running=Running(started_at=view.now))
    statuses = tuple(ContainerStatus(name=item.name, image=item.image, state=running) for item in pod.spec.containers)
    conditions = _set(pod.status.conditions, view, Initialized="True", Ready="False", ContainersReady="False")
    return replace(
        pod.status,
        phase="Running",
        start_time=view.now,
        container_statuses=statuses,
        conditions=conditions,
        pod_ip=pod.status.pod_ip or _address(pod, view),
    )


def _address(pod: Pod, view: View) -> str:
    """The node's own with hostNetwork, else one of 100.64.0.0/10: what a network plugin would give is not known, but it is one of its own."""
    if pod.spec.host_network:
        node = view.state.get(Node, "", pod.spec.node_name)
        return next((item.address for item in node.status.addresses if item.type == "InternalIP"), "") if node else ""
    number = pod.metadata.uid.rpartition("-")[2]
    position = int(number) if number.isdigit() else crc32(f"{pod.namespace}/{pod.name}".encode())
    return str(_POD_NETWORK[position % _POD_NETWORK.num_addresses])


def _ready(pod: Pod, view: View) -> PodStatus:
    statuses = tuple(replace(item, ready=True) for item in pod.status.container_statuses)
    conditions = _set(pod.status.conditions, view, ContainersReady="True", Ready="True")
    return replace(pod.status, container_statuses=statuses, conditions=conditions)


def _set(conditions: tuple[Condition, ...], view: View, **wanted: str) -> tuple[Condition, ...]:
    kept = tuple(item for item in conditions if item.type not in wanted)
    return (
        *kept,
        *(Condition(type=kind, status=status, last_transition_time=view.now) for kind, status in wanted.items()),
    )
