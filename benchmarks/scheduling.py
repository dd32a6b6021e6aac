"""Pods that the twin places, with mixed constraints: `python -m benchmarks.scheduling [NODES [PODS [KINDS]]]`. Prints seconds of CPU, pods a second and peak memory."""

from __future__ import annotations

import resource
import sys
import time
from random import Random
from typing import Any

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Node, Pod
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.fill import fill
from seakeep.twin.state import State

ZONE, HOSTNAME = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def node(number: int) -> Node:
    """Three zones; every tenth node is tainted for a pool of its own."""
    name, special = f"node-{number:05}", number % 10 == 0
    labels = {HOSTNAME: name, ZONE: f"zone-{number % 3}", "pool": "gpu" if special else "standard"}
    taints = [{"key": "gpu", "effect": "NoSchedule"}] if special else []
    found = from_mapping(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels | {"disk": "ssd" if number % 2 else "hdd"}},
            "spec": {"taints": taints},
            "status": {"allocatable": {"cpu": "32", "memory": "128Gi", "pods": "110"}},
        }
    )
    assert isinstance(found, Node)
    return found


def pod(number: int, random: Random) -> Pod:
    """A pod of the kind with this number: resources only, a selector, hard or soft zone spread, required anti-affinity, or a preference with a toleration."""
    labels = {"app": f"app-{number}"}
    requests = {
        "cpu": f"{random.choice((50, 100, 200, 500))}m",
        "memory": f"{random.choice((128, 256, 512, 1024))}Mi",
    }
    spec: dict[str, Any] = {"containers": [{"name": "main", "image": "app", "resources": {"requests": requests}}]}
    selector = {"matchLabels": labels}
    spread = {"maxSkew": 1, "topologyKey": ZONE, "labelSelector": selector}
    match number % 6:
        case 1:
            spec["nodeSelector"] = {"disk": "ssd"}
        case 2:
            spec["topologySpreadConstraints"] = [spread | {"whenUnsatisfiable": "DoNotSchedule"}]
        case 3:
            spec["topologySpreadConstraints"] = [spread | {"whenUnsatisfiable": "ScheduleAnyway"}]
        case 4:
            term = {"topologyKey": HOSTNAME, "labelSelector": selector}
            required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
            spec["affinity"] = {"podAntiAffinity": required}
        case 5:
            spec["tolerations"] = [{"key": "gpu", "operator": "Exists"}]
            wanted = {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["gpu"]}]}
            preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 10, "preference": wanted}]}
            spec["affinity"] = {"nodeAffinity": preferred}
    metadata = {"name": "sample", "namespace": f"team-{number % 20}", "labels": labels}
    found = from_mapping({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    assert isinstance(found, Pod)
    return found


def main() -> None:
    nodes, pods, kinds = [int(text) for text in sys.argv[1:]] + [5_000, 150_000, 3_000][len(sys.argv) - 1 :]
    random = Random(1)
    placed = {("", item.name): item for item in (node(number) for number in range(nodes))}
    waiting = [
        replace(sample, metadata=replace(sample.metadata, name=f"pod-{number}-{copy}"))
        for number in range(kinds)
        for sample in [pod(number, random)]
        for copy in range(pods // kinds)
    ]
    cluster = Cluster(State({"Node": placed}))
    start = time.process_time()
    found = fill(cluster, waiting)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(found)} pods of {kinds} kinds onto {nodes} nodes: {seconds:.1f} s of CPU, {len(found) / seconds:.0f} pods a second, "
        f"{sum(where < 0 for where in found)} fit nowhere, {memory:.0f} MB"
    )


if __name__ == "__main__":
    main()
