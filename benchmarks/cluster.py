"""A whole cluster as `kubectl get … -A -o json` dumps it, of any size. The same arguments give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.shapes import admitted, at, managed_fields, metadata, owner, pod_spec, suffix, uid
from benchmarks.statuses import conditions, event, status

_REPLICAS = 12  # of each Deployment
_AGENTS = 4  # DaemonSets: pods on every node
_TEAM = 20  # Deployments in one namespace
_FAULTS = {17: "crash", 53: "oom", 71: "pending", 89: "image"}  # of a hundred Deployments


@dataclass(frozen=True, slots=True)
class _Group:
    """Pods of one template."""

    name: str
    namespace: str
    kind: str
    controller: str
    fault: str
    upstream: str


def template_hash(name: str, revision: int = 4) -> str:
    return suffix(f"{name}@{revision}", 9)


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def write_dump(path: Path, nodes: int, pods: int) -> None:
    """Nodes, Deployments, ReplicaSets, DaemonSets, Services, EndpointSlices, configuration, pods and events, in one List."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":[')
        for number, text in enumerate(_items(nodes, pods)):
            stream.write(f",{text}" if number else text)
        stream.write("]}\n")


def write_pods(path: Path, pods: int) -> None:
    """A PodList alone, as the API returns it: its items leave out kind and apiVersion."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7401233"},"items":[')
        texts = (text for group, members in _members(500, pods) for text in _pods(group, members, 500, events=False))
        for number, text in enumerate(texts):
            bare = text.replace('"apiVersion":"v1","kind":"Pod",', "", 1)
            stream.write(f",{bare}" if number else bare)
        stream.write("]}\n")


def _items(nodes: int, pods: int) -> Iterator[str]:
    yield from (_text(_node(number)) for number in range(nodes))
    namespaces: dict[str, None] = {}
    for group, members in _members(nodes, pods):
        if group.namespace not in namespaces:
            namespaces[group.namespace] = None
            yield _text({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(group.namespace)})
        yield from (_text(item) for item in _controllers(group, len(members)))
        yield from _pods(group, members, nodes)


def _members(nodes: int, pods: int) -> Iterator[tuple[_Group, list[tuple[int, int]]]]:
    """Groups with their pods as (number of the pod in the cluster, number of its node)."""
    agents = [f"agent-{letter}" for letter in "abcd"[:_AGENTS]] if pods > nodes * _AGENTS * 2 else []
    for position, name in enumerate(agents):
        yield (
            _Group(name, "kube-system", "DaemonSet", name, "", "telemetry.svc"),
            [(position * nodes + node, node) for node in range(nodes)],
        )
    first = len(agents) * nodes
    for number, start in enumerate(range(first, pods, _REPLICAS)):
        name, namespace = f"app-{number:05}", f"team-{number // _TEAM:04}"
        upstream = f"app-{number - 1:05}.{namespace}.svc.cluster.local" if number % _TEAM else "db.example.com"
        fault = _FAULTS.get(number % 100, "")
        group = _Group(name, namespace, "ReplicaSet", f"{name}-{template_hash(name)}", fault, upstream)
        yield group, [(pod, (pod * 7) % nodes) for pod in range(start, min(start + _REPLICAS, pods))]


def _spec(group: _Group) -> dict[str, Any]:
    image = f"registry.example.com/{group.namespace}/{group.name}:1.4.2"
    return pod_spec(group.name, image, group.upstream, cpu="96" if group.fault == "pending" else "250m")


def _labels(group: _Group) -> dict[str, str]:
    return {"app": group.name, "app.kubernetes.io/part-of": group.namespace}


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _pods(group: _Group, members: list[tuple[int, int]], nodes: int, *, events: bool = True) -> Iterator[str]:
    """One template, filled in per pod as text: a thousand times faster than building each."""
    spec = admitted(_spec(group), "" if group.fault == "pending" else "@NODE@")
    labels = {**_labels(group), "pod-template-hash": template_hash(group.name)}
    template = _text(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "@NAME@",
                "generateName": f"{group.controller}-",
                "namespace": group.namespace,
                "uid": "@UID@",
                "resourceVersion": "@RV@",
                "creationTimestamp": "@CREATED@",
                "labels": labels,
                "annotations": {"prometheus.io/scrape": "true", "checksum/config": suffix(group.name, 32)},
                "ownerReferences": owner(group.kind, group.controller, group.namespace),
                "managedFields": managed_fields(spec, "kube-controller-manager"),
            },
            "spec": spec,
            "status": status(group.fault, spec, nodes),
        }
    )
    # One in twenty healthy pods has an event that is still kept; every unwell one has.
    last = _text(event(group.fault, group.namespace, nodes))
    for number, node in members:
        name = f"{group.controller}-{suffix(f'{group.controller}{number}')}"
        values = {
            "@NAME@": name,
            "@NS@": group.namespace,
            "@APP@": group.name,
            "@UID@": uid(f"{group.namespace}/{name}"),
            "@RV@": str(7_000_000 + number),
            "@NODE@": f"node-{node:05}",
            "@HOST@": _address((172 << 16) + node),
            "@IP@": _address((64 << 16) + number),
            "@CID@": f"{number:012x}",
            "@TOKEN@": suffix(f"token{number}"),
            "@CREATED@": at(900 + number % 30_000 / 7),
            "@STARTED@": at(900 + number % 30_000 / 7 - 0.3),
        }
        yield _filled(template, values)
        if events and (group.fault or number % 20 == 0):
            yield _filled(last, values)


def _filled(template: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        template = template.replace(key, value)
    return template


def _node(number: int) -> dict[str, Any]:
    name = f"node-{number:05}"
    ready = number % 500 != 499
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata(
            name,
            labels={
                "kubernetes.io/hostname": name,
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": "m6i.8xlarge",
                "topology.kubernetes.io/zone": f"zone-{'abc'[number % 3]}",
            },
        ),
        "spec": {"podCIDR": f"10.{number >> 8 & 255}.{number & 255}.0/24"},
        "status": {
            "capacity": {"cpu": "32", "memory": "131072Mi", "pods": "110", "ephemeral-storage": "200Gi"},
            "allocatable": {"cpu": "31500m", "memory": "126000Mi", "pods": "110", "ephemeral-storage": "180Gi"},
            "conditions": [
                *conditions(at(30_000), MemoryPressure=False, DiskPressure=False, PIDPressure=False),
                {
                    "type": "Ready",
                    "status": "True" if ready else "Unknown",
                    "reason": "KubeletReady" if ready else "NodeStatusUnknown",
                    "message": "kubelet is posting ready status" if ready else "Kubelet stopped posting node status.",
                    "lastHeartbeatTime": at(1 if ready else 30),
                    "lastTransitionTime": at(30_000 if ready else 29),
                },
            ],
            "addresses": [{"type": "InternalIP", "address": _address((172 << 16) + number)}],
            "nodeInfo": {"kubeletVersion": "v1.33.4", "containerRuntimeVersion": "containerd://2.0.5"},
        },
    }


def _controllers(group: _Group, pods: int) -> Iterator[dict[str, Any]]:
    namespace, labels = group.namespace, _labels(group)
    spec = _spec(group)
    ready = 0 if group.fault else pods
    template = {"metadata": {"labels": labels}, "spec": spec}
    selector = {"matchLabels": {"app": group.name}}
    common = {"selector": selector, "template": template}
    if group.kind == "DaemonSet":
        counts = {"desiredNumberScheduled": pods, "currentNumberScheduled": pods, "numberReady": pods}
        yield _object("apps/v1", "DaemonSet", group.name, namespace, spec=common, status=counts)
        return
    counts = {"replicas": pods, "readyReplicas": ready, "availableReplicas": ready, "observedGeneration": 4}
    available = conditions(at(800), Available=not group.fault, Progressing=True)
    wanted = {"replicas": pods, **common}
    yield _object(
        "apps/v1", "Deployment", group.name, namespace, spec=wanted, status={**counts, "conditions": available}
    )
    for revision, name, size in ((3, f"{group.name}-{template_hash(group.name, 3)}", 0), (4, group.controller, pods)):
        meta = {
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": owner("Deployment", group.name, namespace),
            "labels": labels,
        }
        state = counts if size else {"replicas": 0}
        yield _object("apps/v1", "ReplicaSet", name, namespace, meta, spec={"replicas": size, **common}, status=state)
    port = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    service = {"type": "ClusterIP", "clusterIP": "10.96.0.1", "selector": {"app": group.name}, "ports": [port]}
    yield _object("v1", "Service", group.name, namespace, spec=service)
    yield _object("v1", "ConfigMap", f"{group.name}-config", namespace, data={"config.yaml": "listen: :8080\n" * 8})
    yield _object("v1", "Secret", f"{group.name}-db", namespace, data={"password": "c2VhbGVk"})
    yield _object("v1", "ServiceAccount", group.name, namespace)


def _object(api: str, kind: str, name: str, namespace: str, meta: dict[str, Any] | None = None, **parts: Any) -> Any:
    return {"apiVersion": api, "kind": kind, "metadata": metadata(name, namespace, **(meta or {})), **parts}
