"""What a platform survives, on the terminal: the score, the single points of failure, what blocks drains."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Need, Shortage
from seakeep.model.survival import Disruption, Outcome, SinglePoint, Survival
from seakeep.render.figures import figure
from seakeep.render.rehearsal.lines import ROWS, columns, more, row, wrapped
from seakeep.render.rehearsal.text import beside, duration, unsettled
from seakeep.render.safe import line


def survival_text(value: Survival, *, width: int = 100, verbose: bool = False) -> str:
    score = value.score
    known = f"{figure(score.value)} of 100" if score.value is not None else "unknown"
    rows = [row(0, f"survival {known} on {value.source}", 160)]
    if score.value is not None:
        rows += wrapped(0, score.formula, 200, width)
    if score.note:
        rows += wrapped(0, score.note, 0 if verbose else 400, width)
    if score.value is not None and score.coverage < 0.995:
        rows.append(f"{score.coverage:.0%} of the services by weight were judged")
    rows += unsettled(value.unsettled, width=width, verbose=verbose)
    if value.outcomes:
        told = (
            _tried(value),
            _points(value, width, verbose=verbose),
            _together(value, width, verbose=verbose),
            _blocked(value, width, verbose=verbose),
        )
        for part in map(list, told):
            rows += ["", *part] if part else []
    if verbose:
        rows += ["", *_parts(value)]
    return "\n".join(rows) + "\n"


def _tried(value: Survival) -> Iterator[str]:
    """Per kind: how many were tried, and how many took no service below its need."""
    yield f"{'Disruption':<32}  {'tried':>7}  {'harmless':>8}  {'refused':>7}"
    whole, fine, refused = Counter[str](), Counter[str](), Counter[str]()
    for item in value.outcomes:
        kind, times = item.disruption.kind, item.disruption.times
        whole[kind] += times
        fine[kind] += times * (not item.short and not item.refused)
        refused[kind] += times * (item.refused or (kind in {"drain", "upgrade"} and bool(item.refusals)))
    for kind in dict.fromkeys(item.disruption.kind for item in value.outcomes):
        yield f"{_KINDS[kind]:<32}  {whole[kind]:>7}  {fine[kind]:>8}  {refused[kind]:>7}"


_KINDS = {
    "drain": "a node drained",
    "loss": "a node lost",
    "zone": "a zone lost",
    "pair": "two nodes lost",
    "upgrade": "nodes upgraded one by one",
    "eviction": "a pod evicted",
}


def _points(value: Survival, width: int, *, verbose: bool) -> Iterator[str]:
    if not value.points:
        if _single_tried(value):
            yield "No single node and no single pod takes a service below its need."
        return
    yield f"Single points of failure ({len(value.points)}):"
    rows = [
        (item.criticality, line(item.service, 42), f"{beside(item.workload, item.service)}: {_point(item)}")
        for item in (value.points if verbose else value.points[:ROWS])
    ]
    yield from columns(rows, 2, width)
    yield from more(len(value.points) - ROWS, verbose=verbose, indent=2)


def _single_tried(value: Survival) -> bool:
    return any(item.disruption.kind == "loss" for item in value.outcomes)


def _together(value: Survival, width: int, *, verbose: bool) -> Iterator[str]:
    """What two nodes or a zone take below its need, and none of these nodes alone."""
    single = {item.workload for item in value.points}
    alone = {
        (short.workload, item.disruption.targets[0])
        for item in value.outcomes
        if item.disruption.kind == "loss"
        for short in item.short
    }
    found: dict[Ref, list[tuple[Disruption, Shortage]]] = defaultdict(list)
    for item in value.outcomes:
        kind, targets = item.disruption.kind, item.disruption.targets
        for short in item.short if kind in {"pair", "zone"} else ():
            known = (
                short.workload in single if kind == "zone" else any((short.workload, each) in alone for each in targets)
            )
            if not known:
                found[short.workload].append((item.disruption, short))
    if not found:
        return
    yield f"Below its need {'only ' if _single_tried(value) else ''}when several nodes go ({len(found)}):"
    needs = {need.workload: need for need in value.needs}
    rows = []
    for ref in sorted(found):
        hit = _hit(needs[ref], found[ref])
        kind = "two nodes" if any(each.kind == "pair" for each in hit.disruptions) else "a zone"
        rows.append((kind, line(hit.service, 42), f"{beside(ref, hit.service)}: {_point(hit)}"))
    yield from columns(rows if verbose else rows[:ROWS], 2, width)
    yield from more(len(rows) - ROWS, verbose=verbose, indent=2)


def _hit(need: Need, hits: list[tuple[Disruption, Shortage]]) -> SinglePoint:
    worst = max((short for _, short in hits), key=lambda short: (not short.recovered, short.seconds, -short.lowest))
    disruptions = tuple(disruption for disruption, _ in hits)
    return SinglePoint(need.service, "", need.workload, need.needed, need.intended, disruptions, worst)


def point(item: SinglePoint) -> str:
    """`StatefulSet kafka/kafka: needs 2 of 3; node a lost: 1 left, does not come back by itself`."""
    return f"{item.workload}: {_point(item)}"


def _point(item: SinglePoint) -> str:
    worst = next((each for each in item.disruptions if each.kind == "loss"), item.disruptions[0])
    others = f" and {len(item.disruptions) - 1} more" if len(item.disruptions) > 1 else ""
    end = f"up to {duration(item.worst.seconds)}" if item.worst.recovered else "does not come back by itself"
    return f"needs {item.needed} of {item.intended}; {worst.text}{others}: {item.worst.lowest} left, {end}"


def _blocked(value: Survival, width: int, *, verbose: bool) -> Iterator[str]:
    stopped = [item for item in value.outcomes if item.refusals and item.disruption.kind in {"drain", "upgrade"}]
    if stopped:
        yield f"Blocked ({len(stopped)}):"
    for item in stopped if verbose else stopped[:ROWS]:
        yield from wrapped(2, f"{item.disruption.text}: {_first(item)}", 300, width)
        by = next((each.by for each in item.refusals if each.by is not None), None)
        if by is not None:
            yield row(4, f"says {by}", 200)
    yield from more(len(stopped) - ROWS, verbose=verbose, indent=2)


def _first(item: Outcome) -> str:
    others = f" (and {len(item.refusals) - 1} more)" if len(item.refusals) > 1 else ""
    return f"{item.refusals[0].object}: {item.refusals[0].message}{others}"


def _parts(value: Survival) -> Iterator[str]:
    yield "Parts of the score:"
    for part in value.score.parts:
        yield row(
            2, f"{part.got:.3f}/{part.of:g}  {part.name}, {part.object}, weight {part.weight:g}: {part.note}", 200
        )
