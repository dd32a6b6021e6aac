"""Packings by themselves, against a search through all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest

from seakeep.app.repack_cpsat import cp_sat
from seakeep.engine.repack.greedy import greedy
from seakeep.engine.repack.packing import Counts, Kind, Packing
from seakeep.model.refs import Ref
from seakeep.testing.engines import missing

SEEDS = range(60)


def made(seed: int) -> Packing:
    """Up to three nodes in two zones, up to four kinds with up to two pods each; some of them apart."""
    dice = random.Random(seed)
    nodes = dice.randint(2, 3)
    zones = tuple(dice.randrange(2) for _ in range(nodes))
    domains = {"host": tuple(range(nodes)), "zone": zones}
    counts = dice.randint(2, 4)
    room = [[dice.randint(3, 7), dice.randint(3, 7)] for _ in range(nodes)]
    left = [list(each) for each in room]
    kinds: list[Kind] = []
    for number in range(counts):
        needs = (dice.randint(1, 4), dice.randint(1, 4))
        allowed = frozenset(node for node in range(nodes) if dice.random() < 0.8) or frozenset({0})
        apart = ((number, dice.choice(("host", "zone"))),) if dice.random() < 0.3 else ()
        pods: dict[int, tuple[Ref, ...]] = {}
        waiting: tuple[Ref, ...] = ()
        for pod in range(dice.randint(1, 2)):
            ref = Ref("Pod", "n", f"{number}-{pod}")
            taken = {domains[key][node] for node in pods for _, key in apart}
            at = next((node for node in sorted(allowed) if all(n <= r for n, r in zip(needs, left[node], strict=True)) and all(domains[key][node] not in taken for _, key in apart)), None)  # fmt: skip
            if at is None or dice.random() < 0.3:
                waiting = (*waiting, ref)
            else:
                pods[at] = (*pods.get(at, ()), ref)
                left[at] = [r - n for n, r in zip(needs, left[at], strict=True)]
        kinds.append(Kind(Ref("Deployment", "n", str(number)), needs, allowed, pods, waiting, apart, dice.choice((1, 5)), 0))  # fmt: skip
    if counts > 2 and dice.random() < 0.4 and not (set(kinds[0].pods) & set(kinds[1].pods)):
        kinds[0] = _with(kinds[0], (1, "host"))
        kinds[1] = _with(kinds[1], (0, "host"))
    return Packing(tuple("abc"[:nodes]), ("cpu", "pods"), tuple(map(tuple, room)), tuple(kinds), domains)


def _with(kind: Kind, more: tuple[int, str]) -> Kind:
    return Kind(kind.workload, kind.needs, kind.allowed, kind.pods, kind.waiting, (*kind.apart, more), kind.cost, kind.priority)  # fmt: skip


def counts_of(packing: Packing, on: Sequence[Mapping[int, int]]) -> Counts:
    found = Counts(packing, [list(room) for room in packing.free], [{} for _ in packing.kinds])
    for number, each in enumerate(on):
        for node, count in each.items():
            found.add(number, node, count)
    return found


def is_valid(counts: Counts) -> bool:
    """Nothing over, nobody where he may not be, nobody lost."""
    packing = counts.packing
    if any(room < 0 for each in counts.free for room in each):
        return False
    for number, kind in enumerate(packing.kinds):
        placed = sum(counts.on[number].values())
        if placed < sum(len(pods) for pods in kind.pods.values()) or counts.unplaced[number] < 0:
            return False
        for node, count in counts.on[number].items():
            if count and node not in kind.allowed:
                return False
            for other, near in packing.rivals(number, node):
                there = sum(counts.on[other].get(place, 0) for place in near) - (other == number)
                if count and there > 0:
                    return False
    return True


def best(packing: Packing) -> tuple[int, int]:
    """The fewest pods without a place, and the least that it costs, of all packings."""
    return min((sum(each.unplaced), each.moved) for each in _all(packing))


def _all(packing: Packing) -> Iterator[Counts]:
    ways = []
    for kind in packing.kinds:
        whole = sum(len(pods) for pods in kind.pods.values()) + len(kind.waiting)
        nodes = sorted(kind.allowed)
        ways.append([dict(zip(nodes, each, strict=True)) for each in product(range(whole + 1), repeat=len(nodes)) if sum(each) <= whole])  # fmt: skip
    for each in product(*ways):
        found = counts_of(packing, each)
        if is_valid(found):
            yield found


def test_the_cases_start_from_what_can_be() -> None:
    assert all(is_valid(Counts.now(made(seed))) for seed in SEEDS)
    assert sum(any(kind.waiting for kind in made(seed).kinds) for seed in SEEDS) > 30


@pytest.mark.parametrize("seed", SEEDS)
def test_best_fit_never_breaks_a_rule_and_never_loses_a_pod(seed: int) -> None:
    counts = greedy(made(seed))
    assert is_valid(counts)
    assert sum(counts.unplaced) <= sum(Counts.now(made(seed)).unplaced)


def test_best_fit_is_seldom_short_of_what_there_is() -> None:
    short = [seed for seed in SEEDS if sum(greedy(made(seed)).unplaced) > best(made(seed))[0]]
    assert len(short) < len(SEEDS) // 4


@pytest.mark.engine("ortools")
def test_cp_sat_finds_the_best_there_is() -> None:
    solver = cp_sat()
    if solver is None:
        missing("ortools", "pip install 'seakeep[repack]'")
    for seed in SEEDS:
        packing = made(seed)
        on = solver(packing, greedy(packing).on)
        assert on is not None, seed
        counts = counts_of(packing, on)
        assert is_valid(counts), seed
        assert (sum(counts.unplaced), counts.moved) == best(packing), seed


@pytest.mark.engine("ortools")
def test_cp_sat_gives_the_same_answer_twice() -> None:
    solver = cp_sat()
    if solver is None:
        missing("ortools", "pip install 'seakeep[repack]'")
    packing = made(3)
    assert solver(packing, greedy(packing).on) == solver(packing, greedy(packing).on)


@pytest.mark.engine("ortools")
def test_a_node_that_holds_too_much_already_bars_no_answer() -> None:
    """As after an in-place resize: its pods may stay, and nothing is added to them."""
    solver = cp_sat()
    if solver is None:
        missing("ortools", "pip install 'seakeep[repack]'")
    stuck = Kind(Ref("Deployment", "n", "s"), (3, 1), frozenset({0}), {0: (Ref("Pod", "n", "s"),)}, (), (), 1, 0)
    wants = Kind(Ref("Deployment", "n", "w"), (2, 1), frozenset({0, 1}), {}, (Ref("Pod", "n", "w"),), (), 1, 0)
    packing = Packing(("a", "b"), ("cpu", "pods"), ((2, 5), (2, 5)), (stuck, wants), {})
    assert solver(packing, [{}, {}]) == [{0: 1}, {1: 1}]
