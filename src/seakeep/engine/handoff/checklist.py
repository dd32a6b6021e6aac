"""The validation checklist: each line with what shows it. What nothing shows is not ticked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from seakeep.engine.handoff.seen import Seen
from seakeep.facts.owners.ownership import workload_of
from seakeep.model.finding import Finding, Outcome
from seakeep.model.handoff import Figure, Handoff, Objective, QuotaUse, ServiceTurn, Tick, WaiverState
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.run import Run, RunState
from seakeep.model.survival import Outcome as Disrupted

_MOST = 8
_BUDGETS = ("disruption-budget-missing", "disruption-budget-blocks-drain", "disruption-budget-selects-nothing", "disruption-budget-too-loose", "disruption-budgets-overlap")  # fmt: skip
_QUOTAS = ("namespace-quota-missing", "quota-without-limit-range", "quota-too-tight")
_PROBES = ("readiness-probe-missing", "liveness-probe-missing", "startup-probe-missing", "probe-timing-harsh", "liveness-depends-on-others")  # fmt: skip


def checklist(before: Seen | None, after: Seen, found: Handoff, drains: Sequence[Disrupted] | None) -> tuple[Tick, ...]:
    findings = after.report.findings
    return (
        *_runs(found.runs),
        _services(found.services),
        _critical(found.services, found.scores),
        _nothing_stopped(found.services, compared=before is not None),
        _no_deletion(found.scores),
        *map(_target, found.objectives),
        _newly_failing(before, after),
        _explained(found),
        _rules("Disruption budgets: one where it is needed, and each lets a pod go", findings, _BUDGETS),
        _drains(drains),
        _rules("Quotas: with room for a roll-out, and none that refuses pods that set no figures", findings, _QUOTAS),
        _full(found.quotas),
        _rules("Probes on every service, and none too harsh", findings, _PROBES),
        _bound(found),
        _waived(found.waivers),
        _seen(after),
    )


def _runs(runs: Sequence[Run]) -> Iterator[Tick]:
    for run in runs:
        counts = Counter(step.state for step in run.steps)
        said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no changes"
        met = run.state is RunState.DONE and not counts.keys() - {"applied"}
        yield Tick(f"Run {run.id} wrote every change of plan {run.plan.id}", met, (f"journal: {run.state}, {said}", *run.notes))  # fmt: skip


def _services(services: Sequence[ServiceTurn]) -> Tick:
    counted = [item for item in services if item.state_after != "waived"]
    unknown = [f"{item.id} unknown" for item in counted if item.state_after == "unknown"]
    bad = [f"{item.id} {item.state_after}" for item in counted if item.state_after not in {"up", "unknown"}]
    met = False if bad else None if unknown or not counted else True
    up = sum(item.state_after == "up" for item in counted)
    return Tick("Every service that is meant to run is up", met, _listed(f"{up} of {len(counted)} are up", [*bad, *unknown]))  # fmt: skip


def _critical(services: Sequence[ServiceTurn], scores: Sequence[Figure]) -> Tick:
    found = next(item for item in scores if item.name == "critical services")
    bad = [f"{item.id} {item.state_after}" for item in services if item.criticality == "critical" and item.state_after not in {"up", "waived"}]  # fmt: skip
    met = None if found.after is None else not bad
    return Tick("Every critical service is up", met, _listed(f"{found.text_after or 'none'} up", bad))


def _nothing_stopped(services: Sequence[ServiceTurn], *, compared: bool) -> Tick:
    lost = [f"{item.id}: {item.note or item.state_after}" for item in services if _smaller(item)]
    met = None if not compared else not lost
    said = "no service is gone or stopped, and none is meant to run fewer pods" if compared else "no snapshot of before"
    return Tick("Nothing was removed, stopped or made smaller to get there", met, _listed(said if not lost else f"{len(lost)} services", lost))  # fmt: skip


def _smaller(item: ServiceTurn) -> bool:
    if item.state_after == "waived":
        return False
    fewer = item.before[1] is not None and item.after[1] is not None and item.after[1] < item.before[1]
    return item.turn == "gone" or fewer or (item.state_after == "stopped" and item.state_before not in {"stopped", ""})


def _no_deletion(scores: Sequence[Figure]) -> Tick:
    health = next(item for item in scores if item.name == "health")
    naive = next(item for item in scores if item.name == "naive")
    said = [f"{item.name} {_value(item.before)} → {_value(item.after)}{f' ({item.text_after})' if item.text_after else ''}" for item in (health, naive)]  # fmt: skip
    return Tick("Honest health is no lower than before", None if health.delta is None else health.delta >= 0, tuple(said))  # fmt: skip


def _value(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def _target(item: Objective) -> Tick:
    by = f" by {item.day}" if item.day else ""
    reached = (
        ""
        if item.met is not None or item.after is None
        else f", {'reached' if item.after >= item.wanted else 'not reached'} today"
    )
    text = f"{item.score} is {_value(item.after)}{reached}{', its day is to come' if item.met is None and item.day else ''}"
    return Tick(f"Target: {item.score} {item.wanted:g}{by}", item.met, (text,))


def _newly_failing(before: Seen | None, after: Seen) -> Tick:
    text = "No pod fails of a workload that did not fail before"
    if before is None:
        return Tick(text, None, ("no snapshot of before",))
    old, new = _failing(before), _failing(after)
    fresh = [str(ref) for ref in sorted(new - old)]
    return Tick(text, not fresh, _listed(f"{len(old)} workloads had failing pods before, {len(new)} have now", fresh))


def _failing(seen: Seen) -> set[Ref]:
    pods = [
        seen.index.snapshot.get(Pod, cell.object.namespace, cell.object.name)
        for cell in seen.report.pods
        if cell.standing in {"failed", "notready", "waiting"}
    ]
    return {workload_of(seen.index, pod) for pod in pods if pod is not None}


def _explained(found: Handoff) -> Tick:
    return Tick(
        "Everything that is unwell has a known root cause",
        not found.unexplained,
        _listed(f"{len(found.issues)} root causes, {len(found.unexplained)} unexplained", list(found.unexplained)),
    )


def _rules(text: str, findings: Sequence[Finding], rules: Sequence[str]) -> Tick:
    mine = [item for item in findings if item.rule in rules]
    failed = [item for item in mine if item.outcome is Outcome.FAIL]
    counts = Counter(item.outcome for item in mine)
    said = f"{counts[Outcome.PASS]} pass, {len(failed)} fail, {counts[Outcome.SKIPPED]} cannot be judged"
    per_rule = Counter(item.rule for item in failed)
    met = False if failed else True if counts[Outcome.PASS] and not counts[Outcome.SKIPPED] else None
    return Tick(text, met, _listed(said, [f"{rule} fails on {count}" for rule, count in sorted(per_rule.items())]))


def _drains(outcomes: Sequence[Disrupted] | None) -> Tick:
    text = "Each node can be drained, one at a time, and every service keeps what it needs"
    if not outcomes:
        return Tick(text, None, ("not rehearsed",))
    bad, said = False, []
    for item in outcomes:
        name = " and ".join(item.disruption.targets)
        if item.refusals:
            first = item.refusals[0]
            said.append(f"{name}: blocked by {first.by or first.object}: {first.message}")
        elif item.short:
            short = ", ".join(
                sorted({f"{each.service} ({each.lowest} of {each.needed} needed)" for each in item.short})
            )
            said.append(f"{name}: drains, and takes from {short}")
        elif item.unsettled:
            said.append(f"{name}: did not settle")
        else:
            said.append(f"{name}: drained on the twin in {item.seconds:.0f} s, nothing below its need")
            continue
        bad = True
    return Tick(text, not bad, tuple(said))


def _full(quotas: Sequence[QuotaUse]) -> Tick:
    text = "No quota is used up"
    judged = [item for item in quotas if item.share is not None]
    full = [f"{item.quota} {item.resource}: {item.used} of {item.hard}" for item in judged if (item.share or 0) >= 1]
    tight = max(judged, key=lambda item: item.share or 0, default=None)
    if tight is None:
        return Tick(text, None, ("no quota with figures was seen",))
    said = f"the fullest of {len(judged)} figures: {tight.quota} {tight.resource}, {tight.used} of {tight.hard}"
    return Tick(text, not full, _listed(said, full))


def _bound(found: Handoff) -> Tick:
    text = "Every claim is bound"
    if not found.claims:
        return Tick(text, None, ("no claims were seen",))
    every = found.claims[0]
    return Tick(text, not found.unbound, _listed(f"{every.bound} of {every.total}", [f"{item.claim} {item.phase}" for item in found.unbound]))  # fmt: skip


def _waived(waivers: Sequence[WaiverState]) -> Tick:
    ended = [f"{item.waiver.target} ended {item.waiver.expires}" for item in waivers if item.days < 0]
    said = [f"{item.waiver.target} until {item.waiver.expires}" for item in waivers if item.days >= 0]
    return Tick("No waiver has run out", not ended, _listed(", ".join(said) or "no waiver holds", ended))


def _seen(after: Seen) -> Tick:
    unread = [f"{item.kind}{f' in {item.namespace}' if item.namespace else ''}: {item.reason}" for item in after.report.snapshot.unread]  # fmt: skip
    return Tick("Everything that was asked for could be read", not unread, _listed(f"{after.report.snapshot.objects} objects", unread))  # fmt: skip


def _listed(first: str, rest: Sequence[str]) -> tuple[str, ...]:
    more = [f"and {len(rest) - _MOST} more"] if len(rest) > _MOST else []
    return (first, *rest[:_MOST], *more)
