"""Whether a step did what its scenario expects."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from seakeep.engine.watch import Watch
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Expectation, Refusal, Verdict
from seakeep.model.scenario import Expect

COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def judge(wish: Expect, watch: Watch, verdict: Verdict, refusals: Sequence[Refusal]) -> Expectation:
    match wish.kind:
        case "verdict":
            return Expectation(wish.source, verdict == wish.text, f"verdict {verdict}", wish.line)
        case "refused":
            met = any(wish.text in item.message for item in refusals) if wish.text else not refusals
            found = "; ".join(f"{item.object}: {item.message}" for item in refusals[:3]) or "nothing was refused"
            return Expectation(wish.source, met, found, wish.line)
    workloads = chosen(wish, watch)
    if not workloads:
        return Expectation(wish.source, False, f"no such service or workload{_near(wish, watch)}", wish.line)
    points = course(watch, workloads)
    holds = COMPARE[wish.compare]
    if wish.kind == "lowest":
        low = min(ready for _, ready in points)
        return Expectation(wish.source, holds(low, wish.number), f"{low} ready at the lowest", wish.line)
    return _ready(wish, points, watch)


def _ready(wish: Expect, points: list[tuple[float, int]], watch: Watch) -> Expectation:
    """At the end; or from `within` seconds on, without a break."""
    holds, began, last = COMPARE[wish.compare], points[0][0], points[-1][1]
    if wish.within is None:
        return Expectation(wish.source, holds(last, wish.number), f"{last} ready at the end", wish.line)
    deadline = began + wish.within
    met = True
    for (_, ready), (until, _) in zip(points, [*points[1:], (max(watch.elapsed, deadline) + 1.0, 0)], strict=True):
        if until > deadline and not holds(ready, wish.number):
            met = False
    if met:
        return Expectation(wish.source, True, f"{last} ready", wish.line)
    when = next((at for at, ready in points if at > deadline and holds(ready, wish.number)), None)
    later = f", {when - began:g} s after the start" if when is not None else ""
    at_deadline = [ready for at, ready in points if at <= deadline][-1]
    return Expectation(wish.source, False, f"{at_deadline} ready then, {last} at the end{later}", wish.line)


def _near(wish: Expect, watch: Watch) -> str:
    """What may have been meant: of the same name or one like it."""
    needs = watch.board.needs
    if wish.object is not None:
        known = {"/".join(part for part in ref if part): ref.name for ref in needs}
        name = wish.object.name
    else:
        known = {need.service: need.service.rpartition("/")[2] for need in needs.values()}
        name = wish.service.rpartition("/")[2]
    like = get_close_matches(name, sorted(set(known.values())))
    near = sorted(full for full, last in known.items() if last == name or (name not in like and last in like))
    return f"; there is {', '.join(near[:3])}" if near else ""


def chosen(wish: Expect, watch: Watch) -> list[Ref]:
    """The workloads of a service (its id, or its name alone where that is enough), or the one named."""
    if wish.object is not None:
        return [wish.object] if wish.object in watch.board.needs or wish.object in watch.counts else []
    return sorted(
        workload
        for workload, need in watch.board.needs.items()
        if wish.service in {need.service, need.service.rpartition("/")[2]}
    )


def course(watch: Watch, workloads: Sequence[Ref]) -> list[tuple[float, int]]:
    """The sum of several workloads over time."""
    parts = [watch.course(workload) for workload in workloads]
    values = [part[0][1] for part in parts]
    points = [(parts[0][0][0], sum(values))]
    changes = sorted((at, position, ready) for position, part in enumerate(parts) for at, ready in part[1:])
    for at, position, ready in changes:
        values[position] = ready
        points.append((at, sum(values)))
    return points
