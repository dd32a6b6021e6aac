"""The live source against what kubectl dumps of the same cluster."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from seakeep.adapters.files.read import read_path
from seakeep.adapters.kube import observe
from seakeep.adapters.kube.limits import Limits
from seakeep.model.objects import Pod, Secret
from seakeep.model.snapshot import Depth, Snapshot
from seakeep.testing.testbed import ControlPlane
from tests.scenarios.platforms import lake

pytestmark = pytest.mark.engine("kubernetes")
NAMESPACE = "live-lake"
# Written again and again by whoever holds them.
MOVING = {"Lease", "Event"}
_CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: harbours.ferry.example.org}
spec:
  group: ferry.example.org
  scope: Namespaced
  names: {plural: harbours, singular: harbour, kind: Harbour}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane) -> ControlPlane:
    control_plane.apply(lake(NAMESPACE))
    control_plane.apply(_CRD)
    control_plane.kubectl(
        "create", "secret", "generic", "made-by-kubectl", "-n", NAMESPACE, "--from-literal=a.b=canary-1"
    )
    harbour = {
        "apiVersion": "ferry.example.org/v1",
        "kind": "Harbour",
        "metadata": {"name": "north", "namespace": NAMESPACE},
        "spec": {"berths": 3},
    }
    control_plane.apply([harbour])
    made = control_plane.api.get("ferry.example.org/v1", "Harbour", "north", NAMESPACE)["metadata"]
    owner = {"apiVersion": "ferry.example.org/v1", "kind": "Harbour", "name": "north", "uid": made["uid"]}
    control_plane.api.merge(
        "apps/v1",
        "Deployment",
        "superset",
        NAMESPACE,
        {"metadata": {"ownerReferences": [owner | {"controller": True}]}},
    )
    control_plane.wait_for("a settled platform", lambda: _settled(control_plane), seconds=120)
    return control_plane


def _settled(plane: ControlPlane) -> bool:
    found = [item for kind in ("Deployment", "StatefulSet") for item in plane.api.find("apps/v1", kind, NAMESPACE)]
    return all(item.get("status", {}).get("readyReplicas") == item["spec"]["replicas"] for item in found)


def _dump(plane: ControlPlane, folder: Path, kinds: list[str]) -> Snapshot:
    served = plane.kubectl("api-resources", "--verbs=list", "-o", "name").split()
    names = {name.partition(".")[0]: name for name in reversed(served)}
    wanted = [names[_plural(kind)] for kind in kinds]
    file = folder / "dump.json"
    file.write_text(plane.kubectl("get", ",".join(wanted), "-A", "-o", "json", "--show-managed-fields"))
    return read_path(str(file))


def _plural(kind: str) -> str:
    word = kind.lower()
    if word == "endpoints":
        return word
    return f"{word[:-1]}ies" if word.endswith("cy") else f"{word}es" if word.endswith(("s", "ss")) else f"{word}s"


@pytest.mark.parametrize("page", [500, 7])
def test_equals_the_dump(plane: ControlPlane, tmp_path: Path, page: int) -> None:
    live = observe(kubeconfig=plane.kubeconfig, limits=Limits(page=page))
    kinds = sorted(set(live.objects) - MOVING)
    dumped = _dump(plane, tmp_path, kinds)
    assert live.unread == ()
    assert {"Pod", "Deployment", "StatefulSet", "Node", "StorageClass", "ClusterRole", "Harbour"} <= set(kinds)
    for kind in kinds:
        one, two = dict(live.objects[kind]), dict(dumped.objects[kind])
        if kind == "Secret":
            one, two = _names(one), _names(two)
        assert sorted(one) == sorted(two), kind
        for key, item in one.items():
            assert _lines(item) == _lines(two[key]), key
    assert live.lists_all("Pod", "*")
    assert live.lists_all("PodDisruptionBudget", "*"), "that there are none is known too"
    assert live.server_version.startswith("v1.")
    assert not [log for log in live.logs if log.namespace == NAMESPACE], "nothing is unhealthy there"


def _lines(item: object) -> list[str]:
    """Pretty JSON, in which pytest can point at the difference."""
    if isinstance(item, Pod):
        # Of pods, lists do not keep who wrote what.
        item = replace(item, metadata=replace(item.metadata, managed_fields=()))
    return msgspec.json.format(msgspec.json.encode(item, order="deterministic")).decode().splitlines()


def _names(secrets: dict) -> dict:  # type: ignore[type-arg]
    return {key: (item.type, item.keys, item.labels) for key, item in secrets.items()}


def test_keys_of_secrets_without_their_values(plane: ControlPlane) -> None:
    live = observe(kubeconfig=plane.kubeconfig, namespaces=[NAMESPACE])
    for name, keys in (("made-by-kubectl", ("a.b",)), ("postgres", ("password",))):
        secret = live.get(Secret, NAMESPACE, name)
        assert secret is not None
        assert (secret.type, secret.keys, live.depth(secret.ref)) == ("Opaque", keys, Depth.FULL)
    assert "canary-1" not in repr(live)
    assert "Y2FuYXJ5LTE" not in repr(live)


def test_one_namespace(plane: ControlPlane) -> None:
    live = observe(kubeconfig=plane.kubeconfig, namespaces=[NAMESPACE])
    assert {pod.namespace for pod in live.of_kind("Pod")} == {NAMESPACE}
    assert live.lists_all("Pod", NAMESPACE)
    assert not live.lists_all("Pod", "kube-system")
    assert live.lists_all("Node", "*")
    leases = {item.namespace for item in live.of_kind("Lease")}
    assert "kube-node-lease" in leases, "whether kubelets live is told outside of the namespace"


def test_custom_resources_that_own_something_are_found(plane: ControlPlane) -> None:
    live = observe(kubeconfig=plane.kubeconfig)
    harbour = live.objects["Harbour"][NAMESPACE, "north"]
    assert json.loads(json.dumps(harbour.spec)) == {"berths": 3}  # type: ignore[attr-defined]


def test_usage_that_nobody_tells(plane: ControlPlane) -> None:
    """Without metrics-server nothing is missing; one that is registered and does not answer is named."""
    assert not {"NodeMetrics", "PodMetrics"} & {item.kind for item in observe(kubeconfig=plane.kubeconfig).unread}
    registration = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"name": "metrics-server", "namespace": "kube-system"},
        },
    }
    plane.apply([registration])
    try:
        found = observe(kubeconfig=plane.kubeconfig)
        told = {item.kind: item.reason for item in found.unread}
        assert set(told) == {"NodeMetrics", "PodMetrics"}
        assert set(told.values()) <= {"unavailable", "not served"}
    finally:
        plane.api.delete("apiregistration.k8s.io/v1", "APIService", "v1beta1.metrics.k8s.io")
