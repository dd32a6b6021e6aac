"""Who is preempted for whom, where pods are nominated, and what the scheduler says: the same on a real control plane and on the twin.

SEAKEEP_PREEMPTION_CASES sets how many sequences are played (a sample of 15 otherwise), SEAKEEP_PREEMPTION_FIRST the first seed.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.by_hand import Planes
from tests.conformance.fidelity import record
from tests.conformance.kept import kept
from tests.conformance.preemption_cases import Case, Object, case, classes
from tests.conformance.preemption_play import Playing, Turn, orders, play_real

COUNT = int(os.environ.get("SEAKEEP_PREEMPTION_CASES", "15"))
FIRST = int(os.environ.get("SEAKEEP_PREEMPTION_FIRST", "0"))
# Played one after the other, each with nobody beside it: then the scheduler tries again only when the sequence itself makes it, and older messages stay.
ALONE = max(1, COUNT // 25)
_PARALLEL = 40
# A sample says everything; a single seed that is looked into need not.
_MANY = 10


def _difference(
    nodes: list[Object], each: Case, turns: list[Turn], seen: Counter[str], *, alone: bool = False
) -> list[str]:
    """A turn that differs is played again with the pods in another order; if it agrees then, kube-scheduler's back-off explains it."""
    tried: dict[int, int] = {}
    while True:
        counts: Counter[str] = Counter()
        number, found = _played(nodes, each, turns, counts, tried, alone=alone)
        if not found or tried.get(number, 0) + 1 == len(orders(turns[number])):
            seen.update(counts)
            seen[BACKOFF] += 0 if found else len(tried)
            return found
        tried[number] = tried.get(number, 0) + 1


def _played(
    nodes: list[Object], each: Case, turns: list[Turn], seen: Counter[str], tried: dict[int, int], *, alone: bool
) -> tuple[int, list[str]]:
    """(the first turn that differs, in what)."""
    playing = Playing(nodes, each)
    for number, turn in enumerate(turns):
        ours = playing.turn(turn, alone=alone, order=orders(turn)[tried.get(number, 0)])
        theirs = {name: dict(item) for name, item in turn.picture.items()}
        _count(turn, seen)
        for name in [each for each in sorted(theirs) if playing.is_too_large(each)]:
            # The twin does not look at it again, so that its message may be older.
            said = (theirs[name].pop("PodScheduled.message"), ours[name].pop("PodScheduled.message"))
            seen[TOO_LARGE] += said[0] != said[1]
        found = [
            f"{name} {field}: {theirs.get(name, {}).get(field)!r} and not {ours.get(name, {}).get(field)!r}"
            for name in sorted(theirs.keys() | ours.keys())
            for field in sorted({*theirs.get(name, {}), *ours.get(name, {})})
            if theirs.get(name, {}).get(field) != ours.get(name, {}).get(field)
        ]
        # The first difference ends it: what follows would only repeat it.
        if found:
            return number, [f"seed {each.seed}, turn {number} ({turn.what} {turn.name}): {text}" for text in found]
    seen["ties"] += playing.ties
    return -1, []


def _count(turn: Turn, seen: Counter[str]) -> None:
    seen["turns"] += 1
    for item in turn.picture.values():
        seen["pods"] += "node" in item
        seen["nominated"] += bool(item.get("nominated"))
        seen["preempted"] += item.get("DisruptionTarget.reason") == "PreemptionByScheduler"
        seen["gated"] += item.get("PodScheduled.reason") == "SchedulingGated"
        said = str(item.get("PodScheduled.message", ""))
        for text in SAID:
            seen[text] += text in said


TOO_LARGE = "too-large-pods"
BACKOFF = "scheduler-back-off"
# What the sequences must have made the scheduler say, so that agreement means something.
SAID = (
    "preemption: found a potential placement for pod on node",
    "No preemption victims found for incoming pod",
    "Preemption is not helpful for scheduling",
    "not eligible due to preemptionPolicy=Never.",
    "not eligible due to a terminating pod on the nominated node.",
)


@pytest.mark.engine("kubernetes")
def test_preemption_agrees(later_still_plane: Planes) -> None:
    started = time.monotonic()
    cases = [case(seed) for seed in range(FIRST, FIRST + COUNT + ALONE)]

    def play() -> tuple[list[Object], list[list[Turn]]]:
        plane = later_still_plane()
        nodes = register(plane, cases)
        with ThreadPoolExecutor(_PARALLEL) as pool:
            played = list(pool.map(lambda each: play_real(plane, each), cases[:COUNT]))
        return nodes, played + [play_real(plane, each, alone=True) for each in cases[COUNT:]]

    nodes, played = kept("preemption", cases, tuple[list[Object], list[list[Turn]]], play)
    compare(nodes, cases, played, time.monotonic() - started)


def register(plane: ControlPlane, cases: list[Case]) -> list[Object]:
    """All nodes of the cluster, those of the cases among them."""
    specs = [node for each in cases for node in each.nodes]
    plane.apply(classes())
    plane.add_nodes(specs, seconds=180)
    for spec in specs:
        plane.lose_node(spec.name)
    return [{"apiVersion": "v1", "kind": "Node"} | node for node in plane.api.find("v1", "Node")]


def compare(nodes: list[Object], cases: list[Case], played: list[list[Turn]], seconds: float) -> None:
    """The last `ALONE` of the cases were played alone."""
    seen: Counter[str] = Counter()
    found = [
        _difference(nodes, each, turns, seen, alone=number >= len(cases) - ALONE)
        for number, (each, turns) in enumerate(zip(cases, played, strict=True))
    ]
    wrong = sum(map(bool, found))
    print(f"{len(cases) - wrong} of {len(cases)} sequences agree; {dict(seen)}")
    record(
        "preemption",
        cases=len(cases),
        compared={"turns": seen["turns"], "pods": seen["pods"]},
        differences={TOO_LARGE: seen[TOO_LARGE], BACKOFF: seen[BACKOFF], **({"": wrong} if wrong else {})},
        seconds=seconds,
        what="which pods are preempted, nominations, conditions with their messages, and nodes, after every turn",
    )
    failed = [text for texts in found for text in texts[:6]]
    assert not failed, "\n".join(failed)
    if len(cases) >= _MANY:
        assert [text for text in (*SAID, "nominated", "preempted", "gated") if not seen[text]] == []
