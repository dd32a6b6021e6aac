"""Faults on a real control plane → `seakeep snapshot` → the right cause and culprit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from seakeep.adapters.files.read import read_path
from seakeep.adapters.kube import observe
from seakeep.adapters.open import open_source
from seakeep.app.check import diagnose_snapshot
from seakeep.app.snapshot import capture
from seakeep.cli.options import today
from seakeep.model.cause import Cause
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot
from seakeep.testing.testbed import ControlPlane, NodeSpec

pytestmark = pytest.mark.engine("kubernetes")
FAULTS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text(encoding="utf-8"))
_SAID = "testbed.seakeep.dev/"
# Reasons that a pod, or a ReplicaSet without one, has come to where its fault leads.
_SHOWN = {"FailedCreate", "FailedScheduling", "BackOff", "Unhealthy", "Failed"}


def _namespace(fault: dict[str, Any]) -> str:
    return f"cause-{fault['name']}"


def _objects(fault: dict[str, Any]) -> Iterator[dict[str, Any]]:
    namespace = _namespace(fault)
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    for item in fault.get("apply", ()):
        yield {**item, "metadata": {**item["metadata"], "namespace": namespace}}
    played = {f"{_SAID}{key}": value for key, value in fault.get("play", {}).items()}
    container = {"name": "main", "image": "registry.example.org/app:1.0", **fault.get("deployment", {})}
    yield _deployment("app", namespace, {"containers": [container], **fault.get("pod", {})}, played)


def _deployment(name: str, namespace: str, spec: dict[str, Any], played: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}, "annotations": played}, "spec": spec},
        },
    }


def _shows(plane: ControlPlane, fault: dict[str, Any]) -> bool:
    namespace = _namespace(fault)
    if fault["expect"] == "none":
        return bool(plane.api.get("apps/v1", "Deployment", "app", namespace).get("status", {}).get("readyReplicas"))
    if fault.get("play", {}).get("fault") == "init-waiting":
        return any(
            "running" in status.get("state", {})
            for pod in plane.pods(namespace)
            for status in pod["status"].get("initContainerStatuses", [])
        )
    return any(event.get("reason") in _SHOWN for event in plane.events(namespace))


@pytest.fixture(scope="module")
def seen(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """One snapshot of all faults, written to a file and read again."""
    for fault in FAULTS:
        control_plane.apply(_objects(fault))
    for fault in FAULTS:
        control_plane.wait_for(f"sign of {fault['name']}", lambda fault=fault: _shows(control_plane, fault), seconds=60)
    out = tmp_path_factory.mktemp("seen") / "faults.skz"
    capture(open_source(None, kubeconfig=control_plane.kubeconfig, logs=True), out)
    return read_path(str(out))


def _causes(snapshot: Snapshot, namespace: str) -> list[Cause]:
    """Ranked; those of this namespace's objects."""
    found = diagnose_snapshot(snapshot, Intent(), today()).causes
    return [
        cause
        for cause in found
        if namespace in {ref.namespace for ref in (cause.candidate.object, *cause.candidate.affects, *cause.explains)}
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_cause_and_culprit(seen: Snapshot, fault: dict[str, Any]) -> None:
    causes = _causes(seen, _namespace(fault))
    said = [f"{cause.candidate.id} {cause.candidate.object.kind}/{cause.candidate.object.name}" for cause in causes]
    if fault["expect"] == "none":
        assert said == []
    else:
        assert said[0] == fault["expect"], said
        assert causes[0].candidate.object.namespace == _namespace(fault)


def test_nothing_was_left_unread(seen: Snapshot) -> None:
    assert seen.unread == ()


def test_lost_node(control_plane: ControlPlane) -> None:
    """The controller manager's own judgement, after the last sign of life; the API server no longer reaches its kubelet."""
    control_plane.add_nodes([NodeSpec("doomed", labels={"only": "doomed"}, kubelet_reachable=False)])
    control_plane.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cause-node"}}])
    spec = {
        "nodeSelector": {"only": "doomed"},
        "containers": [{"name": "main", "image": "registry.example.org/app:1.0"}],
    }
    control_plane.apply([_deployment("app", "cause-node", spec, {})])
    control_plane.wait_for("pod", lambda: _phase(control_plane, "cause-node") == ["Running"], seconds=60)
    control_plane.lose_node("doomed")
    try:
        control_plane.wait_for("lost node", lambda: _lost(control_plane, "doomed"), seconds=90)
        found = observe(kubeconfig=control_plane.kubeconfig, namespaces=["cause-node"])
        first = diagnose_snapshot(found, Intent(), today()).causes[0].candidate
        assert (first.id, first.object.kind, first.object.name) == ("kubelet-down", "Node", "doomed")
        # The pod is not ready now, so its log was asked for; what the API server said of the kubelet is kept as evidence.
        assert [check.outcome for check in found.checks] == ["refused"]
        assert "cause-node/app-" in found.checks[0].detail
    finally:
        control_plane.api.delete("v1", "Node", "doomed")


def _phase(plane: ControlPlane, namespace: str) -> list[str]:
    return [pod["status"].get("phase") for pod in plane.pods(namespace)]


def _lost(plane: ControlPlane, name: str) -> bool:
    conditions = plane.api.get("v1", "Node", name)["status"]["conditions"]
    unknown = any(item["type"] == "Ready" and item["status"] == "Unknown" for item in conditions)
    pods = plane.pods("cause-node")
    ready = [item["status"] for pod in pods for item in pod["status"]["conditions"] if item["type"] == "Ready"]
    return unknown and "False" in ready


def test_eviction(control_plane: ControlPlane) -> None:
    control_plane.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cause-evicted"}}])
    spec = {"containers": [{"name": "main", "image": "registry.example.org/app:1.0"}]}
    control_plane.apply([_deployment("app", "cause-evicted", spec, {})])
    control_plane.wait_for("pod", lambda: _phase(control_plane, "cause-evicted") == ["Running"], seconds=60)
    pod = control_plane.pods("cause-evicted")[0]
    control_plane.annotate_pod("cause-evicted", pod["metadata"]["name"], {f"{_SAID}fault": "evicted"})
    control_plane.wait_for("eviction", lambda: "Failed" in _phase(control_plane, "cause-evicted"), seconds=60)
    found = observe(kubeconfig=control_plane.kubeconfig, namespaces=["cause-evicted"])
    first = diagnose_snapshot(found, Intent(), today()).causes[0].candidate
    assert (first.id, first.object.kind, first.object.name) == (
        "node-pressure-eviction",
        "Node",
        pod["spec"]["nodeName"],
    )
