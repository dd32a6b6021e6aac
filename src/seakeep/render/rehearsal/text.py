"""A rehearsal on the terminal: the verdict, who fell short, what said no, services and scores before and after, and the steps under -v."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Course, Level, Played, Rehearsal, Shortage
from seakeep.render.figures import figure
from seakeep.render.order import CRITICALITIES, worst_shortages
from seakeep.render.rehearsal.comparison import comparison_text
from seakeep.render.rehearsal.lines import ROWS, columns, first_rows, more, row, wrapped
from seakeep.render.rehearsal.refusals import refusals_text
from seakeep.render.safe import line

# Of a scenario's or a step's name: what was found stands after it.
_NAME = 100
_READY = "Ready pods of service"


def rehearsal_text(value: Rehearsal, *, width: int = 100, verbose: bool = False) -> str:
    criticality = {level.service: level.criticality for level in value.before.services}
    title = f"{line(value.scenario, _NAME)} on {line(value.source, _NAME)}"
    rows = wrapped(0, f"{title}: {value.verdict}, {duration(value.seconds)} on the twin's clock", 0, width)
    rows += unsettled(value.unsettled, width=width, verbose=verbose)
    alone = len(value.steps) == 1 and value.steps[0].step == value.scenario
    for step in value.steps:
        told = [*_step(step, criticality, width=width, verbose=verbose)]
        # The title has said the name of the only step and its verdict.
        rows += told if alone else ["", _name(step, width), *told]
    rows += ["", *_services(value, width, verbose=verbose), "", *_scores(value)]
    if value.comparison is not None:
        rows += ["", *comparison_text(value.comparison, verbose=verbose)]
    return "\n".join(rows) + "\n"


def unsettled(items: Sequence[tuple[Ref, int]], *, width: int, verbose: bool) -> Iterator[str]:
    """What had not settled before anything was played."""
    if items:
        yield ""
        yield from wrapped(0, UNSETTLED, 0, width)
        yield from first_rows(
            (row(2, f"{ref}: {count} changes", 200) for ref, count in items), verbose=verbose, indent=2
        )


UNSETTLED = (
    "Does not settle on the twin even without this. From there on it is held still, so that what is said of it does not count; "
    "see first what makes it change:"
)


def duration(seconds: float) -> str:
    """`1 h 5 min`, `40 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{rest} s" if rest or seconds < 60 else "",
    ]
    return " ".join(part for part in parts if part)


def shortage(item: Shortage) -> str:
    return f"{item.workload}: {_shortage(item)}"


def _shortage(item: Shortage) -> str:
    end = f"for {duration(item.seconds)}" if item.recovered else "and does not come back"
    return f"{item.lowest} ready, {item.needed} needed, {end}"


def _name(step: Played, width: int) -> str:
    return "\n".join(wrapped(0, f"{line(step.step, _NAME)}: {step.verdict}", 0, width))


def _step(step: Played, criticality: dict[str, str], *, width: int, verbose: bool) -> Iterator[str]:
    for item in step.expectations:
        found = "" if item.met else f": {item.found}"
        yield from wrapped(2, f"{'met' if item.met else 'NOT MET'}: {item.text}{found}", 400, width)
    if step.oscillating:
        yield "  It did not settle. What kept changing:"
        yield from (row(4, f"{ref}: {count} times", 200) for ref, count in step.oscillating)
    yield from refusals_text(step.refusals, width=width, verbose=verbose)
    if step.short:
        yield f"  Below what they need ({len(step.short)}):"
        short = worst_shortages(step.short, criticality)
        rows = [
            (
                criticality.get(each.service, ""),
                line(each.service, 42),
                f"{beside(each.workload, each.service)}: {_shortage(each)}",
            )
            for each in (short if verbose else short[:ROWS])
        ]
        yield from columns(rows, 4, width)
        yield from more(len(short) - ROWS, verbose=verbose, indent=4)
    if verbose:
        yield "  Steps:"
        yield from (
            f"    {item.at:8.1f} s  {line(f'{item.object}: {item.what} ({item.why})', 240)}" for item in step.events
        )


def beside(workload: Ref, service: str) -> str:
    """A workload's name beside its service's, which has said the namespace where it is the same."""
    same = workload.namespace == service.partition("/")[0]
    return line(f"{workload.kind} {workload.name}" if same else str(workload), 90)


def pairs_of(value: Rehearsal) -> list[tuple[Level, Level]]:
    """Each service before and after; of one that was made, nothing before."""
    after = {item.service: item for item in value.after.services}
    known = {item.service for item in value.before.services}
    made = [
        (replace(item, ready=0, intended=0, short=()), item) for item in after.values() if item.service not in known
    ]
    return [*((item, after[item.service]) for item in value.before.services if item.service in after), *made]


def turned(pair: tuple[Level, Level]) -> bool:
    """In the end it is not as it was."""
    before, then = pair
    return before.ready != then.ready or before.short != then.short


def _services(value: Rehearsal, width: int, *, verbose: bool) -> Iterator[str]:
    pairs = pairs_of(value)
    shown = sorted((pair for pair in pairs if verbose or turned(pair)), key=_by_need)
    rest = [pair for pair in pairs if not verbose and not turned(pair)]
    low = sum(bool(then.short) for _, then in rest)
    aside = f", {low} of them below what they need" if low else ""
    if not shown:
        yield from wrapped(0, f"Every service is in the end as it was{aside}.", 0, width)
        return
    rows = [(_READY, "before", "after", "needed", "")]
    for before, then in shown:
        mark = ("  below, as before" if before.short else "  below") if then.short else ""
        old, new = (f"{item.ready}/{item.intended}" for item in (before, then))
        rows.append((line(before.service, 42), old, new, str(then.needed), mark))
    wide = [max(len(row[place]) for row in rows) for place in range(4)]
    for name, old, new, needed, mark in rows:
        yield f"{name:<{wide[0]}}  {old:>{wide[1]}}  {new:>{wide[2]}}  {needed:>{wide[3]}}{mark}"
    if rest:
        yield from wrapped(0, f"{len(rest)} more are in the end as they were{aside}.", 0, width)


def _by_need(pair: tuple[Level, Level]) -> tuple[bool, int, str]:
    return (not pair[1].short, CRITICALITIES.index(pair[1].criticality), pair[1].service)


def _scores(value: Rehearsal) -> Iterator[str]:
    after = {item.id: item.value for item in value.after.scores}
    rows = [(item.id, figure(item.value), figure(after.get(item.id))) for item in value.before.scores]
    wide = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    if rows:
        yield "Scores, 0 to 100"
    for name, old, new in rows:
        yield f"  {name:<{wide[0]}}  {old:>{wide[1]}}  →  {new:>{wide[2]}}"


def course_text(item: Course) -> str:
    """`3 → 1 at 0 s → 3 at 33 s`."""
    first, *rest = item.points
    return " → ".join([str(first[1]), *(f"{ready} at {duration(at)}" for at, ready in rest)])
