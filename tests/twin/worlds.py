"""Worlds for tests of disruption: everything that the API server holds was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Pod, PodDisruptionBudget
from seakeep.model.objects.workloads import PdbStatus
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, admit_all, suffixes
from tests.twin.platforms import whole


def world(objects: Iterable[Object], *more: Controller, settle: bool = True, kubelet: bool = True) -> Twin:
    controllers: Sequence[Controller] = (ReplicaSets(), *((Kubelet(),) if kubelet else ()), Disruptions(), *more)
    found = Twin(whole(objects), controllers, now=START, suffix=suffixes(), admit=admit_all)
    found.start_controllers()
    if settle:
        assert found.settle() is None
    return found


def pdb(name: str, app: str = "", namespace: str = "shop", **spec: Any) -> Object:
    selector = {"matchLabels": {"app": app or name}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": namespace, "generation": 1},
        "spec": {"selector": selector, **spec},
    }


def pod(name: str, node: str = "a", *, ready: bool = True, owner: Object | None = None, **changes: Any) -> Object:
    """Running where it has a node. `owner` as in `owned_by`; `labels`, `phase`, `spec`, `annotations` and `ip` change the rest."""
    labels = changes.get("labels", {"app": name.rpartition("-")[0] or name})
    metadata: Object = {
        "name": name,
        "namespace": changes.get("namespace", "shop"),
        "labels": labels,
        "uid": f"p-{name}",
    }
    metadata["annotations"] = changes.get("annotations", {})
    if owner:
        metadata["ownerReferences"] = [owner]
    phase = changes.get("phase", "Running" if node else "Pending")
    word = "True" if ready and phase == "Running" else "False"
    state = {"running": {}} if phase == "Running" else {"terminated": {"exitCode": 0}}
    status = {
        "phase": phase,
        "podIP": changes.get("ip", ""),
        "conditions": [{"type": "Ready", "status": word}, {"type": "ContainersReady", "status": word}] if node else [],
        "containerStatuses": [{"name": "main", "ready": word == "True", "restartCount": 1, "state": state}]
        if node
        else [],
    }
    spec = {"containers": [{"name": "main", "image": "example/app:1"}], "nodeName": node, **changes.get("spec", {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def owned_by(kind: str, name: str, api_version: str = "apps/v1", uid: str = "") -> Object:
    return {"apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": True}


def workload(kind: str, name: str, replicas: int | None, api_version: str = "apps/v1", **metadata: Any) -> Object:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "uid": f"{kind}-{name}", **metadata},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}},
    }


def status(twin: Twin, name: str) -> PdbStatus:
    found = twin.state.get(PodDisruptionBudget, "shop", name)
    assert found is not None
    return found.status


def figures(twin: Twin, name: str) -> tuple[int, int, int, int]:
    """Expected, desired, healthy, allowed."""
    found = status(twin, name)
    return found.expected_pods, found.desired_healthy, found.current_healthy, found.disruptions_allowed


def told(twin: Twin, name: str) -> tuple[str, str, str]:
    (condition,) = status(twin, name).conditions
    return condition.status, condition.reason, condition.message


def ready_pods(twin: Twin) -> list[str]:
    return [item.name for item in twin.state.all(Pod) if is_ready(item)]
