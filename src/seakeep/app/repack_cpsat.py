"""The packing problem for OR-tools' CP-SAT: as many pods placed as can be, with as few moves as that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seakeep.engine.repack.packing import Packing, Solver

# In CP-SAT's own measure of work, which is the same on every machine; about as many seconds on one core.
WORK = 30.0
_MI = 1024**2


def cp_sat(work: float = WORK) -> Solver | None:
    """None where OR-tools is not installed."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        return None
    return lambda packing, start: _solve(cp_model, packing, start, work)


def _solve(cp: Any, packing: Packing, start: Sequence[Mapping[int, int]], work: float) -> list[dict[int, int]] | None:  # fmt: skip
    """One worker, a fixed seed and a limit of work, not of time: the same problem has the same answer."""
    model = cp.CpModel()
    on: list[dict[int, Any]] = []
    placed, moved = [], []
    for number, kind in enumerate(packing.kinds):
        there = sum(len(pods) for pods in kind.pods.values())
        whole = there + len(kind.waiting)
        on.append({node: model.new_int_var(0, whole, f"on_{number}_{node}") for node in sorted(kind.allowed)})
        total = sum(on[number].values())
        model.add(total >= there)
        model.add(total <= whole)
        placed.append(total)
        for node, pods in sorted(kind.pods.items()):
            stays = model.new_int_var(0, len(pods), f"stays_{number}_{node}")
            model.add(stays <= on[number][node])
            moved.append(kind.cost * (len(pods) - stays))
        for node, var in on[number].items():
            model.add_hint(var, start[number].get(node, 0))
    _room(model, packing, on)
    _apart(model, packing, on)
    # A pod more is worth all moves.
    worth = 1 + sum(kind.cost * len(pods) for kind in packing.kinds for pods in kind.pods.values())
    model.maximize(worth * sum(placed) - sum(moved))
    solver = cp.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = work
    if solver.solve(model) not in {cp.OPTIMAL, cp.FEASIBLE}:
        return None
    return [{node: count for node, var in vars_.items() if (count := solver.value(var))} for vars_ in on]


def _room(model: Any, packing: Packing, on: Sequence[Mapping[int, Any]]) -> None:
    """Bytes as MiB, requests rounded up and room rounded down: large figures make CP-SAT slow. What is on a node already may stay, though it were too much."""
    for place, name in enumerate(packing.resources):
        unit = 1 if name in {"cpu", "pods"} or max(room[place] for room in packing.free) < _MI else _MI
        sizes = [-(-kind.needs[place] // unit) for kind in packing.kinds]
        for node in range(len(packing.nodes)):
            load = [size * on[number][node] for number, size in enumerate(sizes) if size and node in on[number]]
            now = sum(size * len(packing.kinds[number].pods.get(node, ())) for number, size in enumerate(sizes))
            if load:
                model.add(sum(load) <= max(packing.free[node][place] // unit, now))


def _apart(model: Any, packing: Packing, on: Sequence[Mapping[int, Any]]) -> None:
    for number, kind in enumerate(packing.kinds):
        for other, key in kind.apart:
            codes = packing.domains[key]
            for code in sorted({code for code in codes if code >= 0}):
                here = [on[number][node] for node in on[number] if codes[node] == code]
                there = [on[other][node] for node in on[other] if codes[node] == code]
                if other == number and here:
                    model.add(sum(here) <= 1)
                elif other > number and here and there:
                    either = model.new_bool_var(f"apart_{number}_{other}_{key}_{code}")
                    model.add(sum(there) == 0).only_enforce_if(either)
                    model.add(sum(here) == 0).only_enforce_if(~either)
