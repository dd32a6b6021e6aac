"""A hand-off in Markdown, for a wiki or a ticket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from seakeep.model.handoff import Handoff, Issue
from seakeep.model.plan import Asked
from seakeep.model.quantity import format_bytes
from seakeep.model.run import Run
from seakeep.render.figures import figure
from seakeep.render.handoff import words
from seakeep.render.handoff.changes import changes
from seakeep.render.report.markdown import code, plain_text, table

_ROWS, _QUESTIONS = 200, 1


def handoff_markdown(value: Handoff) -> str:
    return "\n\n".join(_blocks(value)).rstrip() + "\n"


def _blocks(value: Handoff) -> Iterator[str]:
    when = f", as of {value.after.taken_at:%Y-%m-%d %H:%M} UTC" if value.after.taken_at else ""
    yield f"# Hand-off: {plain_text(value.platform)}"
    yield f"Since {plain_text(value.since)}{when}. Before: {plain_text(value.before_from or 'unknown')}. After: {plain_text(value.after.source)}."
    yield "## Targets"
    yield table(
        ("target", "by", "before", "after", "verdict"),
        [
            (f"{item.score} {item.wanted:g}", item.day or "now", figure(item.before), figure(item.after), words.reached(item.met))
            for item in value.objectives
        ],
    ) if value.objectives else "No targets are declared in platform.yaml."  # fmt: skip
    yield "## Scores and pods"
    yield table(
        ("", "before", "after", "delta", "made of", "note"),
        [
            (item.name, words.value(item, item.before), words.value(item, item.after), words.delta(item), _made_of(item.formula, item.text_before, item.text_after), item.note)
            for item in (*value.scores, *value.pods)
        ],
    )  # fmt: skip
    yield "## What comes first"
    yield _numbered([(item.text, item.commands) for item in value.following]) or "Nothing is left to do."
    yield "## Services"
    turned = [item for item in value.services if words.is_notable(item)]
    yield table(
        ("service", "criticality", "before", "after", "ready before", "ready after", "turn", "note"),
        [
            (item.id, item.criticality, item.state_before or "unknown", item.state_after, words.count(item.before), words.count(item.after), item.turn, item.note)
            for item in turned
        ],
    )  # fmt: skip
    if len(turned) < len(value.services):
        yield f"The other {len(value.services) - len(turned)} are as they were."
    yield from _survival(value)
    yield from _changed(value)
    yield from _resources(value)
    yield from _issues(value)
    yield "## Waivers"
    yield table(
        ("waived", "reason", "owner", "ends", "days left"),
        [
            (item.waiver.target, item.waiver.reason, item.waiver.owner, item.waiver.expires.isoformat(), str(item.days) if item.days >= 0 else "ended")
            for item in value.waivers
        ],
    ) if value.waivers else "None: every service counts."  # fmt: skip
    yield "## Checklist"
    yield "\n".join(
        f"- [{'x' if item.met else ' '}] {plain_text(item.text)}{' (not judged)' if item.met is None else ''}: {plain_text('; '.join(item.evidence))}"
        for item in value.checklist
    )
    yield f"## Ready to use ({len(value.usable)})"
    yield table(
        ("service", "criticality", "ready", "since", "proven by"),
        [
            (item.id, item.criticality, words.count(item.ready), f"{item.since:%Y-%m-%d %H:%M}" if item.since else "unknown", item.proof)
            for item in value.usable
        ],
    )  # fmt: skip
    yield "## To know"
    yield "\n".join(f"- {plain_text(text)}" for text in value.notes)


def _survival(value: Handoff) -> Iterator[str]:
    """As the last run's plan foretold it."""
    told = words.survival(value)
    if told is None or not told.nodes:
        return
    yield "## With one node less"
    yield table(
        ("what happens", "services that serve on before", "after", "the drain stops at"),
        [
            (words.node(item), f"{item.serving_before} of {item.services}", f"{item.serving} of {item.services}", ", ".join(f"{ref.namespace}/{ref.name}" for ref in item.stops))
            for item in told.nodes
        ],
    )  # fmt: skip
    if told.limits:
        yield "What one node still takes, or interrupts:"
        yield "\n".join(f"- {plain_text(item.reason)} ({len(item.services)}): {plain_text(', '.join(item.services))}" for item in told.limits)  # fmt: skip


def _made_of(formula: str, before: str, after: str) -> str:
    parts = f"{before} → {after}" if before and after else after
    return f"{formula}: {parts}" if formula and parts else formula or parts


def _numbered(items: Sequence[tuple[str, Sequence[str]]]) -> str:
    return "\n".join(
        f"{number}. {plain_text(text)}" + "".join(f"\n   - {code(command)}" for command in commands)
        for number, (text, commands) in enumerate(items, start=1)
    )


def _changed(value: Handoff) -> Iterator[str]:
    yield "## What was changed"
    if not value.runs:
        yield "No run is in the journal since then."
    for run in value.runs:
        yield from _run(run, value.commits.get(run.id, ""))
    if value.elsewhere is None:
        yield "What changed by other hands is unknown: there is no snapshot of before."
    elif value.elsewhere:
        yield f"By no run ({len(value.elsewhere)}):"
        yield table(
            ("object", "what", "detail"),
            [(str(item.object), item.what, item.detail) for item in value.elsewhere[:_ROWS]],
        )
    else:
        yield "Nothing else differs between the snapshots."


def _run(run: Run, commit: str) -> Iterator[str]:
    times = " to ".join(f"{time:%Y-%m-%d %H:%M:%S}" for time in (run.begun_at, run.ended_at) if time)
    git = f", Git commit {plain_text(commit)}" if commit else ""
    yield f"### Run {plain_text(run.id)}: {run.state}"
    yield f"Plan {plain_text(run.plan.id)}{git}, {times or 'not begun'}, {len(run.plan.changes)} changes in {len(run.plan.waves)} waves."
    yield from changes(run.plan, words.states(run), "####")
    if run.plan.changes:
        yield "Each difference in full is in the HTML form of this page, and in the plan file."


def _resources(value: Handoff) -> Iterator[str]:
    yield "## Resources"
    yield table(
        ("node", "resource", "allocatable", "requests", "asked", "limits", "free"),
        [
            (item.node or "all", item.resource, words.amount(item, item.allocatable), words.amount(item, item.requests), words.share(item.requests, item.allocatable), words.amount(item, item.limits), words.amount(item, item.free))
            for item in value.rooms
        ],
    ) if value.rooms else "No nodes were seen."  # fmt: skip
    yield "### Quotas"
    yield table(
        ("quota", "resource", "hard", "used", "share", "free"),
        [
            (f"{item.quota.namespace}/{item.quota.name}", item.resource, item.hard, item.used or "unknown", "" if item.share is None else f"{100 * item.share:.0f} %", item.free or "unknown")
            for item in value.quotas
        ],
    ) if value.quotas else "None were seen."  # fmt: skip
    yield "### Storage"
    yield table(
        ("namespace", "claims", "bound", "asked for", "bound size"),
        [
            (item.namespace or "all", str(item.total), str(item.bound), format_bytes(item.asked), format_bytes(item.capacity))
            for item in value.claims
        ],
    ) if value.claims else "No claims were seen."  # fmt: skip
    if value.unbound:
        yield table(
            ("claim that is not bound", "phase", "asked for"),
            [(f"{item.claim.namespace}/{item.claim.name}", item.phase, format_bytes(item.asked)) for item in value.unbound],
        )  # fmt: skip


def _issues(value: Handoff) -> Iterator[str]:
    yield f"## Open issues ({len(value.issues)})"
    yield from map(_issue, value.issues)
    if not value.issues:
        yield "No root cause is left."
    if value.unexplained:
        yield "Unwell for no known reason:"
        yield "\n".join(f"- {plain_text(text)}" for text in value.unexplained)
    if value.left_out:
        yield "### Left out of the plans, and still open"
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for left in value.left_out:
            groups[left.rule, left.reason].append(str(left.target))
        yield table(("rule", "objects", "reason"), [(rule, ", ".join(names), reason) for (rule, reason), names in groups.items()])  # fmt: skip
    if value.asked:
        yield f"### Only a person can decide ({len(value.asked)})"
        yield "\n".join(_questions(value.asked))


def _issue(item: Issue) -> str:
    rows = [
        ("symptoms", "; ".join(item.symptoms) or "none seen now"),
        ("impact", "; ".join(item.impact) or "no service is down for it"),
        ("for now", item.temporary),
        ("for good", item.permanent),
    ]
    lines = [
        f"### {item.rank}. {plain_text(item.cause)}: {plain_text(str(item.object))} ({item.severity}, {item.certainty}, {_since(item)})",
        "",
        plain_text(item.summary),
        "",
        *(f"- {name}: {plain_text(text)}" for name, text in rows),
        *(f"- {code(command)}" for command in item.commands),
    ]
    return "\n".join(lines)


def _since(item: Issue) -> str:
    return {"before": "as before", "new": "new", "unknown": "not known since when"}[item.since]


def _questions(asked: Sequence[Asked]) -> Iterator[str]:
    by_rule: dict[str, list[Asked]] = defaultdict(list)
    for item in asked:
        by_rule[item.rule].append(item)
    for rule, items in by_rule.items():
        more = f"; and {len(items) - _QUESTIONS} more" if len(items) > _QUESTIONS else ""
        said = "; ".join(f"{item.object}: {item.question}" for item in items[:_QUESTIONS])
        yield f"- {plain_text(rule)} ({len(items)}): {plain_text(said + more)}"
