"""Rehearsals in the types of the JSON contract."""

from __future__ import annotations

from typing import cast

from seakeep.model.comparison import Compared, Comparison
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Course, Level, Played, Refusal, Rehearsal, Shortage, Side
from seakeep.render.rehearsal import types as wire
from seakeep.render.report.types import ObjectRef
from seakeep.render.report.wire import object_ref, score_of


def rehearsal(value: Rehearsal) -> wire.Rehearsal:
    return wire.Rehearsal(
        source=value.source,
        scenario=value.scenario,
        verdict=value.verdict.value,
        seconds=value.seconds,
        steps=[_played(item) for item in value.steps],
        before=_side(value.before),
        after=_side(value.after),
        timeline=[_course(item) for item in value.timeline],
        comparison=_comparison(value.comparison) if value.comparison is not None else None,
        unsettled_before=oscillations(value.unsettled),
    )


def oscillations(items: tuple[tuple[Ref, int], ...]) -> list[wire.Oscillation]:
    return [wire.Oscillation(object_ref(ref), count) for ref, count in items]


def _comparison(value: Comparison) -> wire.Comparison:
    return wire.Comparison(
        value.engine,
        value.equal,
        _compared(value.before),
        [_compared(item) for item in value.steps],
        [wire.LeftOut(item.what, item.count, item.why) for item in value.left_out],
    )


def _compared(item: Compared) -> wire.ComparedStep:
    found = [
        wire.Difference(cast("wire.DifferenceKind", each.what), object_ref(each.object), each.twin, each.real)
        for each in item.differences
    ]
    seconds = round(item.seconds, 1)
    return wire.ComparedStep(
        item.step,
        not found,
        item.settled,
        item.workloads,
        item.decisions,
        seconds,
        found,
        [object_ref(ref) for ref in item.order],
    )


def shortage(item: Shortage) -> wire.Shortage:
    return wire.Shortage(
        item.service, object_ref(item.workload), item.lowest, item.needed, item.seconds, item.recovered
    )


def refusal(item: Refusal) -> wire.Refusal:
    return wire.Refusal(cast("wire.RefusalKind", item.kind), object_ref(item.object), item.message, _or_none(item.by))


def _played(item: Played) -> wire.PlayedStep:
    return wire.PlayedStep(
        step=item.step,
        verdict=item.verdict.value,
        at=item.at,
        until=item.until,
        refusals=[refusal(each) for each in item.refusals],
        short=[shortage(each) for each in item.short],
        expectations=[
            wire.Expectation(each.text, each.met, each.found, each.line or None) for each in item.expectations
        ],
        oscillating=oscillations(item.oscillating),
        events=[wire.TwinEvent(each.at, object_ref(each.object), each.what, each.why) for each in item.events],
    )


def _or_none(ref: Ref | None) -> ObjectRef | None:
    return object_ref(ref) if ref is not None else None


def _side(value: Side) -> wire.RehearsalSide:
    return wire.RehearsalSide(
        scores={item.id: score_of(item) for item in value.scores}, services=[_level(item) for item in value.services]
    )


def _level(item: Level) -> wire.ServiceLevel:
    return wire.ServiceLevel(
        item.service, item.name, item.namespace, item.ready, item.intended, item.needed, list(item.short)
    )


def _course(item: Course) -> wire.Course:
    return wire.Course(
        item.service,
        item.name,
        item.intended,
        item.needed,
        [wire.CoursePoint(at, ready) for at, ready in item.points],
        [wire.Span(start, end) for start, end in item.below],
    )
