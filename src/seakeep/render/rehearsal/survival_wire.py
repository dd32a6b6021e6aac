"""Survival in the types of the JSON contract."""

from __future__ import annotations

from typing import cast

from seakeep.model.survival import Disruption, Survival
from seakeep.render.rehearsal import types as wire
from seakeep.render.rehearsal.wire import oscillations, refusal, shortage
from seakeep.render.report.types import Criticality
from seakeep.render.report.wire import object_ref, score_of


def survival(value: Survival) -> wire.Survival:
    return wire.Survival(
        source=value.source,
        score=score_of(value.score),
        below_before=list(value.down_before),
        needs=[
            wire.Need(
                item.service, object_ref(item.workload), item.intended, item.needed, cast("wire.NeedRule", item.rule)
            )
            for item in value.needs
        ],
        single_points=[
            wire.SinglePoint(
                service=item.service,
                criticality=cast("Criticality", item.criticality),
                workload=object_ref(item.workload),
                intended=item.intended,
                needed=item.needed,
                lowest=item.worst.lowest,
                recovered=item.worst.recovered,
                disruptions=[_disruption(each) for each in item.disruptions],
            )
            for item in value.points
        ],
        outcomes=[
            wire.Outcome(
                disruption=_disruption(item.disruption),
                refused=item.refused,
                settled=not item.unsettled,
                short=[shortage(each) for each in item.short],
                refusals=[refusal(each) for each in item.refusals],
            )
            for item in value.outcomes
        ],
        unsettled_before=oscillations(value.unsettled),
    )


def _disruption(item: Disruption) -> wire.Disruption:
    return wire.Disruption(cast("wire.DisruptionKind", item.kind), list(item.targets), item.times)
