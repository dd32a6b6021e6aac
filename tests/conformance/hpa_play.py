"""Plays HorizontalPodAutoscalers. The real controller reads what is measured from custom resources in the place of metrics-server's."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from seakeep.model.objects import Pod
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from seakeep.twin.controller import Controller, View
from seakeep.twin.controllers.hpa import HISTORY, Autoscalers
from seakeep.twin.controllers.replica_set import ReplicaSets
from tests.conformance.by_hand import Kinds, Played, Real, Side, plain
from tests.conformance.hpa_cases import Case, Step, Use
from tests.conformance.workload_cases import Object

_GROUP = "metrics.k8s.io"
_DEFINITION: Object = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    # A group of Kubernetes' own asks for it.
    "metadata": {"name": f"pods.{_GROUP}", "annotations": {"api-approved.kubernetes.io": "unapproved, a test's"}},
    "spec": {
        "group": _GROUP,
        "scope": "Namespaced",
        "names": {"plural": "pods", "singular": "pod", "kind": "PodMetrics", "listKind": "PodMetricsList"},
        "versions": [
            {
                "name": "v1beta1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
# Two looks of the controller, each 15 s after the one before.
_TWO_LOOKS = 33.0
_MIB = 1024 * 1024


class _Table:
    """What was measured, by pod."""

    def __init__(self) -> None:
        self.uses: dict[str, tuple[int, int]] = {}

    def per_pod(self, view: View, metric: Mapping[str, Any], pods: Sequence[Pod]) -> Mapping[str, int]:
        del view
        source = metric.get("resource") or metric.get("containerResource") or {}
        place = 0 if source["name"] == "cpu" else 1
        factor = 1 if place == 0 else _MIB * 1000
        return {pod.name: self.uses[pod.name][place] * factor for pod in pods if pod.name in self.uses}

    def value(self, view: View, metric: Mapping[str, Any]) -> int | None:
        del view, metric
        return None


class HpaSuite(Played[Case]):
    what = "HorizontalPodAutoscalers (conditions, messages, sizes) and the size of their targets after each step of a sequence"
    kinds: Kinds = {"HorizontalPodAutoscaler": "autoscaling/v2", "ReplicaSet": "apps/v1", "Pod": "v1"}

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = defaultdict(_Table)
        self._plane: ControlPlane | None = None

    def prepare(self, plane: ControlPlane) -> None:
        self._plane = plane
        plane.apply(_DEFINITION)
        plane.wait_for("metrics", lambda: _is_served(plane))

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        return (ReplicaSets(), Autoscalers(self._tables[case.namespace]))

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        side.create(case.target)
        items = side.rest()
        self._do(side, case.steps[0], items)
        side.create(case.autoscaler)
        found = [side.rest(_TWO_LOOKS)]
        for step in case.steps[1:]:
            self._do(side, step, found[-1])
            found.append(side.rest(_TWO_LOOKS))
        return found

    def _do(self, side: Side, step: Step, items: list[Object]) -> None:
        if step.patch is not None:
            side.patch("HorizontalPodAutoscaler", "it", step.patch)
        elif step.size >= 0:
            side.patch("ReplicaSet", "it", {"spec": {"replicas": step.size}})
        else:
            pods = sorted((item for item in items if item["kind"] == "Pod" and not item["metadata"].get("deletionTimestamp")), key=_state)  # fmt: skip
            for number, pod in enumerate(pods):
                name = pod["metadata"]["name"]
                side.patch("Pod", name, {"status": _running(side, ready=number < step.ready)}, status=True)
                self._measure(side, name, step.uses[number % len(step.uses)])

    def _measure(self, side: Side, pod: str, use: Use) -> None:
        if not isinstance(side, Real):
            table = self._tables[side.namespace].uses
            table.pop(pod, None)
            if use is not None:
                table[pod] = use
            return
        assert self._plane is not None
        api = self._plane.api
        if use is None:
            if any(
                item["metadata"]["name"] == pod for item in api.find(f"{_GROUP}/v1beta1", "PodMetrics", side.namespace)
            ):
                api.delete(f"{_GROUP}/v1beta1", "PodMetrics", pod, side.namespace)
            return
        usage = {"cpu": f"{use[0]}m", "memory": f"{use[1]}Mi"}
        self._plane.apply(
            {
                "apiVersion": f"{_GROUP}/v1beta1",
                "kind": "PodMetrics",
                "metadata": {"name": pod, "namespace": side.namespace, "labels": {"app": "it"}},
                "timestamp": side.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "window": "30s",
                "containers": [{"name": "main", "usage": usage}],
            }
        )

    def told(self, items: list[Object]) -> Any:
        found: dict[str, Any] = {}
        names = sorted((item["metadata"]["name"] for item in items if item["kind"] == "Pod"), key=len)
        for item in items:
            if item["kind"] == "HorizontalPodAutoscaler":
                said = plain(item, lambda text: _unnamed(text, names))
                said["metadata"]["annotations"].pop(HISTORY, None)
                said["status"]["conditions"].sort(key=lambda each: each["type"])
                found["autoscaler"] = said
            elif item["kind"] == "ReplicaSet":
                found["size"] = plain(item)["spec"]["replicas"]
        found["pods"] = len(
            [item for item in items if item["kind"] == "Pod" and not item["metadata"].get("deletionTimestamp")]
        )
        return found

    def known(self, case: Case, texts: list[str]) -> str:
        """Which of several equal pods goes decides whose metrics are left."""
        mixed = any(None in step.uses and any(step.uses) for step in case.steps)
        sizes = [step.size for step in case.steps if step.size >= 0] + [case.target["spec"]["replicas"]]
        shrinks = max(sizes) > case.autoscaler["spec"]["maxReplicas"] or len(sizes) > 1
        return "equal-pods" if mixed and shrinks and all("/autoscaler/status" in text for text in texts) else ""

    def clean(self, side: Side, left: list[Object]) -> None:
        side.delete("HorizontalPodAutoscaler", "it")
        side.delete("ReplicaSet", "it", propagation="Orphan")
        for item in left:
            if item["kind"] == "Pod":
                side.delete("Pod", item["metadata"]["name"], grace=0)


def _is_served(plane: ControlPlane) -> bool:
    try:
        plane.api.request("GET", f"/apis/{_GROUP}/v1beta1/pods")
    except ApiError:
        return False
    return True


def _unnamed(text: str, names: list[str]) -> str:
    for name in names:
        text = text.replace(name, "POD")
    return text


def _state(pod: Object) -> str:
    ready = [each["status"] for each in pod.get("status", {}).get("conditions", []) if each["type"] == "Ready"]
    return json.dumps([pod.get("status", {}).get("phase") != "Running", ready != ["True"]])


def _running(side: Side, *, ready: bool) -> Object:
    """Long running; one that is not ready never was."""

    def stamp(ago: float) -> str:
        return (side.now() - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")

    condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": stamp(600 if ready else 695)}
    return {"phase": "Running", "startTime": stamp(700), "conditions": [condition]}
