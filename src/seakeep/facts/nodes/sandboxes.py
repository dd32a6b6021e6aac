"""Pods whose sandbox cannot be made, and what the kubelet says is missing: the runtime, the CNI plug-in, or an IP address."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import node_of_event
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import Event, Pod
from seakeep.model.objects.pods import PodStatus
from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED, Ref
from seakeep.model.snapshot import Depth

_REASONS = (
    "FailedCreatePodSandBox",
    "FailedCreatePodContainer",
    "FailedKillPod",
    "KillPodSandboxError",
    "NetworkNotReady",
    "FailedSync",
    "Failed",
)


class Lack(StrEnum):
    RUNTIME = "runtime"
    ADDRESS = "address"
    NETWORK = "network"


# Sockets of CRI runtimes: containerd, CRI-O, cri-dockerd, Docker's shim before 1.24, k3s.
_RUNTIME = late(
    r"(?:containerd|crio|cri-o|cri-dockerd|dockershim|docker)\.sock\S*\s?.{0,80}?(?:no such file|connection refused|connect:|context deadline exceeded|transport|connection error)"
    r"|(?:connection error|transport: error while dialing|failed to connect|cannot connect to the docker daemon).{0,160}(?:containerd|crio|cri-dockerd|docker)\.sock"
    r"|cannot connect to the docker daemon|container runtime is down|unknown service runtime\.v1",
    re.IGNORECASE,
)
# host-local, aws-cni, Calico, Cilium, Azure, whereabouts, GKE, OVN, kube-ovn, Antrea.
_ADDRESS = late(
    r"no ip addresses available in range|failed to assign an ip address to container|InsufficientFreeAddressesInSubnet|InsufficientCidrBlocks|no more free ips|no more ips available"
    r"|no more free affine blocks|assigned 0 out of \d+ requested|no configured calico pools|no free addresses? (?:available|in)|no (?:more )?available (?:ip )?addresses|NoAvailableAddress|NoFreeIPs"
    r"|ip_space_exhausted|range is full|subnet is full|subnet .{1,80} (?:has no|is) (?:more )?(?:available|full)|could not allocate ip in range|InsufficientSubnetSize|no available ip|ip pool exhausted|ippool .{1,60} is full"
    r"|failed to allocate for range \d+: no ip|ran out of ip|all ip addresses .{0,40}(?:in use|allocated)|not enough ips",
    re.IGNORECASE,
)
_NETWORK = late(
    r"networkplugin|network plugin|networkready=false|cni plugin not initialized|cni config uninitialized|failed to (?:set ?up|setup|destroy|teardown|tear down) (?:pod )?(?:sandbox )?network|plugin type=|failed \(add\)|failed \(delete\)|add cmd:|no networks found in /etc/cni|failed to load cni|failed to find plugin|/run/flannel/subnet\.env|cilium daemon|calico/node|\bcni\b|multus|delegateadd|weave",
    re.IGNORECASE,
)
# The API server is out of the plug-in's reach: the Service network of the node may be what fails, not the plug-in.
_API = late(
    r"(?:https?://)?\[?(?P<host>[\w.:-]+?)\]?:(?:443|6443)[/\"'].{0,200}?(?:i/o timeout|connection refused|no route to host)"
    r"|dial tcp (?P<ip>[\d.]+):(?:443|6443): (?:i/o timeout|connect: connection refused|connect: no route to host)",
    re.IGNORECASE,
)
_OTHER = late(r"oom-killed|memory limit too low|runtimeclass|runtime handler|seccomp|apparmor", re.IGNORECASE)


class SandboxFailure(Struct, frozen=True):
    """`api` is the API server's address where the plug-in could not reach it; `current` False where the pod has come up since."""

    pod: Ref
    node: str
    lack: Lack
    text: str
    api: str
    current: bool
    evidence: Evidence


def lack_in(text: str) -> Lack | None:
    """What a message of the kubelet says is missing; None where it says something else."""
    if _RUNTIME.search(text):
        return Lack.RUNTIME
    if _OTHER.search(text):
        return None
    if _ADDRESS.search(text):
        return Lack.ADDRESS
    return Lack.NETWORK if _NETWORK.search(text) else None


@once
def sandbox_failures(index: Index) -> tuple[SandboxFailure, ...]:
    """The newest one of each pod and lack. Nodes that cannot be told are ""."""
    found: dict[tuple[Ref, Lack], SandboxFailure] = {}
    for event in index.events_with(*_REASONS):
        if event.about.kind != "Pod" or (
            event.reason in {"Failed", "FailedSync"}
            and "sandbox" not in event.text.lower()
            and ".sock" not in event.text
        ):
            continue
        lack = lack_in(event.text)
        key = (event.about, lack) if lack else None
        if key and key not in found:
            found[key] = _failure(index, event, key[1])
    return tuple(found[key] for key in sorted(found))


def _failure(index: Index, event: Event, lack: Lack) -> SandboxFailure:
    current = _holds(index, event)
    api = _API.search(event.text)
    return SandboxFailure(
        event.about,
        node_of_event(index, event) or (UNNAMED if _is_somewhere(index, event) else ""),
        lack,
        event.text,
        (api["host"] or api["ip"] or "") if api else "",
        current,
        event_evidence(index, event, current=current),
    )


def _is_somewhere(index: Index, event: Event) -> bool:
    """Of a pod that was seen in parts its node may not have been: the kubelet that speaks of it is on one."""
    return index.snapshot.get(Pod, event.about.namespace, event.about.name) is not None


def _holds(index: Index, event: Event) -> bool:
    """The pod still has no sandbox. A pod that was not seen may be gone: then a fresh event counts."""
    pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
    if pod is None or index.snapshot.depth(pod.ref) is Depth.NAMED:
        return is_recent(index, event.last_seen) and not index.snapshot.is_absent(event.about)
    if is_ready(pod) or is_finished(pod):
        return False
    if not has_run(pod.status):
        # Images are pulled once the sandbox stands.
        waiting = {item.state.waiting.reason for item in pod.status.container_statuses if item.state.waiting}
        return not waiting & {"ErrImagePull", "ImagePullBackOff"}
    running = any(status.state.running for status in pod.status.container_statuses)
    return is_recent(index, event.last_seen) and (
        not running or event.reason in {"FailedKillPod", "KillPodSandboxError"}
    )


def has_run(status: PodStatus) -> bool:
    """A container of it was started at some time."""
    return bool(status.pod_ip) or any(
        item.state.running or item.state.terminated or item.last_state.terminated or item.restart_count
        for item in (*status.init_container_statuses, *status.container_statuses)
    )
