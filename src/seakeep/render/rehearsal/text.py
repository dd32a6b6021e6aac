"""A rehearsal on the terminal: the verdict, who fell short, what said no, services and scores before and after, and the steps under -v."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Course, Level, Played, Refusal, Rehearsal, Shortage
from seakeep.render.rehearsal.comparison import comparison_text
from seakeep.render.safe import line

_ROWS = 15
_LEVELS = ("critical", "high", "normal", "low")
_WORDS = {
    "refused": "refused",
    "blocked": "blocked",
    "unschedulable": "found no node",
    "not-created": "could not be created",
}


def rehearsal_text(value: Rehearsal, *, width: int = 100, verbose: bool = False) -> str:
    criticality = {level.service: level.criticality for level in value.before.services}
    rows = [
        line(f"{value.scenario} on {value.source}: {value.verdict}, {duration(value.seconds)} on the twin's clock", 200)
    ]
    rows += unsettled(value.unsettled, verbose=verbose)
    for step in value.steps:
        rows += ["", *(_step(step, criticality, width=width, verbose=verbose))]
    rows += ["", *_services(value, verbose=verbose), "", *_scores(value)]
    if value.comparison is not None:
        rows += ["", *comparison_text(value.comparison, verbose=verbose)]
    return "\n".join(rows) + "\n"


def unsettled(items: Sequence[tuple[Ref, int]], *, verbose: bool) -> Iterator[str]:
    """What had not settled before anything was played."""
    if items:
        yield ""
        yield UNSETTLED
        shown = items if verbose else items[:_ROWS]
        yield from (row(2, f"{ref}: {count} changes", 200) for ref, count in shown)
        if len(shown) < len(items):
            yield f"  and {len(items) - len(shown)} more (-v)"


UNSETTLED = (
    "Does not settle on the twin even without this. From there on it is held still, so that what is said of it does not count; "
    "see first what makes it change:"
)


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{rest} s" if rest or seconds < 60 else "",
    ]
    return " ".join(part for part in parts if part)


def shortage(item: Shortage) -> str:
    end = f"for {duration(item.seconds)}" if item.recovered else "and does not come back"
    return f"{item.workload}: {item.lowest} ready, {item.needed} needed, {end}"


def worst_first(items: Sequence[Shortage], criticality: dict[str, str]) -> list[Shortage]:
    return sorted(
        items,
        key=lambda item: (
            _LEVELS.index(criticality.get(item.service, "low")),
            item.recovered,
            -item.seconds,
            item.workload,
        ),
    )


def _step(step: Played, criticality: dict[str, str], *, width: int, verbose: bool) -> Iterator[str]:
    yield row(0, f"{step.step}: {step.verdict}", 160)
    for item in step.expectations:
        yield row(2, f"{'met' if item.met else 'NOT MET'}: {item.text}{'' if item.met else f': {item.found}'}", 400)
    if step.oscillating:
        yield "  It did not settle. What kept changing:"
        yield from (row(4, f"{ref}: {count} times", 200) for ref, count in step.oscillating)
    for kind, word in _WORDS.items():
        yield from _refusals([item for item in step.refusals if item.kind == kind], word, verbose=verbose)
    if step.short:
        yield f"  Below what they need ({len(step.short)}):"
        shown = worst_first(step.short, criticality)
        for each in shown if verbose else shown[:_ROWS]:
            level = criticality.get(each.service, "")
            yield f"    {level:<8}  {line(each.service, 36):<36}  {line(shortage(each), max(width, 140))}"
        if not verbose and len(shown) > _ROWS:
            yield f"    and {len(shown) - _ROWS} more (-v)"
    if verbose:
        yield "  Steps:"
        yield from (
            f"    {item.at:8.1f} s  {line(f'{item.object}: {item.what} ({item.why})', 240)}" for item in step.events
        )


def row(indent: int, text: str, limit: int) -> str:
    """Foreign text on one line, made harmless, after an indent."""
    return " " * indent + line(text, limit)


def _refusals(items: Sequence[Refusal], word: str, *, verbose: bool) -> Iterator[str]:
    if not items:
        return
    yield f"  {word.capitalize()} ({len(items)}):"
    for item in items if verbose else items[:_ROWS]:
        yield row(4, f"{item.object}: {item.message}", 400)
        if item.by is not None:
            yield row(6, f"says {item.by}", 200)
    if not verbose and len(items) > _ROWS:
        yield f"    and {len(items) - _ROWS} more (-v)"


def _services(value: Rehearsal, *, verbose: bool) -> Iterator[str]:
    after = {item.service: item for item in value.after.services}
    pairs = [(item, after[item.service]) for item in value.before.services if item.service in after]
    changed = [pair for pair in pairs if verbose or pair[0].ready != pair[1].ready or pair[1].short]
    if not changed:
        yield "Every service is in the end as it was."
        return
    yield f"{'Service':<42}  {'before':>8}  {'after':>8}  {'needed':>6}"
    for before, then in sorted(changed, key=_by_need):
        mark = ("  below, as before" if before.short else "  below") if then.short else ""
        yield line_of(before, then) + mark
    if len(changed) < len(pairs):
        yield f"{len(pairs) - len(changed)} more are in the end as they were."


def line_of(before: Level, then: Level) -> str:
    return (
        f"{line(before.service, 42):<42}  {f'{before.ready}/{before.intended}':>8}  "
        f"{f'{then.ready}/{then.intended}':>8}  {then.needed:>6}"
    )


def _by_need(pair: tuple[Level, Level]) -> tuple[bool, int, str]:
    return (not pair[1].short, _LEVELS.index(pair[1].criticality), pair[1].service)


def _scores(value: Rehearsal) -> Iterator[str]:
    after = {item.id: item.value for item in value.after.scores}
    for item in value.before.scores:
        yield f"{item.id:<10} {figure(item.value)} before, {figure(after.get(item.id))} after"


def figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def course_text(item: Course) -> str:
    """`3 → 1 at 0 s → 3 at 33 s`."""
    first, *rest = item.points
    return " → ".join([str(first[1]), *(f"{ready} at {duration(at)}" for at, ready in rest)])
