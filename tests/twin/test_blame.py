"""A fault goes when the object that a diagnosis blames is put right and the call gets through: not before, and not for another change."""

from __future__ import annotations

import msgspec

from seakeep.adapters.decode import from_mapping
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Service
from seakeep.model.refs import Ref
from seakeep.twin.build import build
from seakeep.twin.kubelet.blame import Blame
from seakeep.twin.observed import Observed
from tests.twin.builders import Object, node, snapshot
from tests.twin.workload_worlds import ready, workload

WEB = Ref("Deployment", "shop", "web")
DB = Ref("Service", "shop", "db")


def _world(blames: dict[Ref, Blame]) -> Observed:
    """A Deployment whose pod crashes because Service `db`, which nothing defines, is not there; the database itself runs."""
    first = build(snapshot([node("a", cpu="16"), workload("Deployment", replicas=1), workload("StatefulSet", "db", 1)]))
    first.settle()
    objects: list[Object] = []
    for group in first.state.objects().values():
        for item in group.values():
            raw = msgspec.to_builtins(item, str_keys=True)
            if raw["kind"] == "Pod" and raw["metadata"]["name"].startswith("web"):
                ended = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-03-02T07:59:00Z", "finishedAt": "2026-03-02T07:59:10Z"}}  # fmt: skip
                raw["status"]["containerStatuses"] = [
                    {"name": "main", "image": "example/app:1", "ready": False, "restartCount": 9, "lastState": ended, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
                ]  # fmt: skip
                raw["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
            objects.append(raw)
    twin = build(snapshot(objects), blames=blames)
    twin.settle()
    return twin


def _service(name: str, app: str) -> Service:
    raw = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": app}, "ports": [{"port": 5432}], "clusterIP": "10.96.0.20"},
    }
    found = from_mapping(raw)
    assert isinstance(found, Service)
    return found


BLAMES = {WEB: Blame((DB,), (("db", 5432, "TCP"),))}


def test_the_missing_service_repairs_it_once_somebody_answers() -> None:
    twin = _world(BLAMES)
    assert ready(twin) == 1
    twin.create(_service("db", "db"))
    twin.settle()
    assert ready(twin) == 2


def test_a_service_behind_which_nobody_is_repairs_nothing() -> None:
    twin = _world(BLAMES)
    twin.create(_service("db", "nobody"))
    twin.settle(within=900)
    assert ready(twin) == 1


def test_another_service_repairs_nothing() -> None:
    twin = _world(BLAMES)
    twin.create(_service("other", "db"))
    twin.settle(within=900)
    assert ready(twin) == 1


def test_without_blame_it_goes_on() -> None:
    twin = _world({})
    twin.create(_service("db", "db"))
    twin.settle(within=900)
    assert ready(twin) == 1


def test_between_crashes_a_pod_that_is_ready_does_not_serve() -> None:
    twin = _world({})
    pods = [pod for pod in twin.state.objects()["Pod"].values() if pod.name.startswith("web")]
    assert [twin.fails(pod) for pod in pods] == [True]
    steady = Index(twin.snapshot.__class__("twin", twin.now, twin.steady()))
    assert not any(is_ready(pod) for pod in steady.pods if pod.name.startswith("web"))
