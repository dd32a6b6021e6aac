"""Node objects as a kubelet registers them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PREFIX = "testbed.seakeep.dev/"

# KWOK renews the leases of nodes that carry this label and plays the pods on them; without it, nobody does.
MANAGED = f"{PREFIX}kubelet"

_HEALTHY: dict[str, tuple[str, str, str]] = {
    "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
}


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node: `cpu`, `memory`, `ephemeral_storage` and `extended` are Kubernetes quantities; `conditions` override the
    healthy ones, type → (status, reason, message); `kubelet_reachable=False` gives it a kubelet port where nobody
    listens, so that logs and exec fail while its pods run.
    """

    name: str
    cpu: str = "16"
    memory: str = "64Gi"
    pods: int = 110
    ephemeral_storage: str = "200Gi"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Mapping[str, str]] = ()
    extended: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    unschedulable: bool = False
    kubelet_reachable: bool = True


def manifest(node: NodeSpec, index: int, kubelet_port: int, version: str, now: dt.datetime) -> dict[str, Any]:
    """The Node object; `index` (from 0) decides its addresses and pod range."""
    amounts = {
        "cpu": node.cpu,
        "memory": node.memory,
        "pods": str(node.pods),
        "ephemeral-storage": node.ephemeral_storage,
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        **node.extended,
    }
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    high, low = divmod(index, 256)
    pod_range = f"10.{244 + high}.{low}.0/24"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "annotations": {"node.alpha.kubernetes.io/ttl": "0", **node.annotations},
            "labels": {
                "beta.kubernetes.io/arch": "amd64",
                "beta.kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": node.name,
                "kubernetes.io/os": "linux",
                MANAGED: "kwok",
                **node.labels,
            },
        },
        "spec": {
            "podCIDR": pod_range,
            "podCIDRs": [pod_range],
            "taints": [dict(taint) for taint in node.taints],
            "unschedulable": node.unschedulable,
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": f"192.168.{10 + (index + 11) // 250}.{(index + 11) % 250}"},
                {"type": "Hostname", "address": node.name},
                # What the API server dials for logs: everything of a run is on loopback.
                {"type": "ExternalDNS", "address": "localhost"},
            ],
            "allocatable": amounts,
            "capacity": amounts,
            "conditions": [
                {
                    "type": kind,
                    "status": status,
                    "reason": reason,
                    "message": message,
                    "lastHeartbeatTime": stamp,
                    "lastTransitionTime": stamp,
                }
                for kind, (status, reason, message) in {**_HEALTHY, **node.conditions}.items()
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}},
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": f"00000000-0000-4000-8000-{index:012d}",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.1.0-40-amd64",
                "kubeProxyVersion": "",
                "kubeletVersion": version,
                "machineID": f"{index:032d}",
                "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "systemUUID": f"00000000-0000-4000-9000-{index:012d}",
            },
        },
    }
