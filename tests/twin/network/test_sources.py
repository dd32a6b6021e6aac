"""Who asks: pods, workloads, and what cannot."""

from __future__ import annotations

import pytest

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Verdict
from seakeep.twin.network.faults import Faults
from seakeep.twin.network.sources import SourceUnknownError
from tests.twin.network.shop import ask, base, decided, service
from tests.twin.network.worlds import Object, pod, policy


def deployment(name: str, labels: Object) -> Object:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": template},
    }


def test_a_workload_asks_from_each_of_its_pods() -> None:
    def owned(kind: str, name: str) -> list[Object]:
        return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True}]

    replica = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "front-1", "namespace": "shop", "ownerReferences": owned("Deployment", "front")},
    }
    pods = [
        pod("shop", f"front-1-{number}", f"10.0.1.{number}", f"node-{number}", {"app": "front"}) for number in (1, 2)
    ]
    for item in pods:
        item["metadata"]["ownerReferences"] = owned("ReplicaSet", "front-1")
    items = base(deployment("front", {"app": "front"}), replica, *pods)
    source = Ref("Deployment", "shop", "front")
    assert ask(items, "10.0.0.3", 8080, source=source).verdict is Verdict.REACHABLE
    answer = ask(items, "10.0.0.3", 8080, source=source, faults=Faults(pairs=frozenset({("node-1", "node-2")})))
    assert answer.verdict is Verdict.PARTLY
    assert answer.path[0].what == "1 of 2 pods are reached: the first that is not"


def test_a_workload_without_pods_asks_by_its_template() -> None:
    guard = policy("guard", "shop", podSelector={"matchLabels": {"app": "front"}}, policyTypes=["Egress"])
    answer = ask(
        base(deployment("front", {"app": "front"}), guard), "10.0.0.3", 8080, source=Ref("Deployment", "shop", "front")
    )
    assert decided(answer)[:2] == (Verdict.DROPPED, Ref("NetworkPolicy", "shop", "guard"))
    assert answer.assumed == ("there is no such pod yet: judged by the template",)


def test_pods_that_have_ended_do_not_ask() -> None:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "load", "controller": True}
    job: Object = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "load", "namespace": "shop"}}
    pods = [pod("shop", f"load-{number}", f"10.0.1.{number}", f"node-{number}", {}) for number in (1, 2)]
    for item in pods:
        item["metadata"]["ownerReferences"] = [owner]
    pods[0]["status"]["phase"] = "Failed"
    faults = Faults(lost=frozenset({"node-1"}))
    source = Ref("Job", "shop", "load")
    assert ask(base(job, *pods), "10.0.0.3", 8080, source=source, faults=faults).verdict is Verdict.REACHABLE


@pytest.mark.parametrize(
    "source", [Ref("Pod", "shop", "nobody"), Ref("Service", "shop", "api"), Ref("Node", "", "nowhere")]
)
def test_sources_that_cannot_ask(source: Ref) -> None:
    with pytest.raises(SourceUnknownError, match=source.name):
        ask(base(service("api")), "api", source=source)
