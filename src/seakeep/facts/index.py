"""The look-up tables that every question shares, built once per snapshot and only when first asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from seakeep.model.objects import (
    Endpoints,
    EndpointSlice,
    Event,
    Job,
    KubeObject,
    Node,
    Pod,
    ReplicaSet,
    Service,
    Workload,
)
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Log, Snapshot, Usage
from seakeep.model.traits import Traits

T = TypeVar("T")
WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A kubelet with nothing new to say writes its status every 5 minutes (nodeStatusReportFrequency); twice that is no delay.
CLOCKS_APART = timedelta(minutes=10)
# Fewer nodes have no majority that would tell whose clock is wrong.
ENOUGH_CLOCKS = 3


def _is_on_host(pod: Pod) -> bool:
    return pod.spec.host_network or (pod.namespace == "kube-system" and pod.name.startswith("kube-proxy-"))


def _grouped(items: Iterable[tuple[object, T]]) -> Mapping[object, Sequence[T]]:
    groups: dict[object, list[T]] = defaultdict(list)
    for key, item in items:
        groups[key].append(item)
    return groups


def is_owned_set(item: KubeObject) -> bool:
    """A ReplicaSet that is a Deployment's."""
    return isinstance(item, ReplicaSet) and bool(item.metadata.owner_references)


class Index:
    """A snapshot with its look-up tables. Every list is in the snapshot's order (namespace, then name).

    `recognise` tells what is known of the workloads because of the services that they belong to; without it nothing is.
    """

    def __init__(self, snapshot: Snapshot, recognise: Callable[[Index], Mapping[Ref, Traits]] | None = None) -> None:
        self.snapshot = snapshot
        self._recognise = recognise
        # By question: what `facts.once` keeps.
        self.answers: dict[object, Any] = {}

    @cached_property
    def traits(self) -> Mapping[Ref, Traits]:
        """By workload, where its service is known."""
        return self._recognise(self) if self._recognise is not None else {}

    @cached_property
    def now(self) -> datetime:
        """When the snapshot was taken; where the source does not say, the latest time that any object or event carries."""
        if self.snapshot.taken_at:
            return self.snapshot.taken_at
        times = [event.last_seen for event in self.snapshot.all(Event)]
        times += [
            item.metadata.creation_timestamp for group in self.snapshot.objects.values() for item in group.values()
        ]
        for pod in self.pods:
            for status in (*pod.status.container_statuses, *pod.status.init_container_statuses):
                ended, running = status.state.terminated or status.last_state.terminated, status.state.running
                times += [ended.finished_at if ended else None, running.started_at if running else None]
        times += self._heartbeats()
        return max((time for time in times if time), default=_EPOCH)

    def _heartbeats(self) -> Iterable[datetime]:
        """Of every node. Kubelets stamp them by their own clocks: one that runs ahead of most says nothing of the time."""
        beats = [
            (item.type == "Ready" and item.status == "True", item.last_heartbeat_time)
            for node in self.snapshot.all(Node)
            for item in node.status.conditions
            if item.last_heartbeat_time
        ]
        alive = sorted(time for ready, time in beats if ready)
        latest = alive[(len(alive) - 1) // 2] + CLOCKS_APART if len(alive) >= ENOUGH_CLOCKS else None
        return (time for _, time in beats if latest is None or time <= latest)

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        return tuple(self.snapshot.all(Pod))

    @cached_property
    def _pods_by_namespace(self) -> Mapping[object, Sequence[Pod]]:
        return _grouped((pod.namespace, pod) for pod in self.pods)

    def pods_in(self, namespace: str) -> Sequence[Pod]:
        return self._pods_by_namespace.get(namespace, ())

    @cached_property
    def _pods_by_node(self) -> Mapping[object, Sequence[Pod]]:
        return _grouped((pod.spec.node_name, pod) for pod in self.pods if pod.spec.node_name)

    def pods_on(self, node: str) -> Sequence[Pod]:
        return self._pods_by_node.get(node, ())

    @cached_property
    def hosts_by_ip(self) -> Mapping[str, str]:
        """Address → node, by the nodes themselves and by pods on their network: rows do not tell which those are, but kube-proxy always is one."""
        found = {pod.status.pod_ip: pod.spec.node_name for pod in self.pods if _is_on_host(pod)}
        found |= {item.address: node.name for node in self.snapshot.all(Node) for item in node.status.addresses}
        return {address: name for address, name in found.items() if address and name}

    @cached_property
    def _pods_by_ip(self) -> Mapping[str, Pod]:
        return {
            pod.status.pod_ip: pod
            for pod in self.pods
            if pod.status.pod_ip and not pod.spec.host_network and pod.status.pod_ip not in self.hosts_by_ip
        }

    def pod_at(self, address: str) -> Pod | None:
        return self._pods_by_ip.get(address)

    @cached_property
    def _services_by_namespace(self) -> Mapping[object, Sequence[Service]]:
        return _grouped((service.namespace, service) for service in self.snapshot.all(Service))

    def services_in(self, namespace: str) -> Sequence[Service]:
        return self._services_by_namespace.get(namespace, ())

    @cached_property
    def _slices(self) -> Mapping[object, Sequence[EndpointSlice]]:
        return _grouped(
            ((item.namespace, item.labels.get("kubernetes.io/service-name", "")), item)
            for item in self.snapshot.all(EndpointSlice)
        )

    def slices_of(self, service: Service) -> Sequence[EndpointSlice]:
        return self._slices.get((service.namespace, service.name), ())

    def endpoints_of(self, service: Service) -> Endpoints | None:
        return self.snapshot.get(Endpoints, service.namespace, service.name)

    @cached_property
    def _events(self) -> Mapping[object, Sequence[Event]]:
        newest_first = sorted(self.snapshot.all(Event), key=lambda event: event.last_seen or _EPOCH, reverse=True)
        return _grouped((event.about, event) for event in newest_first)

    def events_about(self, ref: Ref) -> Sequence[Event]:
        """Newest first. Events on cluster-scoped objects are stored in namespace `default` but name no namespace."""
        return self._events.get(ref, ())

    @cached_property
    def _events_by_reason(self) -> Mapping[object, Sequence[Event]]:
        newest_first = sorted(self.snapshot.all(Event), key=lambda event: event.last_seen or _EPOCH, reverse=True)
        return _grouped((event.reason, event) for event in newest_first)

    def events_with(self, *reasons: str) -> Sequence[Event]:
        """Newest first within each reason."""
        return [event for reason in reasons for event in self._events_by_reason.get(reason, ())]

    @cached_property
    def _logs(self) -> Mapping[object, Sequence[Log]]:
        return _grouped(((log.namespace, log.pod), log) for log in self.snapshot.logs)

    def logs_of(self, pod: Pod) -> Sequence[Log]:
        """Current and previous logs of the pod's containers."""
        return self._logs.get((pod.namespace, pod.name), ())

    def logs_named(self, namespace: str, name: str) -> Sequence[Log]:
        """Logs that were read through a workload's name (`kubectl logs deployment/x`)."""
        return self._logs.get((namespace, name), ())

    @cached_property
    def _usage(self) -> Mapping[object, Sequence[Usage]]:
        return _grouped(((usage.namespace, usage.name), usage) for usage in self.snapshot.usage)

    def usage_of(self, item: KubeObject) -> Sequence[Usage]:
        """What `kubectl top` said of a pod (with or without its containers) or node."""
        return self._usage.get((item.namespace, item.name), ())

    @cached_property
    def workloads(self) -> tuple[Workload, ...]:
        """Deployments, StatefulSets, DaemonSets, and ReplicaSets that nothing owns."""
        objects = self.snapshot.objects
        found = [
            item
            for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
            for item in objects.get(kind, {}).values()
            if isinstance(item, Workload) and not is_owned_set(item)
        ]
        return tuple(found)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(self.snapshot.all(Job))

    @cached_property
    def pods_by_workload(self) -> Mapping[Ref, Sequence[Pod]]:
        """Pods by the workload that a person would edit (`facts.owners.ownership.workload_of`)."""
        from seakeep.facts.owners.ownership import by_workload

        return by_workload(self)
