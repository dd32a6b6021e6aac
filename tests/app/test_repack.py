"""Repacking small clusters: what is found, by which method, that it holds when it is played, and what is lacking where it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.app.plan import plan
from seakeep.app.repack import repacked
from seakeep.app.repack_cpsat import cp_sat
from seakeep.engine.plan.choose import Options
from seakeep.model.objects import Pod
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Verdict
from seakeep.model.repacking import Fit, Repacking
from seakeep.model.snapshot import Sample, Snapshot
from seakeep.render.rehearsal.repacking_text import repacking_text
from seakeep.testing.engines import missing
from tests.twin.builders import START, Object, node
from tests.twin.platforms import namespace, pdb, settled, workload

HOST = "kubernetes.io/hostname"


def app(name: str, cpu: str, *hosts: str, replicas: int = 1, kind: str = "Deployment", **more: Any) -> Object:
    """One container that asks for so much CPU, on one of these nodes."""
    found = workload(kind, name, replicas)
    spec = found["spec"]["template"]["spec"]
    spec["containers"][0]["resources"] = {"requests": {"cpu": cpu, "memory": "64Mi"}}
    if hosts:
        expressions = [{"key": HOST, "operator": "In", "values": list(hosts)}]
        required = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
        spec["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    spec.update(more)
    return found


def cluster(steps: Sequence[Sequence[Object]], *more: Object, nodes: int = 2, cpu: str = "4") -> Snapshot:
    """What came first is placed first: each step's pods are where they are when the next comes."""
    objects = [*(node("abcdef"[number], cpu) for number in range(nodes)), *namespace(), *more]
    raw: list[Object] = list(objects)
    found = settled(raw)
    for each in steps:
        raw = [*(_raw(item) for group in found.objects.values() for item in group.values()), *each]
        found = settled(raw)
    return found


def _raw(item: Any) -> Object:
    import msgspec

    raw: Object = msgspec.json.decode(msgspec.json.encode(item))
    return raw


def found(snapshot: Snapshot) -> Repacking:
    return repacked(snapshot, Intent(), START.date())


def fragmented(*more: Object) -> Snapshot:
    """2 of 4 CPU are taken on each of two nodes, and somebody asks for 3."""
    return cluster([[app("one", "2"), app("two", "2")], [app("big", "3")]], *more)


def test_nothing_waits() -> None:
    value = found(cluster([[app("one", "2")]]))
    assert value.fit is Fit.NOTHING_WAITS
    assert not value.commands
    assert repacking_text(value) == "Repacking test platform: no pod waits for room\n"


def test_one_move_makes_room_and_the_waiting_pod_is_placed_when_it_is_played() -> None:
    snapshot = fragmented()
    assert [pod.name[:3] for pod in snapshot.all(Pod) if not pod.spec.node_name] == ["big"]
    value = found(snapshot)
    assert (value.fit, value.method, value.left) == (Fit.FOUND, "greedy", ())
    assert len(value.moves) == 1
    move = value.moves[0]
    assert {move.source, move.target} == {"a", "b"}
    assert move.alone
    assert value.rehearsal is not None
    # The only pod of a workload is missed while it moves: said, not hidden.
    assert value.rehearsal.verdict is Verdict.DEGRADED
    assert {(level.name, level.ready) for level in value.rehearsal.after.services} >= {("big", 1)}


def test_commands_cordon_evict_and_uncordon() -> None:
    value = found(fragmented())
    source = value.moves[0].source
    pod = value.moves[0].pod.name
    assert value.commands[0] == f"kubectl cordon {source}"
    assert value.commands[1] == (
        f"""echo '{{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {{"name": "{pod}", "namespace": "shop"}}}}' """
        f"| kubectl create --raw /api/v1/namespaces/shop/pods/{pod}/eviction -f -"
    )
    assert value.commands[-1] == f"kubectl uncordon {source}"


def test_a_budget_that_allows_nothing_keeps_its_pod() -> None:
    value = found(fragmented(pdb("one", maxUnavailable=0)))
    assert [move.workload.name for move in value.moves] == ["two"]
    assert value.held["its PodDisruptionBudget allows no disruption"] == 1
    both = found(fragmented(pdb("one", maxUnavailable=0), pdb("two", maxUnavailable=0)))
    assert (both.fit, both.moves) == (Fit.NO_ROOM, ())


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("Deployment", {"volumes": [{"name": "data", "hostPath": {"path": "/data"}}]}, "has a hostPath volume"),
        ("StatefulSet", {"volumes": [{"name": "data", "emptyDir": {}}]}, "may keep its data in an emptyDir"),
        ("DaemonSet", {}, "made by a DaemonSet"),
    ],
)
def test_what_would_lose_by_it_is_not_moved(kind: str, more: dict[str, Any], why: str) -> None:
    value = found(
        cluster([[app("one", "2", kind=kind, **more), app("two", "2", kind=kind, **more)], [app("big", "3")]])
    )
    assert value.fit is Fit.NO_ROOM
    assert value.held[why] == (4 if kind == "DaemonSet" else 2)


def test_an_empty_dir_of_a_deployment_is_thrown_away_at_every_roll_out_too() -> None:
    volumes = [{"name": "tmp", "emptyDir": {}}]
    value = found(cluster([[app("one", "2", volumes=volumes), app("two", "2", volumes=volumes)], [app("big", "3")]]))
    assert value.fit is Fit.FOUND


def test_pods_apart_are_not_moved_together() -> None:
    """`pair` has a pod on a and one on b, and may not share a node. To make room on a, `free` goes, although it is a workload's only pod."""
    pair = workload("Deployment", "pair", 2, apart=True)
    pair["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "1"
    value = found(cluster([[pair], [app("pin", "2", "b")], [app("free", "1")], [app("big", "3")]]))
    assert (value.fit, [move.workload.name for move in value.moves]) == (Fit.FOUND, ["free"])


def chain() -> Snapshot:
    """`w` needs all of a, which `x` can leave for b only, when `y` has left that for c."""
    first = [app("x", "2", "a"), app("y", "3", "b"), app("z", "1", "c")]
    snapshot = cluster([first, [app("w", "4", "a")]], nodes=3)
    return widened(snapshot, {"x": ("a", "b"), "y": ("b", "c")})


def widened(snapshot: Snapshot, hosts: dict[str, tuple[str, ...]]) -> Snapshot:
    """Workloads that may use more nodes from now on; their pods stay where they are."""
    raws = [_raw(item) for group in snapshot.objects.values() for item in group.values()]
    for raw in raws:
        spec = raw["spec"] if raw["kind"] == "Pod" else raw.get("spec", {}).get("template", {}).get("spec")
        name = (raw["metadata"].get("labels") or {}).get("app") or raw["metadata"]["name"]
        if spec and name in hosts and "affinity" in spec:
            required = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            required["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] = list(hosts[name])
    return settled(raws)


def test_best_fit_does_not_see_chains_and_says_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seakeep.app.repack.cp_sat", lambda _: None)
    value = found(chain())
    assert (value.fit, value.moves) == (Fit.NO_ROOM, ())
    assert value.notes == (
        "best fit does not place 1 of 1 pods; CP-SAT, which may, is not installed: pip install 'seakeep[repack]'",
    )


@pytest.mark.engine("ortools")
def test_cp_sat_finds_chains() -> None:
    if cp_sat() is None:
        missing("ortools", "pip install 'seakeep[repack]'")
    value = found(chain())
    assert (value.fit, value.method, value.left) == (Fit.FOUND, "cp-sat", ())
    assert [(move.workload.name, move.source, move.target) for move in value.moves] == [
        ("y", "b", "c"),
        ("x", "a", "b"),
    ]
    assert found(chain()) == value


def test_where_there_is_no_room_it_says_how_much_is_lacking() -> None:
    agent = app("agent", "500m", kind="DaemonSet")
    value = found(cluster([[agent], [app("one", "3"), app("two", "3")], [app("big", "2", replicas=2)]]))
    assert value.fit is Fit.NO_ROOM
    (lack,) = value.lacks
    assert (lack.workload, lack.pods, lack.nodes) == (Ref("Deployment", "shop", "big"), 2, 2)
    assert (lack.asked["cpu"], lack.total["cpu"], lack.most["cpu"]) == (2000, 1000, 500)
    (new,) = value.new_nodes
    assert (new.allocatable["cpu"], new.daemons["cpu"], new.pods, new.like) == (4500, 500, 2, "a")
    text = repacking_text(value, width=1000)
    assert "asking for 2 CPU, 64Mi memory each; the 2 nodes that it may use have 1 CPU" in text
    assert (
        "a node with at least 4.5 CPU, 192Mi memory allocatable, 500m CPU, 64Mi memory of it for its DaemonSets" in text
    )


def test_the_node_that_it_names_would_do() -> None:
    snapshot = cluster([[app("one", "3"), app("two", "3")], [app("big", "2", replicas=2)]])
    (new,) = found(snapshot).new_nodes
    raws = [_raw(item) for group in snapshot.objects.values() for item in group.values()]
    amounts = {"cpu": f"{new.allocatable['cpu']}m", "memory": str(new.allocatable["memory"]), "pods": str(new.allocatable["pods"])}  # fmt: skip
    more = node("more")
    more["status"]["allocatable"] = amounts
    assert all(pod.spec.node_name for pod in settled([*raws, more]).all(Pod))
    less = {**amounts, "cpu": f"{new.allocatable['cpu'] - 1}m"}
    more["status"]["allocatable"] = less
    assert not all(pod.spec.node_name for pod in settled([*raws, more]).all(Pod))


def test_a_pod_larger_than_every_node_needs_a_larger_one() -> None:
    value = found(cluster([[app("huge", "6")]]))
    assert value.fit is Fit.NO_ROOM
    assert "no node that it may use is as large" in repacking_text(value, width=1000)
    assert value.new_nodes[0].allocatable["cpu"] == 6000
    # Nobody could: CP-SAT is not recommended.
    assert value.notes == ()


def test_what_waits_for_something_else_is_not_counted() -> None:
    value = found(cluster([[app("lost", "1", "z")]]))
    assert value.fit is Fit.NOTHING_WAITS
    assert len(value.elsewise) == 1


def measured(snapshot: Snapshot, name: str, cores: float) -> Snapshot:
    """A week of metrics of each pod of a workload."""
    samples = []
    for pod in snapshot.all(Pod):
        labels = {"namespace": pod.namespace, "pod": pod.name, "container": "main"}
        if pod.labels.get("app") == name and pod.spec.node_name:
            figures = {"container_cpu_p95_7d_cores": cores, "container_memory_max_7d_bytes": 32.0 * 1024**2, "container_measured_7d_seconds": 600_000.0}  # fmt: skip
            samples += [Sample(key, labels, value, START) for key, value in figures.items()]
    return replace(snapshot, samples=(*snapshot.samples, *samples))


def test_requests_far_above_use_make_room_where_no_move_does() -> None:
    snapshot = cluster([[app("idle", "3"), app("busy", "3")], [app("big", "2")]])
    value = found(measured(measured(snapshot, "idle", 0.2), "busy", 2.8))
    assert (value.fit, value.left) == (Fit.FOUND, ())
    (change,) = value.resizings
    assert change.target == Ref("Deployment", "shop", "idle")
    assert "asks for cpu 3" in change.why
    assert "200m CPU (95th percentile)" in change.why
    assert "166 h of metrics" in change.why
    assert value.commands[0] == "kubectl set resources deployment/idle -n shop -c main --requests=cpu=200m"
    assert not value.moves


def test_requests_of_the_waiting_workload_itself_come_first() -> None:
    """Nothing that runs is touched but its own other pod."""
    snapshot = cluster([[app("one", "2"), app("idle", "3", replicas=2)]])
    assert sum(not pod.spec.node_name for pod in snapshot.all(Pod)) >= 1
    value = found(measured(snapshot, "idle", 0.2))
    assert (value.fit, [item.target.name for item in value.resizings], value.moves) == (Fit.FOUND, ["idle"], ())


def test_no_more_requests_are_changed_than_it_takes() -> None:
    snapshot = cluster([[app("idle", "3"), app("slack", "3", replicas=1)], [app("big", "2")]])
    value = found(measured(measured(snapshot, "idle", 0.2), "slack", 0.5))
    assert len(value.resizings) == 1


def test_a_set_whose_pods_come_one_by_one_is_followed_to_its_end() -> None:
    """Only the first waits at first: the second is made when the first is ready."""
    snapshot = cluster([[app("one", "2"), app("two", "2"), app("three", "2"), app("four", "2")], [app("set", "4", replicas=2, kind="StatefulSet")]], nodes=4)  # fmt: skip
    value = found(snapshot)
    assert (value.fit, value.left) == (Fit.FOUND, ())
    assert len(value.moves) == 2


def test_a_plan_makes_room_by_requests_as_a_repair() -> None:
    snapshot = cluster([[app("idle", "3"), app("busy", "3")], [app("big", "2")]])
    value = plan(measured(measured(snapshot, "idle", 0.2), "busy", 2.8), Intent(), START.date(), Options(target=0))
    wave = next(wave for wave in value.waves if wave.name == "repaired workloads")
    assert [change.target.name for change in wave.changes] == ["idle"]
    assert value.rehearsal.after.services["shop/big"] == (1, 1)
    assert not [item for item in value.asked if item.rule == "repack"]


def test_a_plan_asks_for_moves_because_it_cannot_evict() -> None:
    value = plan(fragmented(), Intent(), START.date(), Options(target=0))
    (asked,) = [item for item in value.asked if item.rule == "repack"]
    assert asked.object == Ref("Deployment", "shop", "big")
    assert asked.question.startswith(
        "May a pod be evicted, under their budgets, so that a waiting pod finds room? Pod shop/"
    )
    assert asked.lookup == "seakeep rehearse repack"


def test_a_plan_says_what_a_new_node_must_have() -> None:
    snapshot = cluster([[app("one", "3"), app("two", "3")], [app("big", "2", replicas=2)]])
    (asked,) = [
        item for item in plan(snapshot, Intent(), START.date(), Options(target=0)).asked if item.rule == "repack"
    ]
    assert "a node with at least 4 CPU, 128Mi memory allocatable" in asked.question


def test_requests_that_help_nobody_are_not_changed() -> None:
    """Even the smaller request of `idle` finds no room beside `full`, which may not go."""
    snapshot = cluster([[app("full", "4", kind="DaemonSet")], [app("idle", "3")]])
    value = found(measured_waiting(snapshot, "idle", 0.5))
    assert (value.fit, value.resizings, value.commands) == (Fit.NO_ROOM, (), ())


def measured_waiting(snapshot: Snapshot, name: str, cores: float) -> Snapshot:
    """As `measured`, of a pod that ran elsewhere until a moment ago."""
    (pod,) = [pod for pod in snapshot.all(Pod) if pod.labels.get("app") == name]
    labels = {"namespace": pod.namespace, "pod": pod.name, "container": "main"}
    figures = {"container_cpu_p95_7d_cores": cores, "container_measured_7d_seconds": 600_000.0}
    samples = [Sample(key, labels, value, START) for key, value in figures.items()]
    return replace(snapshot, samples=(*snapshot.samples, *samples))


def test_room_for_some_is_said_to_be_for_some() -> None:
    """One of two finds room by a move; for the other there is none."""
    value = found(cluster([[app("one", "2"), app("two", "2")], [app("big", "3", replicas=2)]]))
    assert (value.fit, len(value.left), len(value.moves)) == (Fit.PARTLY, 1, 1)
    assert value.lacks[0].pods == 1
    assert len(value.new_nodes) == 1


def test_one_gap_is_not_exchanged_for_another() -> None:
    """Whatever moves, somebody waits: then nobody is moved."""
    value = found(cluster([[app("one", "3"), app("two", "3")], [app("big", "3")]]))
    assert (value.fit, value.moves) == (Fit.NO_ROOM, ())
