"""The survival score: what it counts, that anybody can recompute it, and that it does not matter who works it out."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from time import process_time

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.adapters.errors import UsageError
from seakeep.app.check import check
from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.app.rehearse_base import prepare
from seakeep.app.survive import Extent, attempt, survive
from seakeep.app.survive_ray import check_address
from seakeep.engine import survive as engine
from seakeep.model.platform import Declared, Intent
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Disruption, Outcome, Survival
from seakeep.render.formats import render_report
from seakeep.render.rehearsal.forms import render_survival
from seakeep.testing.engines import missing
from tests.twin.builders import START, Object
from tests.twin.platforms import namespace, nodes, pdb, platform, settled, whole, workload


def tried(snapshot: Snapshot, extent: Extent | None = None, jobs: int = 1) -> Survival:
    return survive(snapshot, Intent(), START.date(), extent=extent, jobs=jobs)


def parts(found: Survival, service: str) -> dict[str, float]:
    return {part.object: round(part.got, 3) for part in found.score.parts if part.name == service}


def test_what_each_service_survives() -> None:
    found = tried(platform(pdb("kafka", maxUnavailable=1)))
    # Three brokers of which two are needed; a single worker is lost with its node, drained or not, and with its own eviction.
    assert parts(found, "shop/kafka") == {"drain": 1.0, "loss": 1.0, "zone": 1.0, "upgrade": 1.0, "eviction": 1.0}
    assert parts(found, "shop/worker") == {
        "drain": 0.667,
        "loss": 0.667,
        "zone": 0.667,
        "upgrade": 0.0,
        "eviction": 0.0,
    }
    assert [item.workload.name for item in found.points] == ["worker"]
    assert found.score.coverage == 1.0


def test_without_a_budget_an_upgrade_does_not_wait_for_the_broker_before() -> None:
    assert parts(tried(platform()), "shop/kafka")["upgrade"] == 0.0


def test_a_refused_eviction_is_no_disruption_and_a_blocked_drain_is_named() -> None:
    found = tried(platform(pdb("worker", minAvailable=1)))
    assert "eviction" not in parts(found, "shop/worker")
    refused = [item for item in found.outcomes if item.refused]
    assert [item.disruption.targets[0].split("-")[0] for item in refused] == ["shop/worker"]
    blocked = [item for item in found.outcomes if item.disruption.kind == "drain" and item.refusals]
    assert [item.refusals[0].by.name for item in blocked if item.refusals[0].by] == ["worker"]


def test_more_replicas_apart_raise_it() -> None:
    lone = tried(settled([*nodes(), *namespace(), workload("Deployment", "web", 1)]))
    twice = tried(settled([*nodes(), *namespace(), workload("Deployment", "web", 2, apart=True)]))
    assert lone.score.value is not None
    assert twice.score.value == 100.0 > lone.score.value


def test_below_from_the_start_survives_nothing() -> None:
    large = workload("Deployment", "large", 1)
    large["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "64"
    found = tried(platform(large))
    assert set(parts(found, "shop/large").values()) == {0.0}
    assert found.down_before == ("shop/large",)


def test_criticality_weighs() -> None:
    snapshot = platform()
    low, high = (
        survive(
            snapshot,
            Intent(services=(Declared(id="worker", namespace="shop", criticality=level),)),
            START.date(),
            jobs=1,
        )
        for level in ("low", "critical")
    )
    assert low.score.value is not None
    assert high.score.value is not None
    assert high.score.value < low.score.value


def test_unknown_without_nodes() -> None:
    found = tried(whole([*namespace(), workload("Deployment", "web", 1)]))
    assert found.score.value is None
    assert found.score.coverage == 0.0
    assert "unknown" in render_survival(found, "text")


def test_recomputable_from_json() -> None:
    report = check(platform(), Intent(), START.date(), survival=True)
    document = json.loads(render_report(report, "json"))
    score = document["scores"]["survival"]
    whole_ = sum(part["weight"] * part["of"] for part in score["parts"])
    got = sum(part["weight"] * part["got"] for part in score["parts"])
    assert abs(score["value"] - 100 * got / whole_) < 0.06
    assert json.loads(render_report(check(platform(), Intent(), START.date()), "json"))["scores"]["survival"] is None


def test_pairs_and_zones_and_no_score_of_them() -> None:
    found = tried(platform(count=4), Extent(standard=False, nodes=True, zones=True, pairs=True))
    kinds = [item.disruption.kind for item in found.outcomes]
    assert [kinds.count(kind) for kind in ("loss", "zone", "pair")] == [4, 4, 6]
    assert found.score.value is None
    assert any(
        short.workload.name == "kafka"
        for item in found.outcomes
        if item.disruption.kind == "pair"
        for short in item.short
    )


def test_what_only_two_nodes_take_is_named() -> None:
    """The worker falls with one node, and is no news with two."""
    nodes_and_pairs = tried(platform(count=4), Extent(standard=False, nodes=True, pairs=True))
    text = render_survival(nodes_and_pairs, "text")
    several = text.partition("Below its need only when several nodes go (")[2]
    assert "StatefulSet kafka: needs 2 of 3; nodes " in several
    assert " lost" in several
    assert "worker" not in several
    pairs = render_survival(tried(platform(count=4), Extent(standard=False, pairs=True)), "text")
    assert "Below its need when several nodes go (" in pairs
    assert "No single node" not in pairs, "none was tried"


def test_processes_give_the_same_as_one() -> None:
    snapshot = settled(
        [*nodes(4, cpu="64"), *namespace(), *(workload("Deployment", f"app-{number:02d}", 2) for number in range(75))]
    )
    one, two = tried(snapshot, jobs=1), tried(snapshot, jobs=2)
    assert len(one.outcomes) > 64  # below that nothing is forked
    assert render_survival(one, "json") == render_survival(two, "json")


def bare(number: int) -> Object:
    """A pod that nobody owns, running on its node."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"bare-{number}", "namespace": "shop", "uid": f"bare-{number}"},
        "spec": {"nodeName": "abc"[number % 3], "containers": [{"name": "main", "image": "acme/app:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def seconds_of_one(count: int) -> float:
    """Processor time of one eviction among so many workloads, the best of some."""
    base = prepare(whole([*nodes(), *namespace(), *map(bare, range(count))]), Intent(), START.date())
    times = []
    for number in range(10):
        start = process_time()
        found = attempt(base, Disruption("eviction", (f"shop/bare-{number}",)))
        times.append(process_time() - start)
        assert [(item.workload.name, item.lowest) for item in found.short] == [(f"bare-{number}", 0)]
    return min(times)


def test_one_disruption_costs_what_it_touches_and_not_what_there_is() -> None:
    # A branch copies one dictionary of what is there; a look at each pod and each workload would take a hundred times as long.
    assert seconds_of_one(10_000) < 15 * seconds_of_one(500)


def seconds_of_the_score(count: int) -> float:
    """Processor time of the score of so many evictions, each of a workload of its own, the best of some."""
    base = prepare(whole([*nodes(), *namespace(), *map(bare, range(count))]), Intent(), START.date())
    tried = [Outcome(item) for item in engine.evictions(base.twin.state, base.board)]
    times = []
    for _ in range(3):
        start = process_time()
        found = engine.survival("", base.platform, base.board, tried, base.twin.state)
        times.append(process_time() - start)
        assert (found.score.value, len(found.score.parts)) == (100.0, count)
    return min(times)


def test_the_score_takes_one_look_at_each_disruption() -> None:
    # Ten times as many took a hundred times as long.
    assert seconds_of_the_score(4_000) < 30 * seconds_of_the_score(400)


@pytest.mark.parametrize("snapshot", [platform(pdb("kafka", maxUnavailable=1)), demo_snapshot()])
def test_for_the_score_an_eviction_need_not_be_played_to_its_end(snapshot: Snapshot) -> None:
    base = prepare(snapshot, demo_intent(), START.date())
    wanted = engine.evictions(base.twin.state, base.board)
    ends, costs = (
        [
            engine.attempt(base.twin, base.platform, base.board, item, from_mapping, for_score=for_score)
            for item in wanted
        ]
        for for_score in (False, True)
    )
    whole, bounded = (
        engine.survival("", base.platform, base.board, outcomes, base.twin.state).score for outcomes in (ends, costs)
    )
    assert whole == bounded
    assert sum(item.seconds for item in costs) < sum(item.seconds for item in ends)


@pytest.mark.engine("ray")
def test_ray_gives_the_same_as_one() -> None:
    try:
        import ray
    except ImportError:
        missing("ray", "pip install 'seakeep[ray]'")
    assert ray
    from seakeep.app.rehearse import prepare
    from seakeep.app.survive import disruptions
    from seakeep.app.survive_ray import on_ray

    snapshot = platform()
    base = prepare(snapshot, Intent(), START.date())
    wanted = disruptions(base, Extent())
    far = on_ray(snapshot, Intent(), START.date(), wanted, "local", lambda _: None, workers=2)
    assert far == list(tried(snapshot).outcomes)


def test_the_reference_platform() -> None:
    snapshot = demo_snapshot()
    assert snapshot.taken_at
    found = survive(snapshot, demo_intent(), snapshot.taken_at.date())
    assert found.score.value is not None
    assert 20 < found.score.value < 60  # two nodes, most services with one replica, volumes that are tied to their node
    points = {str(item.workload) for item in found.points}
    assert {
        "Pod kube-system/etcd",
        "StatefulSet data-platform/minio",
        "StatefulSet kong/kong-postgres",
        "StatefulSet kafka/kafka",
        "StatefulSet data-platform/zookeeper",
    } <= points
    assert "DaemonSet kube-system/kube-proxy" not in points


def test_an_address_where_no_ray_answers_is_told_at_once() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        check_address(f"ray://127.0.0.1:{port}")
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}", "127.0.0.1:99999999"):
        with pytest.raises(UsageError, match="no Ray cluster answers"):
            check_address(address)
    check_address("local")
    check_address("auto")
