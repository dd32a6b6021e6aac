"""Plugin NodePorts. Only declared host ports count (a `hostNetwork` pod's are defaulted into `hostPort` by the API server)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import Pod
from seakeep.twin.scheduler.plugin import Cycle, Refusal, mask

REASON = "node(s) didn't have free ports for the requested pod ports"
_ANY = "0.0.0.0"  # noqa: S104 - what Kubernetes calls every address of a node
HostPort = tuple[str, str, int]


def host_ports(pod: Pod) -> frozenset[HostPort]:
    """(address, protocol, port) of containers and of init containers that keep running."""
    lasting = [item for item in pod.spec.init_containers if item.restart_policy == "Always"]
    return frozenset(
        (port.host_ip or _ANY, port.protocol or "TCP", port.host_port)
        for container in (*pod.spec.containers, *lasting)
        for port in container.ports
        if port.host_port > 0
    )


def conflict(wanted: frozenset[HostPort], used: frozenset[HostPort]) -> bool:
    return any(
        protocol == other_protocol and port == other_port and (_ANY in {address, other} or address == other)
        for address, protocol, port in wanted
        for other, other_protocol, other_port in used
    )


def free_ports(cycle: Cycle) -> Iterator[Refusal]:
    wanted = cycle.kind.ask(host_ports)
    if wanted:
        yield Refusal(
            mask(any(conflict(wanted, host_ports(pod)) for pod in pods.values()) for pods in cycle.cluster.pods_on),
            (REASON,),
            resolvable=True,
        )
