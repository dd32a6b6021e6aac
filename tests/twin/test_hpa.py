"""Autoscalers: the algorithm of autoscaling/v2 on given metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from seakeep.model.objects import Deployment, HorizontalPodAutoscaler, Pod
from seakeep.twin.controller import View
from seakeep.twin.controllers import hpa_rules
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.hpa import Autoscalers
from seakeep.twin.controllers.hpa_rules import Past
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, admit_all, node, snapshot, suffixes
from tests.twin.workload_worlds import QUICK, change, get, said, workload


@dataclass
class Load:
    """The whole load in thousandths, shared by the pods that are ready; `silent` pods tell nothing."""

    total: int
    silent: int = 0

    def per_pod(self, view: View, metric: Mapping[str, Any], pods: Sequence[Pod]) -> Mapping[str, int]:
        del view, metric
        telling = [pod.name for pod in pods if pod.status.phase == "Running"][self.silent :]
        return {name: self.total // len(telling) for name in telling}

    def value(self, view: View, metric: Mapping[str, Any]) -> int | None:
        del view, metric
        return self.total or None


CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
QUEUE = {"type": "External", "external": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "10"}}}  # fmt: skip


def autoscaler(metric: Object = CPU, least: int = 1, most: int = 10, **spec: Any) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    wanted = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most, "metrics": [metric], **spec}
    metadata = {"name": "web", "namespace": "shop", "uid": "hpa", "generation": 1}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": wanted}


def world(load: Load, hpa: Object, replicas: int = 2) -> Twin:
    objects = [node("a", cpu="64"), workload("Deployment", replicas=replicas), hpa]
    controllers = (Deployments(), ReplicaSets(), Autoscalers(load), Kubelet())
    twin = Twin(snapshot(objects), controllers, now=START, suffix=suffixes(), admit=admit_all, settings=QUICK)
    twin.start_controllers()
    return twin


def replicas(twin: Twin) -> int:
    return int(get(twin, Deployment).spec.replicas)


def test_up_at_once_by_at_most_twice_and_down_only_after_five_minutes() -> None:
    load = Load(100)  # of 2 x 100m requested: 50 %, as wanted
    twin = world(load, autoscaler())
    twin.settle(within=600)
    assert replicas(twin) == 2
    load.total = 350
    twin.settle(within=20)
    assert replicas(twin) == 4  # never more than doubled, or four
    twin.settle(within=400)
    assert replicas(twin) == 7
    load.total = 100
    twin.settle(within=280)
    assert replicas(twin) == 7
    assert said(get(twin, HorizontalPodAutoscaler))["AbleToScale"] == ("True", "ScaleDownStabilized")
    twin.settle(within=60)
    assert replicas(twin) == 2


def test_within_the_tolerance_nothing_happens() -> None:
    twin = world(Load(108), autoscaler())
    twin.settle(within=600)
    assert replicas(twin) == 2


def test_bounds_come_first() -> None:
    twin = world(Load(0), autoscaler(least=3, most=5), replicas=8)
    twin.settle(within=30)
    assert replicas(twin) == 5
    change(twin, Deployment, replicas=1)
    twin.settle(within=20)
    assert replicas(twin) == 3


def test_without_metrics_it_says_so_and_does_nothing() -> None:
    twin = world(Load(0), autoscaler(QUEUE))
    twin.settle(within=600)
    assert replicas(twin) == 2
    assert said(get(twin, HorizontalPodAutoscaler))["ScalingActive"] == ("False", "FailedGetExternalMetric")


def test_a_queue_shared_by_the_replicas() -> None:
    twin = world(Load(42_000), autoscaler(QUEUE))
    twin.settle(within=120)
    assert replicas(twin) == 5


def test_pods_that_tell_nothing_count_as_idle_when_it_grows_and_as_busy_when_it_shrinks() -> None:
    twin = world(Load(160, silent=1), autoscaler())
    twin.settle(within=600)
    assert replicas(twin) == 4  # 160 % of one pod is 80 % of two: 2 x 80 / 50, not 2 x 160 / 50
    twin = world(Load(20, silent=1), autoscaler())
    twin.settle(within=900)
    assert replicas(twin) == 2


def test_policies_limit_what_one_period_may_add_or_take() -> None:
    behavior = {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}}
    twin = world(Load(400), autoscaler(behavior=behavior))
    twin.settle(within=400)
    up = [step.at for step in twin.steps if step.why.startswith("horizontalpodautoscaler: New size")]
    assert all(after - before >= 60 for before, after in pairwise(up))
    assert replicas(twin) > 4


@pytest.mark.parametrize(
    ("select", "wanted"),
    [("Max", 12), ("Min", 8), ("Disabled", 6)],
)
def test_of_several_policies_the_one_that_is_selected(select: str, wanted: int) -> None:
    said = {"scaleUp": {"selectPolicy": select, "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}, {"type": "Percent", "value": 100, "periodSeconds": 60}]}}  # fmt: skip
    up, down = hpa_rules.rules(said, "scaleUp"), hpa_rules.rules(said, "scaleDown")
    assert hpa_rules.limited(6, 50, 1, 100, Past(), up, down)[0] == wanted


def test_no_target_is_said_too() -> None:
    hpa = autoscaler()
    hpa["spec"]["scaleTargetRef"]["name"] = "gone"
    twin = world(Load(1), hpa)
    assert twin.settle() is None
    assert said(get(twin, HorizontalPodAutoscaler))["AbleToScale"] == ("False", "FailedGetScale")
