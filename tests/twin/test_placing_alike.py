"""Pods that are alike are placed and refused together, with the same steps as one by one."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.twin.placing import loop as placing
from seakeep.twin.placing.alike import Memory
from seakeep.twin.scheduler import preemption
from seakeep.twin.scheduler.profile import Verdict, judge
from seakeep.twin.world import Step, Twin
from tests.twin.builders import node, twin
from tests.twin.preempting import find, pod, said

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def sorts(random: Random) -> list[dict[str, Any]]:
    """What tells kinds of pods apart: their specification and labels."""
    selector = {"matchLabels": {"app": "x"}}
    term = {"topologyKey": random.choice([HOSTNAME, ZONE]), "labelSelector": selector}
    spread = {"maxSkew": 1, "topologyKey": ZONE, "labelSelector": selector}
    every: list[dict[str, Any]] = [
        {},
        {"nodeSelector": {ZONE: "a"}},
        {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}},
        {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}},
        {
            "affinity": {
                "podAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 5, "podAffinityTerm": term}]
                }
            }
        },
        {"topologySpreadConstraints": [spread | {"whenUnsatisfiable": "DoNotSchedule"}]},
        {"topologySpreadConstraints": [spread | {"whenUnsatisfiable": "ScheduleAnyway"}]},
        {"preemptionPolicy": "Never"},
    ]
    return random.sample(every, 4)


def play(seed: int) -> list[Step]:
    random = Random(seed)
    nodes = [node(f"n{number}", random.choice(["2", "4", "6"]), **{ZONE: random.choice("ab")}) for number in range(5)]
    kinds = [
        (kind, random.choice([0, 0, 0, 10]), random.choice(["x", "y"]), random.choice(["500m", "1", "3", "9"]))
        for kind in sorts(random)
    ]
    placed = [pod(f"old-{number}", random.choice([0, -5]), on=f"n{number}", cpu="1") for number in range(5)]
    world: Twin = twin([*nodes, *placed])
    for turn in range(3):
        for number in range(24):
            kind, priority, app, cpu = random.choice(kinds)
            made = pod(f"p{turn}-{number}", priority, cpu=cpu, **kind)
            made["metadata"]["labels"] = {"app": app}
            world.create(from_mapping(made))
        world.settle()
        there = sorted(item.name for item in world.state.all(Pod) if item.spec.node_name)
        for name in random.sample(there, min(3, len(there))):
            world.delete(Ref("Pod", find(world, name).namespace, name))
        world.settle()
    return world.steps


@pytest.mark.parametrize("seed", range(12))
def test_the_same_steps(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    together = play(seed)
    monkeypatch.setattr(placing, "_SEVERAL", 10**9)
    monkeypatch.setattr(Memory, "alike", lambda *_: None)
    assert together == play(seed)


def test_equals_of_a_refused_pod_are_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []

    def counted(*args: Any, **named: Any) -> Verdict:
        judged.append(args[1].name)
        return judge(*args, **named)

    monkeypatch.setattr(placing, "judge", counted)
    world = twin([node("a", cpu="2"), *(pod(f"new-{number}", cpu="1", app="new") for number in range(50))])
    world.settle()
    assert sum(bool(find(world, f"new-{number}").spec.node_name) for number in range(50)) == 2
    assert len({said(world, f"new-{number}") for number in range(50)} - {""}) == 1
    assert len(judged) == 1


def test_where_preemption_does_not_help_is_remembered_by_node(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    dry_run = preemption._dry_run

    def counted(*args: Any, **options: Any) -> Any:
        tried.append(args[1])
        return dry_run(*args, **options)

    monkeypatch.setattr(preemption, "_dry_run", counted)
    names = [f"n{number}" for number in range(20)]
    kept = [pod(f"kept-{name}", 100, on=name, cpu="3") for name in names]
    low = [pod(f"low-{name}", on=name, cpu="500m") for name in names]
    world = twin([*(node(name) for name in names), *kept, *low, pod("new", 50, cpu="2")])
    world.settle()
    assert len(tried) == 20
    tried.clear()
    world.delete(find(world, "low-n7").ref)
    world.settle()
    assert set(tried) == {"n7"}
    assert find(world, "new").spec.node_name == ""
