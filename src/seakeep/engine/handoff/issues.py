"""What is still wrong: each root cause with its symptoms, what it costs, and what to do now and for good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from seakeep.engine.handoff.seen import Seen
from seakeep.facts.owners.keepers import keeper_of
from seakeep.facts.symptoms import symptoms
from seakeep.model.cause import Cause
from seakeep.model.finding import Outcome
from seakeep.model.handoff import Issue
from seakeep.model.plan import Asked, LeftOut, Plan
from seakeep.model.platform import ServiceState
from seakeep.model.refs import Ref

_UNWELL = frozenset({"down", "degraded", "stopped", "waived"})
# What settles a cause may be a question to a person, too: only these begin a command.
_PROGRAMS = frozenset({"kubectl", "seakeep", "argocd", "helm"})
_FIRST = 6


def issues(before: Seen | None, after: Seen, asked: Sequence[Asked]) -> tuple[Issue, ...]:
    """`asked` are the plans' questions: what the planner could not decide."""
    told = defaultdict(list)
    for item in symptoms(after.index):
        told[item.object].append(item.text)
    known = None if before is None else {(_named(item)) for item in _all(before.report.diagnosis.causes)}
    owners = {pod.ref: ref for ref, pods in after.index.pods_by_workload.items() for pod in pods}
    questions = {key: item for item in asked for key in item.settles}
    return tuple(_issue(item, after, told, known, owners, questions) for item in after.report.diagnosis.causes)


def _all(causes: Sequence[Cause]) -> Iterator[Cause]:
    for item in causes:
        yield item
        yield from _all(item.consequences)


def _named(item: Cause) -> tuple[str, Ref]:
    return item.candidate.id, item.candidate.object


def _issue(
    item: Cause,
    after: Seen,
    told: Mapping[Ref, Sequence[str]],
    known: set[tuple[str, Ref]] | None,
    owners: Mapping[Ref, Ref],
    questions: Mapping[tuple[str, Ref], Asked],
) -> Issue:
    candidate = item.candidate
    shown = [f"{ref}: {', '.join(told[ref])}" for ref in item.explains if ref in told]
    shown += [f"and {len(shown) - _FIRST} more"] if len(shown) > _FIRST else []
    hurt = _hurt(item, after.report.platform.services, owners)
    temporary, permanent = _fixes(item, after, hurt)
    return Issue(
        item.rank,
        item.severity,
        candidate.id,
        candidate.object,
        candidate.summary,
        candidate.certainty,
        "unknown" if known is None else "before" if _named(item) in known else "new",
        tuple(shown[:_FIRST] + shown[-1:] if len(shown) > _FIRST + 1 else shown),
        tuple(_cost(service) for service in hurt) or (("nothing that counts is down for it",) if candidate.contained else ()),
        temporary,
        permanent,
        tuple(_commands(item, questions)),
    )  # fmt: skip


def _hurt(item: Cause, services: Sequence[ServiceState], owners: Mapping[Ref, Ref]) -> list[ServiceState]:
    """Services that are not up and have a part in what the cause explains."""
    refs = {ref for each in _all([item]) for ref in (each.candidate.object, *each.candidate.affects, *each.explains)}
    refs |= {owners[ref] for ref in refs if ref in owners}
    return [service for service in services if service.state in _UNWELL and refs & set(service.workloads)]


def _cost(item: ServiceState) -> str:
    if item.waiver:
        return f"{item.id} ({item.criticality}) is waived until {item.waiver.expires}"
    ready, of = ("?" if value is None else str(value) for value in (item.ready, item.intended))
    return f"{item.id} ({item.criticality}) is {item.state}, {ready} of {of} pods ready"


def _fixes(item: Cause, after: Seen, hurt: Sequence[ServiceState]) -> tuple[str, str]:
    """For now, and for good. Nothing that would only hide a symptom is offered for now."""
    repair = item.candidate.repair
    keeper = keeper_of(after.index, repair.change.target) if repair.change else None
    if repair.change and keeper:
        now = f"Change {repair.change.target} in the cluster{' (undone at once)' if keeper.at_once else ''}; it lasts until it is reverted."
        return now, f"{repair.summary} {keeper.text[:1].upper()}{keeper.text[1:]}."
    if repair.change:
        return "None is needed: the repair is one change, and its plan can be rolled back.", repair.summary
    down = [service for service in hurt if service.waiver is None]
    if down:
        names = ", ".join(service.id for service in down)
        now = f"None is known that does not only hide it. Where the platform can do without {names} until then, say so: a waiver in platform.yaml with a reason, an owner and an end."
        return now, repair.summary
    return f"None is needed: {'what it costs is waived' if hurt else 'no service is down for it'}.", repair.summary


def _commands(item: Cause, questions: Mapping[tuple[str, Ref], Asked]) -> Iterator[str]:
    candidate = item.candidate
    question = questions.get(_named(item))
    looks = [
        text for text in dict.fromkeys((candidate.settled_by, question.lookup if question else "")) if _is_command(text)
    ]
    yield from looks
    if candidate.repair.change:
        yield f"seakeep plan --only {candidate.id} --out plan.yaml"
        yield "seakeep apply plan.yaml"
    elif not looks:
        yield f"seakeep explain {candidate.id}"


def _is_command(text: str) -> bool:
    return text.partition(" ")[0] in _PROGRAMS


def still_asked(after: Seen, plans: Sequence[Plan]) -> tuple[Asked, ...]:
    """Questions of the plans that the state after still asks: their rule still fails there, or their cause is still found."""
    return tuple(item for plan in plans for item in plan.asked if any(key in _open(after) for key in item.settles))


def still_left_out(after: Seen, plans: Sequence[Plan]) -> tuple[LeftOut, ...]:
    rules = {rule for rule, _ in _open(after)}
    return tuple(item for plan in plans for item in plan.left_out if item.rule in rules)


def _open(after: Seen) -> set[tuple[str, Ref]]:
    failed = {(item.rule, item.object) for item in after.report.findings if item.outcome is Outcome.FAIL}
    return failed | {_named(item) for item in _all(after.report.diagnosis.causes)}
