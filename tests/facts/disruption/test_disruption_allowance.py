"""How many pods a drain may take, and what the budget says on which Kubernetes."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.catalog.loader import services
from seakeep.engine.traits import recognising
from seakeep.facts.admission.server_version import at_least
from seakeep.facts.disruption.disruption_allowance import allowance, budget_for
from seakeep.facts.index import Index
from seakeep.facts.workloads.least_ready import least
from seakeep.facts.workloads.podspecs import judged_of
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of

IMAGES = {"quorum": "zookeeper:3.9", "in-sync": "apache/kafka:4.0.0", "one": "web:1"}
REF = Ref("StatefulSet", "default", "db")


def _set(image: str, replicas: int) -> dict[str, Any]:
    name = image.partition(":")[0].rpartition("/")[2]
    pods = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": pods}
    return {"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec}


def _index(*objects: dict[str, Any], version: str = "") -> Index:
    said = f"$ kubectl version\nServer Version: {version}\n" if version else ""
    return Index(snapshot_of({"objects": objects, "transcript": said}), recognising(services()))


@pytest.mark.parametrize("rule", IMAGES)
@pytest.mark.parametrize("replicas", range(2, 12))
def test_what_stays_serves_and_a_drain_gets_on(rule: str, replicas: int) -> None:
    index = _index(_set(IMAGES[rule], replicas))
    amount = allowance(index, judged_of(index, REF), replicas).amount
    assert isinstance(amount, int)
    assert amount >= 1
    assert amount == 1 or replicas - amount >= least(rule, replicas)
    assert rule != "in-sync" or amount == 1


@pytest.mark.parametrize(
    ("version", "kubelet", "said"),
    [("v1.37.2", "", True), ("v1.26.0", "v1.26.0", None), ("", "v1.29.1-gke.2", True), ("", "", None)],
)
def test_unready_pods_hold_up_no_drain_where_kubernetes_can(version: str, kubelet: str, said: bool | None) -> None:
    node = {"kind": "Node", "metadata": {"name": "a"}, "status": {"nodeInfo": {"kubeletVersion": kubelet}}}
    index = _index(_set("web:1", 2), node, version=version)
    change = budget_for(index, judged_of(index, REF), 2)
    assert change is not None
    assert change.patch["spec"].get("unhealthyPodEvictionPolicy") == ("AlwaysAllow" if said else None)
    assert at_least(index, 27) is (False if version.startswith("v1.26") else said)
