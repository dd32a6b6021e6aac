"""The commands of a repacking, run as they are written, on a real control plane: the waiting pods are placed where the twin said."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
from typer.testing import CliRunner

from seakeep.cli.main import app
from seakeep.testing.testbed import ControlPlane, build
from seakeep.testing.testbed.nodes import NodeSpec

pytestmark = pytest.mark.engine("kubernetes")
NAMESPACE = "repack"
POOL = {"pool": "room"}


def deployment(name: str, replicas: int, cpu: str) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "main", "image": "example/app:1", "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}}}
    template = {"metadata": {"labels": labels}, "spec": {"nodeSelector": POOL, "containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}  # fmt: skip


def budget(name: str) -> dict[str, Any]:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": name}}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}  # fmt: skip


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane) -> ControlPlane:
    """Three nodes of 4 CPU with a pod of 1.5 CPU each; somebody asks for 3.5 CPU."""
    control_plane.add_nodes(NodeSpec(f"room-{number}", cpu="4", labels=POOL) for number in (1, 2, 3))
    control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    control_plane.apply([deployment("web", 3, "1500m"), budget("web")])
    control_plane.wait_for("web", lambda: _ready(control_plane, "web") == 3)
    control_plane.apply(deployment("big", 1, "3500m"))
    control_plane.wait_for("the scheduler's refusal", lambda: _refused(control_plane))
    return control_plane


def _ready(plane: ControlPlane, name: str) -> int:
    return int(plane.api.get("apps/v1", "Deployment", name, NAMESPACE).get("status", {}).get("readyReplicas", 0))


def _refused(plane: ControlPlane) -> bool:
    conditions = [item for pod in plane.pods(NAMESPACE, "app=big") for item in pod["status"].get("conditions", ())]
    return any(item.get("reason") == "Unschedulable" for item in conditions)


def test_what_is_found_holds_on_a_real_control_plane(plane: ControlPlane) -> None:
    done = CliRunner().invoke(app, ["rehearse", "repack", "-q", "--kubeconfig", str(plane.kubeconfig), "-o", "json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["fit"], found["method"], found["left"]) == ("found", "greedy", [])
    (move,) = found["moves"]
    assert move["workload"]["name"] == "web"
    folder = build.kubectl().parent
    environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig), "HOME": str(plane.folder), "PATH": f"{folder}:{os.environ['PATH']}"}  # fmt: skip
    script = "set -euo pipefail\n" + "\n".join(found["commands"])
    answer = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=120, env=environment)  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    plane.wait_for("big", lambda: _ready(plane, "big") == 1)
    assert _ready(plane, "web") == 3
    where = {pod["metadata"]["name"]: pod["spec"]["nodeName"] for pod in plane.pods(NAMESPACE)}
    assert move["pod"]["name"] not in where
    assert sorted(where.values()).count(move["target"]) == 2
    assert [node for name, node in where.items() if name.startswith("big-")] == [move["source"]]
    assert not any(plane.api.get("v1", "Node", f"room-{number}")["spec"].get("unschedulable") for number in (1, 2, 3))


def test_an_eviction_that_a_budget_bars_ends_the_commands(plane: ControlPlane) -> None:
    """The subresource answers 429, and nothing is forced."""
    plane.api.merge("policy/v1", "PodDisruptionBudget", "web", NAMESPACE, {"spec": {"maxUnavailable": 0}})
    plane.wait_for("the budget", lambda: plane.api.get("policy/v1", "PodDisruptionBudget", "web", NAMESPACE)["status"]["disruptionsAllowed"] == 0)  # fmt: skip
    name = plane.pods(NAMESPACE, "app=web")[0]["metadata"]["name"]
    body = json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": NAMESPACE}})  # fmt: skip
    command = [str(build.kubectl()), "--kubeconfig", str(plane.kubeconfig), "create", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction", "-f", "-"]  # fmt: skip
    answer = subprocess.run(command, input=body, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode != 0
    assert "disruption budget" in answer.stderr
