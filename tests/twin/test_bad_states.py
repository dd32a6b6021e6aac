"""What cannot be, or never ends: taken as found, refused by name, or stopped at a bound."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from seakeep.model.objects import Pod
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.build import build
from seakeep.twin.controllers.schedule import ScheduleError, parse
from seakeep.twin.moments import EARLIEST, LATEST, after
from seakeep.twin.observed import Observed
from seakeep.twin.requests import amounts
from seakeep.twin.scheduler.kinds import Kinds
from seakeep.twin.settings import Settings
from tests.twin.builders import Object, node, replica_set, snapshot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SPACE: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


def world(*objects: Object, most_steps: int = 5_000) -> Observed:
    return build(snapshot([SPACE, *objects]), settings=Settings(most_steps=most_steps))


def evicted(replicas: int) -> tuple[Object, Object]:
    """The template names a node that evicts what it gets: each pod is replaced by another."""
    broken = node("a")
    broken["spec"] = {"taints": [{"key": "broken", "effect": "NoExecute"}]}
    web = replica_set("web", replicas)
    web["spec"]["template"]["spec"]["nodeName"] = "a"
    return broken, web


def test_what_never_settles_stops_at_the_bound_and_names_what_changes() -> None:
    twin = world(*evicted(1), most_steps=600)
    stuck = twin.settle(within=86_400)
    assert stuck is not None
    assert 600 < stuck.steps < 700
    assert ("ReplicaSet", "web") in {(ref.kind, ref.name) for ref, _ in stuck.changing}


def test_a_workload_that_makes_far_more_than_it_wants_stops_long_before_that() -> None:
    """Each round looks at all that the rounds before have left: half a million steps would take hours."""
    twin = world(*evicted(2), most_steps=500_000)
    stuck = twin.settle(within=86_400)
    assert stuck is not None
    assert (stuck.changing[0][0].kind, stuck.changing[0][0].name) == ("ReplicaSet", "web")
    assert len(list(twin.state.all(Pod))) < 600
    twin.hold_still({stuck.changing[0][0]})
    assert twin.settle(within=900) is None


def test_as_many_pods_as_are_wanted_are_no_runaway() -> None:
    assert world(node("a"), replica_set("web", 1_500)).settle(within=900) is None


def test_the_bound_is_that_of_one_branch() -> None:
    twin = world(node("a"), replica_set("web", 2))
    assert twin.settle() is None
    assert twin.branch().settle(within=3600) is None


@pytest.mark.parametrize("selector", [None, {"matchLabels": {"app": "other"}}])
def test_a_replica_set_that_would_let_its_pods_go_makes_none(selector: Any) -> None:
    web = replica_set("web", 2)
    web["spec"]["selector"] = selector
    twin = world(node("a"), web)
    assert twin.settle(within=900) is None
    assert not list(twin.state.all(Pod))
    (text,) = {step.why for step in twin.steps if step.what == "FailedCreate"}
    assert text.startswith('ReplicaSet.apps "web" is invalid: ')
    assert "`selector` does not match template `labels`" in text


def test_a_deployment_whose_selector_does_not_match_is_refused_by_name() -> None:
    twin = world(node("a"), replica_set("web", 1))
    for change, text in (
        (None, "[spec.selector: Required value, spec.template.metadata.labels: Invalid value: "),
        ({}, "spec.selector: Invalid value: {}: empty selector is invalid for deployment"),
        ({"matchLabels": {"app": "x"}}, 'spec.template.metadata.labels: Invalid value: {"app":"bad"}: '),
    ):
        raw = replica_set("bad", 1) | {"kind": "Deployment"}
        raw["spec"]["selector"] = change
        bad = snapshot([raw]).objects["Deployment"]["shop", "bad"]
        with pytest.raises(RejectedError) as found:
            twin.create(bad)
        assert found.value.code == 422
        assert found.value.message.startswith(f'Deployment.apps "bad" is invalid: {text}')


def test_waiting_pods_without_nodes_cost_one_look_each() -> None:
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"p{number}", "namespace": "shop"},
            "spec": {"containers": [{"name": "main", "image": "app"}]},
        }
        for number in range(300)
    ]
    twin = world(*pods)
    assert twin.settle(within=900) is None
    found = [pod.status.conditions[0].message for pod in twin.state.all(Pod)]
    assert set(found) == {"no nodes available to schedule pods"}
    assert len(twin.steps) == 300


@pytest.mark.parametrize("seconds", [10**12, 10**30, float("1e300")])
def test_times_beyond_the_calendar_are_its_ends(seconds: float) -> None:
    assert after(NOON, seconds) == LATEST
    assert after(NOON, -seconds) == EARLIEST


def test_schedules_end_before_the_calendar() -> None:
    daily = parse("0 0 * * *", "America/New_York")
    assert daily.next(LATEST) is None
    found = daily.next(EARLIEST)
    assert found is not None
    assert found.year == 1970
    for text in ("9" * 5000 + " * * * *", "*/" + "9" * 5000 + " * * * *"):
        with pytest.raises(ScheduleError):
            parse(text)


def test_amounts_end_where_an_int64_does() -> None:
    most = 2**63 - 1
    assert amounts({"memory": "1e99", "cpu": "9" * 60, "pods": "-1e99"}) == {
        "memory": most,
        "cpu": most,
        "pods": -most,
    }


def _pod(name: str, **spec: Any) -> Pod:
    container = {"name": "main", "image": "app", "volumeMounts": [{"name": f"token-{name}", "mountPath": "/x"}]}
    volumes = [{"name": f"token-{name}", "projected": {"sources": []}}]
    raw: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}}
    raw["spec"] = {"containers": [container], "volumes": volumes, "hostname": name} | spec
    found = snapshot([raw]).objects["Pod"]["shop", name]
    assert isinstance(found, Pod)
    return found


def test_the_names_of_token_volumes_tell_no_pods_apart() -> None:
    """Each pod that the API server admits has another: placed one by one they would be judged one by one."""
    kinds = Kinds()
    assert kinds.of(_pod("a")) is kinds.of(_pod("b"))
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "c"}}
    others = [
        _pod("c", volumes=[claim]),
        _pod("d", nodeSelector={"disk": "ssd"}),
        _pod("e", containers=[{"name": "main", "image": "other"}]),
        _pod("f", containers=[{"name": "main", "image": "app", "resources": {"requests": {"cpu": "1"}}}]),
        _pod("g", containers=[{"name": "main", "image": "app", "ports": [{"hostPort": 80, "containerPort": 80}]}]),
        _pod("h", tolerations=[{"operator": "Exists"}]),
    ]
    assert len({id(kinds.of(item)) for item in [_pod("a"), *others]}) == 7
