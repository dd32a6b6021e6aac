"""Plays day 1 of the reference platform on the testbed and writes the snapshot that Seakeep ships.

Real Kubernetes decides what can be decided (placement, Pending pods, endpoints, failed Jobs); `faults.yaml` says what the kubelets
show, until which call gets through, and what containers wrote; this file stands in for the storage provisioner, for Argo CD's controller and for the
kubelet's static pods.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from field import as_in_the_field

from seakeep.adapters import redact
from seakeep.adapters.files import skz
from seakeep.adapters.open import open_source
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import status_column
from seakeep.model.snapshot import Snapshot
from seakeep.testing.testbed import ControlPlane, NodeSpec
from seakeep.testing.testbed.api import Object, objects
from seakeep.testing.testbed.nodes import PREFIX
from seakeep.testing.testbed.programs import Programs

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
_LAST = "spark-history-server"
_FOR_GOOD = re.compile(r'persistentvolumeclaim "\S+" not found|node affinity/selector')


def manifests(folders: Collection[str] = ()) -> Iterator[Object]:
    """Everything in manifests/, or in these folders of it, with the faults of faults.yaml as annotations of the pod templates."""
    faults = yaml.safe_load((HERE / "faults.yaml").read_text(encoding="utf-8"))
    places = [EXAMPLE / "manifests" / name for name in sorted(folders)] or [EXAMPLE / "manifests"]
    unused = {key for key in faults if not folders or key.split("/")[1] in folders}
    for item in (item for place in places for item in objects(place)):
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
        self._plane.api.close()

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


@contextmanager
def played(plane: ControlPlane, folders: Collection[str] = ()) -> Iterator[None]:
    """The platform, or these folders of manifests/, as it was made: not everything has started when this begins. Until it ends, volumes are provided, and programs that failed run once they reach what they call."""
    provisioner = Provisioner(plane)
    provisioner.start()
    try:
        create(plane, folders)
        with Programs(plane.api):
            yield
    finally:
        provisioner.stop()


def create(plane: ControlPlane, folders: Collection[str]) -> None:
    # Doris ran before it was disabled: that is why its claim is bound.
    items = list(manifests(folders))
    stopped = [item for item in items if item["kind"] == "StatefulSet" and item["spec"]["replicas"] == 0]
    for item in stopped:
        item["spec"]["replicas"] = 1
    # What finds no room came when the others had theirs.
    plane.apply(item for item in items if item["metadata"]["name"] != _LAST)
    plane.apply(static_pods(plane))
    plane.wait_for("pods on their nodes", lambda: _placed(plane), 120)
    plane.apply(item for item in items if item["metadata"]["name"] == _LAST)
    for name in _MISSING:
        if not folders or "argocd" in folders:
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


def settle(plane: ControlPlane) -> None:
    """Day 1 at its start."""
    try:
        plane.wait_for("settled platform", lambda: _counts(plane) == (PODS, RUNNING, FAILED) or None, 180)
    except Exception:
        print(plane.kubectl("get", "pods", "-A"), file=sys.stderr)
        raise
    time.sleep(_SETTLE_SECONDS)


def _placed(plane: ControlPlane) -> bool:
    """All that will be: what waits for claims that do not come, or for nodes that are gone, is told so by the scheduler."""
    pods = [item for item in plane.api.find("v1", "Pod") if not item["spec"].get("nodeName")]
    waiting = [condition for item in pods for condition in item["status"].get("conditions", [])]
    told = [item for item in waiting if item["type"] == "PodScheduled" and _FOR_GOOD.search(item.get("message", ""))]
    return bool(plane.api.find("v1", "Pod")) and len(told) == len(pods)


def _is_ready(plane: ControlPlane, item: Object) -> bool | None:
    metadata = item["metadata"]
    found = plane.api.get("apps/v1", item["kind"], metadata["name"], metadata["namespace"])
    return found["status"].get("readyReplicas") == 1 or None


def _counts(plane: ControlPlane) -> tuple[int, int, int]:
    states = Counter(line.split()[3] for line in plane.kubectl("get", "pods", "-A", "--no-headers").splitlines())
    return states.total(), states["Running"], sum(states[state] for state in _FAILED_STATES)


def capture(plane: ControlPlane) -> Snapshot:
    return redact.snapshot(as_in_the_field(open_source(None, kubeconfig=plane.kubeconfig)))


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="seakeep-254carbon-") as folder,
        ControlPlane.start(Path(folder), NODES) as plane,
        played(plane),
    ):
        settle(plane)
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
