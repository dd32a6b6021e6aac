"""Plays day 1 of the reference platform on the testbed and writes the snapshot that Seakeep ships.

Real Kubernetes decides what can be decided (placement, Pending pods, endpoints, failed Jobs); `faults.yaml` says what the kubelets
show and what containers wrote; this file stands in for the storage provisioner, for Argo CD's controller and for the kubelet's static pods.
"""

from __future__ import annotations

import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import yaml

from seakeep.adapters import redact
from seakeep.adapters.decode import struct_for
from seakeep.adapters.files import skz
from seakeep.adapters.open import open_source
from seakeep.facts.index import Index
from seakeep.facts.podstate import status_column
from seakeep.model.objects import Node, Pod
from seakeep.model.snapshot import Check, Snapshot
from seakeep.testing.testbed import ControlPlane, NodeSpec
from seakeep.testing.testbed.api import Object, objects
from seakeep.testing.testbed.nodes import PREFIX

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent
DATA = EXAMPLE.parents[1] / "src" / "seakeep" / "data"
SKZ, PLATFORM = DATA / "254carbon.skz", DATA / "254carbon.platform.yaml"
NODES = (
    NodeSpec("k8s-control", cpu="32", memory="64Gi", labels={"node-role.kubernetes.io/control-plane": ""}),
    NodeSpec("k8s-worker", cpu="32", memory="64Gi", kubelet_reachable=False),
)
PODS, RUNNING, FAILED = 154, 118, 19
_FAILED_STATES = frozenset({"CrashLoopBackOff", "Error"})
# Pods younger than a minute may simply be starting (facts.symptoms); the platform has long been up.
_SETTLE_SECONDS = 75
_KUBELET_PORT = 10250


def manifests() -> Iterator[Object]:
    """Everything in manifests/, with the faults of faults.yaml as annotations of the pod templates."""
    faults = yaml.safe_load((HERE / "faults.yaml").read_text(encoding="utf-8"))
    unused = set(faults)
    for item in objects(EXAMPLE / "manifests"):
        metadata = item["metadata"]
        key = f"{item['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"
        if key in faults:
            unused.discard(key)
            annotations = {PREFIX + name: value for name, value in faults[key].items()}
            item["spec"]["template"]["metadata"]["annotations"] = annotations
        yield item
    if unused:
        raise SystemExit(f"faults.yaml names workloads that no manifest has: {', '.join(sorted(unused))}")


class Provisioner(threading.Thread):
    """Rancher's local-path provisioner: a volume on the node that the scheduler chose."""

    def __init__(self, plane: ControlPlane) -> None:
        super().__init__(daemon=True)
        self._plane = plane
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.3):
            for claim in self._plane.api.find("v1", "PersistentVolumeClaim"):
                wanted = claim["metadata"].get("annotations", {})
                node = wanted.get("volume.kubernetes.io/selected-node")
                if (
                    node
                    and not claim["spec"].get("volumeName")
                    and wanted.get("volume.kubernetes.io/storage-provisioner")
                ):
                    self._plane.apply(_volume(claim, node))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _volume(claim: Object, node: str) -> Object:
    metadata, spec = claim["metadata"], claim["spec"]
    name = f"pvc-{metadata['uid']}"
    term = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    reference = {key: metadata[key] for key in ("name", "namespace", "uid")}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": "rancher.io/local-path"}},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": spec["resources"]["requests"],
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **reference},
            "hostPath": {"path": f"/opt/local-path-provisioner/{name}_{metadata['namespace']}_{metadata['name']}"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [term]}]}},
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": spec["storageClassName"],
        },
    }


def static_pods(plane: ControlPlane) -> Iterator[Object]:
    node = plane.api.get("v1", "Node", NODES[0].name)
    for pod in objects(HERE / "static-pods.yaml"):
        metadata = pod["metadata"]
        metadata["name"] += f"-{NODES[0].name}"
        metadata["annotations"] = {"kubernetes.io/config.mirror": "static", "kubernetes.io/config.source": "file"}
        owner = {"apiVersion": "v1", "kind": "Node", "name": NODES[0].name, "uid": node["metadata"]["uid"]}
        metadata["ownerReferences"] = [{**owner, "controller": True}]
        yield {**pod, "spec": {**pod["spec"], "nodeName": NODES[0].name, "tolerations": [{"operator": "Exists"}]}}


# What Argo CD's application controller writes: the resources in Git that are not in the cluster.
_MISSING = {"mlflow": ("ml-platform", ["mlflow-artifacts"]), "kubeflow": ("kubeflow", ["minio-pvc", "mysql-pv-claim"])}


def application_status(name: str) -> Object:
    namespace, claims = _MISSING[name]
    resources = [
        {"version": "v1", "kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim, "status": "OutOfSync"}
        for claim in claims
    ]
    return {
        "status": {
            "sync": {"status": "OutOfSync", "revision": "5d1f0c2e7b6a4938c1d2e3f405162738495a6b7c"},
            "health": {"status": "Missing"},
            "resources": [{**item, "health": {"status": "Missing"}} for item in resources],
        }
    }


def play(plane: ControlPlane) -> None:
    """Day 1 at its start."""
    provisioner = Provisioner(plane)
    provisioner.start()
    try:
        # Doris ran before it was disabled: that is why its claim is bound.
        items = list(manifests())
        stopped = [item for item in items if item["kind"] == "StatefulSet" and item["spec"]["replicas"] == 0]
        for item in stopped:
            item["spec"]["replicas"] = 1
        plane.apply(items)
        plane.apply(static_pods(plane))
        for name in _MISSING:
            plane.api.merge("argoproj.io/v1alpha1", "Application", name, "argocd", application_status(name))
        for item in stopped:
            plane.wait_for(f"ready {item['metadata']['name']}", lambda item=item: _is_ready(plane, item), 120)  # type: ignore[misc]
            scale = {"spec": {"replicas": 0}}
            plane.api.merge("apps/v1", "StatefulSet", item["metadata"]["name"], item["metadata"]["namespace"], scale)
        for kind, api_version, name in (
            ("StorageClass", "storage.k8s.io/v1", "standard"),
            ("CSIDriver", "storage.k8s.io/v1", "csi.testbed.seakeep.dev"),
        ):
            plane.api.delete(api_version, kind, name)
        try:
            plane.wait_for("settled platform", lambda: _counts(plane) == (PODS, RUNNING, FAILED) or None, 180)
        except Exception:
            print(plane.kubectl("get", "pods", "-A"), file=sys.stderr)
            raise
        time.sleep(_SETTLE_SECONDS)
    finally:
        provisioner.stop()


def _is_ready(plane: ControlPlane, item: Object) -> bool | None:
    metadata = item["metadata"]
    found = plane.api.get("apps/v1", item["kind"], metadata["name"], metadata["namespace"])
    return found["status"].get("readyReplicas") == 1 or None


def _counts(plane: ControlPlane) -> tuple[int, int, int]:
    states = Counter(line.split()[3] for line in plane.kubectl("get", "pods", "-A", "--no-headers").splitlines())
    return states.total(), states["Running"], sum(states[state] for state in _FAILED_STATES)


def capture(plane: ControlPlane) -> Snapshot:
    return redact.snapshot(as_in_the_field(open_source(None, kubeconfig=plane.kubeconfig)))


def as_in_the_field(found: Snapshot) -> Snapshot:
    """Without the marks of the testbed: its annotations and labels, and the loopback addresses on which it stands in for machines."""
    inside = {node.name: _internal_address(node) for node in found.all(Node)}
    raw = {
        kind: {key: _unmarked(msgspec.to_builtins(item)) for key, item in group.items()}
        for kind, group in found.objects.items()
    }
    kept = {
        kind: {
            key: msgspec.convert(item, struct_for(item.get("apiVersion", ""), kind), strict=False)
            for key, item in group.items()
            # The lease of the API server's own process carries the machine's name.
            if not (kind == "Lease" and key[1].startswith("apiserver-"))
        }
        for kind, group in raw.items()
    }
    return replace(
        found,
        source="cluster 254carbon",
        objects=kept,
        checks=tuple(_in_place(check, found, inside) for check in found.checks),
    )


def _internal_address(node: Node) -> str:
    return next(part.address for part in node.status.addresses if part.type == "InternalIP")


# Field managers of the testbed, by the program that they stand for.
_MANAGERS = {"seakeep-testbed": "kubectl", "kwok": "kubelet"}


def _unmarked(item: dict[str, Any]) -> dict[str, Any]:
    stack: list[Any] = [item]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            for name in [name for name in current if isinstance(name, str) and name.startswith(PREFIX)]:
                del current[name]
            for name, value in current.items():
                if name == "manager":
                    current[name] = _MANAGERS.get(value, value)
                elif isinstance(value, str) and value.startswith(f"{socket.gethostname()}_"):
                    # Controllers sign with the name of the machine that they run on.
                    current[name] = value.replace(socket.gethostname(), NODES[0].name, 1)
            stack.extend(current.values())
        elif isinstance(current, list | tuple):
            stack.extend(current)
    status = item.get("status")
    if item["kind"] == "Node" and isinstance(status, dict):
        status["addresses"] = [part for part in status["addresses"] if part["address"] != "localhost"]
    return item


def _in_place(check: Check, found: Snapshot, inside: dict[str, str]) -> Check:
    """The API server dials a node's kubelet; on the testbed that is a port of 127.0.0.1."""
    pod = next((pod for pod in found.all(Pod) if f" {pod.namespace}/{pod.name}:" in check.detail), None)
    if pod is None:
        return check
    address = inside[pod.spec.node_name]
    ports = f"(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):{check.port}"
    detail = re.sub(ports, f"{address}:{_KUBELET_PORT}", check.detail)
    return replace(check, target=address, port=_KUBELET_PORT, detail=detail)


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="seakeep-254carbon-") as folder,
        ControlPlane.start(Path(folder), NODES) as plane,
    ):
        play(plane)
        found = capture(plane)
    states = Counter(status_column(pod) for pod in Index(found).pods)
    lost = [item for item in found.unread if item.kind not in {"metrics", "logs"}]
    if lost or (states.total(), states["Running"]) != (PODS, RUNNING):
        print(f"not written: {states['Running']} of {states.total()} pods Running; not read: {lost}", file=sys.stderr)
        return 1
    skz.write(found, SKZ)
    PLATFORM.write_bytes((EXAMPLE / "platform.yaml").read_bytes())
    print(f"wrote {SKZ.name}: {found.object_count} objects, {len(found.logs)} logs, {SKZ.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
