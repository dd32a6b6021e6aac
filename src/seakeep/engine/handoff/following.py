"""What the next operator does first, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from seakeep.facts.shell_words import quote
from seakeep.model.again import Again
from seakeep.model.handoff import Handoff, NextStep
from seakeep.model.run import Run, RunState
from seakeep.model.survival import Outcome

# A waiver that ends within these days is the next operator's business.
_SOON = 30
_TOWARDS = {"hardening": "seakeep plan -v", "survival": "seakeep survive"}
_RESUMED = frozenset({RunState.PAUSED, RunState.STOPPED, RunState.RUNNING, RunState.PREPARING, RunState.FAILED})


def following(
    found: Handoff, drains: Sequence[Outcome] | None, again: Mapping[str, Again], *, rehearsed: bool
) -> tuple[NextStep, ...]:
    """`again` is by run; `rehearsed`: the runs were played on the twin alone, and nothing is written to a cluster yet."""
    return (
        *_runs(found.runs, again, rehearsed=rehearsed),
        *_issues(found),
        *_services(found),
        *_unexplained(found),
        *_drains(drains),
        *_kept(found.runs),
        *_waivers(found),
        *_targets(found),
        *_asked(found),
        *_unread(found),
    )


def _runs(runs: Sequence[Run], again: Mapping[str, Again], *, rehearsed: bool) -> Iterator[NextStep]:
    for run in runs:
        name, to = quote(run.id), again.get(run.id, Again())
        if rehearsed:
            yield NextStep(
                f"Plan {run.plan.id} was played on the twin only: review it, and apply it to the cluster.",
                ("seakeep plan --out plan.yaml", "seakeep apply plan.yaml --dry-run=server", "seakeep apply plan.yaml"),
            )
        elif run.state in _RESUMED:
            yield NextStep(f"Run {run.id} is {run.state}: go on with it, or back.", (to.resume(name), to.rollback(name)))  # fmt: skip
        elif run.state is RunState.ROLLING_BACK:
            yield NextStep(f"Run {run.id} was cut off while it was undone: go on with it.", (to.rollback(name),))  # fmt: skip
        elif run.state is RunState.DONE:
            yield NextStep(f"See that the cluster still is as run {run.id} left it.", (to.verify(name),))


def _issues(found: Handoff) -> Iterator[NextStep]:
    for item in found.issues:
        first = item.impact[0] if item.impact else "no service is down for it"
        yield NextStep(
            f"{item.cause} ({item.severity}) of {item.object}: {item.permanent} Now: {first}.", item.commands
        )


def _services(found: Handoff) -> Iterator[NextStep]:
    """Those that are not up, and that no issue names."""
    told = [text for item in found.issues for text in item.impact]
    for item in found.services:
        if item.state_after in {"down", "degraded", "stopped", "gone"} and not any(text.startswith(f"{item.id} (") for text in told):  # fmt: skip
            note = f" ({item.note})" if item.note else ""
            yield NextStep(f"{item.id} ({item.criticality}) is {item.state_after}{note}: bring it back, or waive it in platform.yaml with a reason, an owner and an end.", ("seakeep services",))  # fmt: skip


def _unexplained(found: Handoff) -> Iterator[NextStep]:
    if found.unexplained:
        yield NextStep(f"Find out why {len(found.unexplained)} objects are unwell: {found.unexplained[0]}.", ("seakeep diagnose -v",))  # fmt: skip


def _drains(outcomes: Sequence[Outcome] | None) -> Iterator[NextStep]:
    bad = [item for item in outcomes or () if item.refusals or item.short]
    if bad:
        names = ", ".join(name for item in bad for name in item.disruption.targets)
        yield NextStep(
            f"Before a node is drained: {names} cannot be without cost (see the checklist).",
            tuple(f"seakeep rehearse drain {quote(name)}" for item in bad for name in item.disruption.targets),
        )


def _kept(runs: Sequence[Run]) -> Iterator[NextStep]:
    """What will be reverted where it is not carried to its source."""
    kept = Counter(
        change.reverted_by
        for run in runs
        for change, step in zip(run.plan.changes, run.steps, strict=False)
        if change.reverted_by and step.state == "applied"
    )
    if kept:
        first, count = min(kept.items(), key=lambda item: (-item[1], item[0]))
        more = f", and {len(kept) - 1} more sources" if len(kept) > 1 else ""
        yield NextStep(
            f"Carry {kept.total()} changes to where their objects come from; else they are reverted ({count}: {first}{more}).",
            ("seakeep plan --write review",),
        )


def _waivers(found: Handoff) -> Iterator[NextStep]:
    for item in found.waivers:
        if item.days <= _SOON:
            when = f"ends in {item.days} days" if item.days >= 0 else "has ended, and counts as none"
            yield NextStep(f"The waiver of {item.waiver.target} {when} ({item.waiver.owner}: {item.waiver.reason}): bring it back, or renew it in platform.yaml.", ("seakeep platform validate platform.yaml",))  # fmt: skip


def _targets(found: Handoff) -> Iterator[NextStep]:
    for item in found.objectives:
        if item.after is not None and item.after < item.wanted:
            by = f" by {item.day}" if item.day else ""
            yield NextStep(f"Reach {item.score} {item.wanted:g}{by}: it is {item.after:.1f}.", (_TOWARDS.get(item.score, "seakeep plan"),))  # fmt: skip


def _asked(found: Handoff) -> Iterator[NextStep]:
    if found.asked:
        rules = Counter(item.rule for item in found.asked)
        most = ", ".join(
            f"{rule} ({count})" for rule, count in sorted(rules.items(), key=lambda item: (-item[1], item[0]))[:5]
        )
        yield NextStep(
            f"Decide what only a person can: {len(found.asked)} questions, most of {most}.", ("seakeep plan -v",)
        )


def _unread(found: Handoff) -> Iterator[NextStep]:
    if found.after.unread:
        kinds = ", ".join(sorted({item.kind for item in found.after.unread}))
        yield NextStep(f"Get the rights to read {kinds}: what was not read was not judged.", ())
