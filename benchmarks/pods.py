"""Nodes and pods to schedule, as the API server takes them: mixed constraints, and one class of constraint at a time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Object = dict[str, Any]

ZONE, HOSTNAME = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
ROOM = {"cpu": "32", "memory": "128Gi", "pods": "110"}


def node_labels(number: int) -> dict[str, str]:
    """Three zones; every tenth node is of a pool of its own."""
    pool, disk = "standard" if number % 10 else "gpu", "ssd" if number % 2 else "hdd"
    return {ZONE: f"zone-{number % 3}", "pool": pool, "disk": disk}


def node_taints(number: int) -> list[dict[str, str]]:
    """Nobody goes to the pool without asking."""
    return [] if number % 10 else [{"key": "gpu", "effect": "NoSchedule"}]


def node(number: int) -> Object:
    name = f"node-{number:05}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {HOSTNAME: name, **node_labels(number)}},
        "spec": {"taints": node_taints(number)},
        "status": {"allocatable": ROOM},
    }


def mixed(number: int, random: Random) -> Object:
    """A pod of the kind with this number: resources only, a selector, hard or soft zone spread, required anti-affinity, or a preference with a toleration."""
    labels = {"app": f"app-{number}"}
    cpu, memory = random.choice((50, 100, 200, 500)), random.choice((128, 256, 512, 1024))
    spec: Object = {}
    match number % 6:
        case 1:
            spec["nodeSelector"] = {"disk": "ssd"}
        case 2:
            spec["topologySpreadConstraints"] = [_spread(labels, 1, "DoNotSchedule")]
        case 3:
            spec["topologySpreadConstraints"] = [_spread(labels, 1, "ScheduleAnyway")]
        case 4:
            spec["affinity"] = {"podAntiAffinity": _apart(labels)}
        case 5:
            spec["tolerations"] = [{"key": "gpu", "operator": "Exists"}]
            wanted = {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["gpu"]}]}
            preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 10, "preference": wanted}]}
            spec["affinity"] = {"nodeAffinity": preferred}
    return _pod(f"team-{number % 20}", labels, spec, f"{cpu}m", f"{memory}Mi")


def basic(number: int, random: Random) -> Object:
    """As SchedulingBasic of scheduler_perf: requests alone."""
    del random
    return _pod("basic", {"app": f"app-{number}"}, {})


def hard_spread(number: int, random: Random) -> Object:
    """As TopologySpreading: zones, skew 5, DoNotSchedule."""
    del random
    labels = {"app": f"app-{number}"}
    return _pod("hard-spread", labels, {"topologySpreadConstraints": [_spread(labels, 5, "DoNotSchedule")]})


def default_spread(number: int, random: Random) -> Object:
    """As DefaultTopologySpreading: a Service selects the pods, and the scheduler's own constraints spread them."""
    del random
    return _pod("default-spread", {"app": f"app-{number}"}, {})


def anti_affinity(number: int, random: Random) -> Object:
    """As SchedulingPodAntiAffinity: one pod of an application per node."""
    del random
    labels = {"app": f"app-{number}"}
    return _pod("anti-affinity", labels, {"affinity": {"podAntiAffinity": _apart(labels)}})


Maker = Callable[[int, Random], Object]


def many(maker: Maker, count: int, kinds: int) -> list[Object]:
    """`count` pods of so many kinds, kind after kind; the same in every run."""
    random = Random(1)
    samples = [maker(number, random) for number in range(kinds)]
    return [
        {**sample, "metadata": {**sample["metadata"], "name": f"pod-{number:05}-{copy:05}"}}
        for number, sample in enumerate(samples)
        for copy in range(count // kinds)
    ]


def service(namespace: str, app: str) -> Object:
    metadata = {"name": app, "namespace": namespace}
    spec = {"selector": {"app": app}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _pod(namespace: str, labels: dict[str, str], spec: Object, cpu: str = "100m", memory: str = "500Mi") -> Object:
    container = {"name": "main", "image": "app", "resources": {"requests": {"cpu": cpu, "memory": memory}}}
    metadata = {"name": "sample", "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], **spec}}


def _spread(labels: dict[str, str], skew: int, otherwise: str) -> Object:
    selector = {"matchLabels": labels}
    return {"maxSkew": skew, "topologyKey": ZONE, "labelSelector": selector, "whenUnsatisfiable": otherwise}


def _apart(labels: dict[str, str]) -> Object:
    term = {"topologyKey": HOSTNAME, "labelSelector": {"matchLabels": labels}}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
