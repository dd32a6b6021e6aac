"""A hand-off in the types of the JSON contract."""

from __future__ import annotations

from typing import cast

from seakeep.model.handoff import Count, Figure, Handoff, Issue, ServiceTurn
from seakeep.model.run import Run
from seakeep.render.handoff import types as wire
from seakeep.render.handoff.words import states as states_of
from seakeep.render.plan.diff import fields_diff
from seakeep.render.report.types import Criticality, Severity, State
from seakeep.render.report.wire import object_ref, snapshot_of
from seakeep.render.run.text import run_wire


def handoff(value: Handoff) -> wire.Handoff:
    return wire.Handoff(
        platform=value.platform,
        since=value.since,
        before_from=value.before_from or None,
        before=snapshot_of(value.before) if value.before else None,
        after=snapshot_of(value.after),
        objectives=[
            wire.HandoffObjective(item.score, item.wanted, item.day or None, item.before, item.after, item.met)
            for item in value.objectives
        ],
        scores=[_figure(item) for item in value.scores],
        pods=[_figure(item) for item in value.pods],
        services=[_service(item) for item in value.services],
        runs=[_run(item, value.commits.get(item.id, "")) for item in value.runs],
        elsewhere=None
        if value.elsewhere is None
        else [
            wire.HandoffElsewhere(
                object_ref(item.object), cast("wire.Elsewhere", item.what), item.detail or None
            )
            for item in value.elsewhere
        ],
        rooms=[
            wire.HandoffRoom(item.node or None, item.resource, item.allocatable, item.requests, item.limits, item.free)
            for item in value.rooms
        ],
        quotas=[
            wire.HandoffQuota(object_ref(item.quota), item.resource, item.hard, item.used or None, item.free or None, item.share)
            for item in value.quotas
        ],
        claims=[
            wire.HandoffClaims(item.namespace or None, item.total, item.bound, item.asked, item.capacity)
            for item in value.claims
        ],
        unbound=[wire.HandoffUnbound(object_ref(item.claim), item.phase, item.asked) for item in value.unbound],
        issues=[_issue(item) for item in value.issues],
        unexplained=list(value.unexplained),
        asked=[
            wire.HandoffQuestion(item.rule, object_ref(item.object), item.question, item.lookup or None)
            for item in value.asked
        ],
        left_out=[wire.HandoffLeftOut(item.rule, object_ref(item.target), item.reason) for item in value.left_out],
        waivers=[
            wire.HandoffWaiver(
                item.waiver.target,
                list(item.services),
                item.waiver.reason,
                item.waiver.owner,
                item.waiver.expires.isoformat(),
                item.days,
            )
            for item in value.waivers
        ],
        checklist=[wire.HandoffTick(item.text, item.met, list(item.evidence)) for item in value.checklist],
        usable=[
            wire.HandoffUsable(
                item.id,
                item.name,
                item.namespace,
                cast("Criticality", item.criticality),
                _count(item.ready),
                item.proof,
                item.probed,
                item.since,
            )
            for item in value.usable
        ],
        next=[wire.HandoffStep(item.text, list(item.commands)) for item in value.following],
        notes=list(value.notes),
    )  # fmt: skip


def _figure(item: Figure) -> wire.HandoffFigure:
    return wire.HandoffFigure(
        item.name,
        item.before,
        item.after,
        item.delta,
        item.formula or None,
        item.text_before or None,
        item.text_after or None,
        item.note or None,
    )


def _count(found: Count) -> wire.ReadyCount:
    return wire.ReadyCount(*found)


def _service(item: ServiceTurn) -> wire.HandoffService:
    return wire.HandoffService(
        item.id,
        item.name,
        item.namespace,
        cast("Criticality", item.criticality),
        cast("State", item.state_before) if item.state_before else None,
        cast("State", item.state_after),
        _count(item.before),
        _count(item.after),
        cast("wire.Turn", item.turn),
        item.note or None,
    )


def _run(run: Run, commit: str) -> wire.HandoffRun:
    states = states_of(run)
    changes = [
        wire.HandoffChange(
            id=change.id,
            wave=wave.name,
            object=object_ref(change.target),
            created=not change.base.exists,
            state=states.get(change.id, "waiting"),
            risk=change.risk.value,
            reasons=[wire.HandoffReason(item.rule, object_ref(item.object), item.why) for item in change.reasons],
            reverted_by=change.reverted_by or None,
            diff=fields_diff(change),
        )
        for wave in run.plan.waves
        for change in wave.changes
    ]
    return wire.HandoffRun(run_wire(run), commit or None, changes)


def _issue(item: Issue) -> wire.HandoffIssue:
    return wire.HandoffIssue(
        rank=item.rank,
        severity=cast("Severity", item.severity),
        cause=item.cause,
        object=object_ref(item.object),
        summary=item.summary,
        certainty=item.certainty,
        since=cast("wire.Since", item.since),
        symptoms=list(item.symptoms),
        impact=list(item.impact),
        temporary=item.temporary,
        permanent=item.permanent,
        commands=list(item.commands),
    )
