"""What a kubelet writes into a pod's status besides its containers: conditions and the address."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from zlib import crc32

from seakeep.model.objects import Condition, Node, Pod
from seakeep.twin.state import State

_POD_NETWORK = IPv4Network("100.64.0.0/10")
# Of a node's range: its own address, the gateway's and the last.
_RESERVED = 3


def with_kubelet_condition(
    now: datetime, conditions: tuple[Condition, ...], kind: str, *, done: bool, reason: str = "", message: str = ""
) -> tuple[Condition, ...]:
    old = None
    for item in conditions:
        if item.type == kind:
            old = item
            break
    status = "True" if done else "False"
    # How long a start takes here is a guess: from this condition, rules would take it for measured (facts/probes/probe_actions.py).
    moved = None if kind == "ContainersReady" and done else now
    since = old.last_transition_time if old is not None and old.status == status else moved
    new = Condition(
        type=kind,
        status=status,
        reason="" if done else reason,
        message="" if done else message,
        last_transition_time=since,
    )
    if old is None:
        return (*conditions, new)
    return conditions if new == old else tuple([new if item is old else item for item in conditions])


def address_of(state: State, pod: Pod) -> str:
    """The node's own with hostNetwork; else one of the node's podCIDR where its pods have theirs from there; else one of 100.64.0.0/10, since what a network plugin would give is not known, but is one of its own."""
    node = state.get(Node, "", pod.spec.node_name)
    if pod.spec.host_network:
        return next((item.address for item in node.status.addresses if item.type == "InternalIP"), "") if node else ""
    number = pod.metadata.uid.rpartition("-")[2]
    position = int(number) if number.isdigit() else crc32(f"{pod.namespace}/{pod.name}".encode())
    cidr = node.spec.pod_cidr if node is not None else ""
    own = _pod_cidr(cidr) if cidr else None
    if own is not None and own.num_addresses > _RESERVED:
        taken = {item.status.pod_ip for item in state.pods_on(pod.spec.node_name) if not item.spec.host_network}
        taken.discard("")
        if not taken or any(_lies_in(item, cidr) for item in taken):
            room = own.num_addresses - _RESERVED
            free = (str(own[2 + (position + step) % room]) for step in range(min(room, len(taken) + 1)))
            return next((item for item in free if item not in taken), "")
    return str(_POD_NETWORK[position % _POD_NETWORK.num_addresses])


@cache
def _pod_cidr(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def _lies_in(text: str, cidr: str) -> bool:
    """What is no address lies in no range."""
    network = _pod_cidr(cidr)
    try:
        return network is not None and ip_address(text) in network
    except ValueError:
        return False
