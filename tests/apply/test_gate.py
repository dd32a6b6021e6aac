"""What keeps the gate behind a wave shut: by a driver that says what it is told to, and on the twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.engine.apply import Machine, Options
from seakeep.engine.apply.calls import Calls
from seakeep.engine.apply.playing import play
from seakeep.engine.apply.twin import TwinDriver
from seakeep.model.commands import Score, Scored
from seakeep.model.plan import Outcome, Plan, Verdict, Wave, identity
from seakeep.model.refs import Ref
from seakeep.model.run import Entry, RunState
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.apply.plans import change, config_map, deployment, plan
from tests.twin.builders import node, snapshot

Counts = Mapping[str, tuple[int | None, int | None]]
RUN = "run-1"
CONFIG = Ref("ConfigMap", "shop", "config")
SHOP: list[dict[str, Any]] = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "uid": "u-shop"}},
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "shop"}},
    config_map("config", "shop"),
    deployment("web", "shop"),
    deployment("db", "shop"),
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "db", "namespace": "shop", "uid": "u-db"},
        "spec": {"selector": {"app": "db"}, "clusterIP": "10.96.0.9", "ports": [{"port": 5432}]},
    },
]


def world() -> tuple[Observed, Plan]:
    """Two waves of one ConfigMap each."""
    twin = build(snapshot([node("a", cpu="8"), *SHOP]))
    twin.settle()
    seen = replace(twin.snapshot, objects=twin.state.objects())
    first = change(seen, CONFIG, {"data": {"level": "debug"}}, name="first")
    made = change(seen, Ref("ConfigMap", "shop", "made"), {"data": {"made": "1"}}, name="second")
    return twin, plan(seen, [("one", [first]), ("two", [made])])


def foretold(made: Plan, before: Counts, *expected: Mapping[str, int]) -> Plan:
    """As its rehearsal went."""
    waves = tuple(Wave(wave.name, wave.changes, "", ready) for wave, ready in zip(made.waves, expected, strict=True))
    told = replace(made, waves=waves, rehearsal=Verdict("fine", Outcome({}, before), Outcome({})))
    return replace(told, id=identity(told.cluster, told.waves))


def ran(twin: Observed, made: Plan, look: Callable[[Observed, Score], Scored], **wanted: Any) -> tuple[Machine, list[Entry]]:  # fmt: skip
    machine = Machine(made, RUN, options=Options(poll=10.0, gate_timeout=60.0, **wanted))
    recorded = play(machine, TwinDriver(twin, from_mapping, look), RUN, lambda: twin.now)
    return machine, [item.entry for item in recorded]


def scripted(*said: Scored) -> Callable[[Observed, Score], Scored]:
    """One after another; the last one stays."""
    left = list(said)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]


def services(**ready: int) -> Scored:
    return Scored(services={f"shop/{name}": (count, 3) for name, count in ready.items()})


def waves(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.wave, entry.state) for entry in entries if entry.kind == "wave"]


def test_a_service_that_stays_below_what_was_rehearsed_stops_the_run_and_is_named() -> None:
    twin, made = world()
    told = foretold(made, {"shop/web": (1, 3), "shop/db": (3, 3)}, {"shop/web": 3}, {})
    machine, entries = ran(twin, told, scripted(services(web=1, db=3), services(web=2, db=3)))
    assert machine.state is RunState.ROLLED_BACK
    assert "wave one did not get well within 60 s" in machine.message
    assert machine.message.endswith("service shop/web has 2 ready pods; rehearsed were 3")
    assert waves(entries) == [("1", "started"), ("1", "failed")]
    config = twin.state.find(CONFIG)
    assert config is not None
    assert getattr(config, "data", {})["level"] == "info", "what the wave wrote was undone"


def test_the_gate_waits_for_what_was_rehearsed() -> None:
    twin, made = world()
    told = foretold(made, {"shop/web": (1, 3)}, {"shop/web": 3}, {})
    machine, entries = ran(twin, told, scripted(services(web=1), services(web=1), services(web=2), services(web=3)))
    assert (machine.state, machine.message) == (RunState.DONE, "")
    assert twin.elapsed >= 20
    assert waves(entries) == [("1", "started"), ("1", "passed"), ("2", "started"), ("2", "passed")]


def test_what_an_earlier_wave_brought_is_still_asked_of_a_later_one() -> None:
    twin, made = world()
    told = foretold(made, {"shop/web": (1, 3)}, {"shop/web": 3}, {})
    machine, entries = ran(twin, told, scripted(services(web=1), services(web=3), services(web=2)))
    assert "wave two" in machine.message
    assert "shop/web has 2 ready pods" in machine.message
    assert waves(entries)[-1] == ("2", "failed")


def test_pods_that_were_missing_when_the_run_began_are_not_asked_of_it() -> None:
    twin, made = world()
    told = foretold(made, {"shop/web": (3, 3), "shop/db": (1, 3)}, {"shop/db": 3}, {})
    machine, _ = ran(twin, told, scripted(services(web=2, db=1), services(web=2, db=3)))
    assert machine.state is RunState.DONE, machine.message


@pytest.mark.parametrize("edited", [True, False])
def test_of_an_edited_plan_nothing_was_rehearsed(*, edited: bool) -> None:
    twin, made = world()
    told = foretold(made, {"shop/web": (1, 3)}, {"shop/web": 3}, {})
    told = replace(told, id="of another plan") if edited else told
    machine, _ = ran(twin, told, scripted(services(web=1)))
    assert (machine.state is RunState.DONE) == edited, machine.message


def test_without_a_rehearsal_no_service_may_have_a_smaller_share_than_before() -> None:
    twin, made = world()
    machine, _ = ran(twin, made, scripted(services(web=3), services(web=2)))
    assert machine.state is RunState.ROLLED_BACK
    assert "service shop/web fell from 3 of 3 to 2 of 3 ready pods" in machine.message


def test_what_is_lost_from_sight_is_no_fall() -> None:
    twin, made = world()
    unseen = Scored(services={"shop/web": (None, 3)})
    machine, _ = ran(twin, foretold(made, {"shop/web": (1, 3)}, {"shop/web": 3}, {}), scripted(services(web=1), unseen))
    assert machine.state is RunState.DONE, machine.message


def test_a_call_that_gets_no_answer_any_more_stops_the_run_and_is_named() -> None:
    twin, made = world()
    seen = replace(twin.snapshot, objects=twin.state.objects())
    closed = {"spec": {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"]}}
    policy = change(seen, Ref("NetworkPolicy", "shop", "db"), closed, api_version="networking.k8s.io/v1")
    made = replace(made, waves=(made.waves[0], Wave("policies", (policy,))))
    calls = Calls([(Ref("Deployment", "shop", "web"), ("db", 5432, "TCP"))])
    machine, entries = ran(twin, made, lambda now, _: Scored(calls=calls.told(now.state)))
    assert machine.state is RunState.ROLLED_BACK
    assert "Deployment shop/web to db:5432 gets no answer any more: dropped by NetworkPolicy shop/db" in machine.message
    assert waves(entries)[1] == ("1", "passed")
    assert twin.state.find(policy.target) is None


def test_a_service_without_a_ready_endpoint_answers_nobody() -> None:
    twin, made = world()
    seen = replace(twin.snapshot, objects=twin.state.objects())
    stopped = change(seen, Ref("Deployment", "shop", "db"), {"spec": {"replicas": 0}}, api_version="apps/v1")
    made = replace(made, waves=(Wave("stop", (stopped,)),))
    calls = Calls([(Ref("Deployment", "shop", "web"), ("db", 5432, "TCP"))])
    machine, _ = ran(twin, made, lambda now, _: Scored(calls=calls.told(now.state)))
    assert "Deployment shop/web to db:5432 gets no answer any more: no endpoints" in machine.message


def test_a_call_that_got_no_answer_before_is_not_blamed_on_the_wave() -> None:
    twin, made = world()
    barred = Scored(calls={"Deployment shop/web to db:5432": "dropped"})
    machine, _ = ran(twin, made, scripted(barred))
    assert machine.state is RunState.DONE, machine.message


def test_the_pod_that_keeps_a_gate_shut_is_named() -> None:
    twin = build(snapshot([node("a", cpu="8"), *SHOP]))
    twin.settle()
    seen = replace(twin.snapshot, objects=twin.state.objects())
    asked = {"requests": {"cpu": "64"}}
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "resources": asked}]}}}}
    machine, _ = ran(
        twin,
        plan(seen, [("one", [change(seen, Ref("Deployment", "shop", "web"), patch)])]),
        lambda *_: Scored(),
    )
    assert machine.state is RunState.ROLLED_BACK
    assert "Pod web-" in machine.message
    assert "is Pending: 0/1 nodes are available: 1 Insufficient cpu." in machine.message
