"""Rehearsals in which applications matter: who relies on whom, what was measured, who scales."""

from __future__ import annotations

from seakeep.app.rehearse import rehearse
from seakeep.model.objects import Pod
from seakeep.model.platform import Intent
from seakeep.model.rehearsal import Rehearsal
from seakeep.model.scenario import Scenario, Step
from seakeep.model.snapshot import Snapshot
from tests.twin.builders import START, Object
from tests.twin.shop import autoscaler, measured, shop


def played(snapshot: Snapshot, *steps: Step) -> Rehearsal:
    return rehearse(snapshot, Scenario("test", steps), Intent(), START.date())


def patch(limit: str) -> Object:
    container = {"name": "main", "image": "acme/app:1", "resources": {"limits": {"memory": limit}}}
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


def lowest(found: Rehearsal) -> dict[str, int]:
    return {item.workload.name: item.lowest for item in found.steps[0].short}


def test_who_loses_the_database_loses_its_clients_for_as_long() -> None:
    snapshot = shop()
    found = played(snapshot, Step("evict", ("shop/db-0",)))
    shorts = {item.workload.name: item for item in found.steps[0].short}
    assert {name: item.lowest for name, item in shorts.items()} == {"db": 0, "web": 0}
    assert shorts["web"].recovered
    assert shorts["web"].seconds >= shorts["db"].seconds > 0


def test_a_limit_below_what_is_used_is_an_out_of_memory_kill() -> None:
    snapshot = measured(shop(), 100, memory=400 << 20)
    step = Step("patch", ("Deployment/shop/web",), options={"patch": patch("300Mi")})
    found = played(snapshot, step)
    assert any("web-" in item.object.name and "CrashLoopBackOff" in item.why for item in found.steps[0].events)
    assert lowest(found) == {}
    enough = played(snapshot, Step("patch", ("Deployment/shop/web",), options={"patch": patch("512Mi")}))
    assert not any("CrashLoopBackOff" in item.why for item in enough.steps[0].events)


def test_an_autoscaler_takes_back_what_was_scaled_by_hand() -> None:
    snapshot = measured(shop(autoscaler(most=3)), 250)  # 50 % of what is requested: as wanted
    found = played(snapshot, Step("scale", ("Deployment/shop/web",), options={"replicas": 9}))
    assert any("horizontalpodautoscaler" in item.why for item in found.steps[0].events)
    level = next(item for item in found.after.services if item.name == "web")
    assert level.ready <= 3
    assert sum(pod.labels.get("app") == "web" for pod in snapshot.all(Pod)) == 2
