"""A plan on the terminal: what it reaches, what single nodes cost, wave by wave what it changes and why, what it leaves out, and what only a person can decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from seakeep.model.plan import Asked, NodeTried, Plan, Planned, Survived, Wave
from seakeep.model.refs import Ref
from seakeep.render.figures import counted
from seakeep.render.plan.waves import REPAIRS, spans
from seakeep.render.safe import line
from seakeep.render.terminal import console_of, score_text, trimmed

_RISK = {"low": "green", "medium": "yellow", "high": "bold red"}
# Of what stands below a change.
_INDENT = 9
_SHOWN, _QUESTIONS, _ALIKE, _NAMES, _WHY = 6, 8, 3, 3, 220
_SCORES = ("health", "running", "hardening", "survival")


def plan_text(plan: Plan, *, width: int, color: bool, verbose: bool) -> str:
    console, sink = console_of(width, color)
    when = f", taken {plan.made_at:%Y-%m-%d %H:%M} UTC" if plan.made_at else ""
    console.print(Text(f"Plan {plan.id} for {line(plan.source, 120)}{when}", style="bold"))
    console.print(Text(extent(plan)))
    console.print()
    _scores(console, plan)
    if plan.rehearsal.survival is not None:
        _survival(console, plan.rehearsal.survival, verbose)
    _waves(console, plan, verbose)
    _left_out(console, plan, verbose)
    _asked(console, plan, verbose)
    return trimmed(sink)


def extent(plan: Plan) -> str:
    """`187 changes in 20 waves; 17 left out; 46 questions for a person`."""
    changes = f"{counted(len(plan.changes), 'change')} in {counted(len(plan.waves), 'wave')}"
    parts = [changes if plan.changes else "no change"]
    parts += [f"{len(plan.left_out)} left out"] if plan.left_out else []
    parts += [f"{counted(len(plan.asked), 'question')} for a person"] if plan.asked else []
    return "; ".join(parts)


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _below(console: Console, text: str, style: str = "dim", by: int = _INDENT) -> None:
    """Every line of it is indented."""
    console.print(Padding(Text(text, style=style), (0, 0, 0, by)))


def _hung(console: Console, head: Text, body: Text) -> None:
    """Further lines of the body begin where it does, not below the head."""
    table = Table.grid()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(head, body)
    console.print(table)


def _grid(*justify: str) -> Table:
    """The last column may be long."""
    table = Table.grid(padding=(0, 2))
    for number, side in enumerate(justify, start=1):
        table.add_column(justify=side, no_wrap=number < len(justify))  # type: ignore[arg-type]
    return table


def _scores(console: Console, plan: Plan) -> None:
    console.print(Text("Scores, 0 to 100", style="bold"))
    table = _grid("left", "left", "right", "left", "right")
    before, after = plan.rehearsal.before, plan.rehearsal.after
    for name in _SCORES:
        if name in after.scores:
            table.add_row("", name, score_text(before.scores.get(name)), "→", score_text(after.scores.get(name)))
    console.print(table)
    better = [
        (name, _counts(before.services.get(name, (0, 0))), _counts(counts))
        for name, counts in sorted(after.services.items())
        if (counts[0] or 0) > (before.services.get(name, (0, 0))[0] or 0)
    ]
    if better:
        _title(console, "Ready pods")
        rows = _grid("left", "left", "right", "left", "right")
        for name, old, new in better:
            rows.add_row("", line(name), old, "→", new)
        console.print(rows)
    if told := fallen(plan):
        console.print(Text(f"note: {told}", style="yellow"))
    # What budgets keep is told node by node.
    for text in plan.rehearsal.notes if plan.rehearsal.survival is None else ():
        console.print(Text(f"note: {line(text)}", style="yellow"))
    for text in plan.rehearsal.refusals:
        console.print(Text(f"refused: {line(text)}", style="bold red"))


def _counts(counts: tuple[int | None, int | None]) -> str:
    ready, intended = counts
    return f"{'?' if ready is None else ready}/{'?' if intended is None else intended}"


def _survival(console: Console, value: Survived, verbose: bool) -> None:
    if value.nodes:
        _title(console, "With one node less, services that still have what they need")
        shown = value.nodes if verbose else value.nodes[: 2 * _SHOWN]
        rows = [
            (node_text(item), f"{item.serving_before}/{item.services}", f"{item.serving}/{item.services}")
            for item in shown
        ]
        wide = [max(len(row[place]) for row in rows) for place in range(3)]
        for (name, old, new), item in zip(rows, shown, strict=True):
            row = f"  {name:<{wide[0]}}  {old:>{wide[1]}}  →  {new:>{wide[2]}}"
            stops = stops_text(item)
            beside = len(row) + 2 + len(stops) <= console.width
            console.print(Text(f"{row}  {stops}" if beside else row))
            if not beside:  # a name that is broken cannot be copied
                _below(console, stops, by=7)
    if value.limits:
        _title(console, "What one node still takes, or interrupts")
        for limit in value.limits:
            names = some(limit.services, None if verbose else _NAMES)
            _hung(console, Text(f"  {len(limit.services):>3}  "), Text(line(limit.reason)))
            _below(console, line(names), by=7)


def node_text(item: NodeTried) -> str:
    return f"{line(item.node)} {'drained' if item.kind == 'drain' else 'lost'}"


def stops_text(item: NodeTried) -> str:
    """What a drain stops at, or stopped at before the plan."""
    if not item.stops and not item.stops_before:
        return ""
    names = some([f"{ref.namespace}/{ref.name}" for ref in item.stops or item.stops_before], _NAMES)
    return f"stops at {names}" if item.stops else f"stopped at {names} before"


def fallen(plan: Plan) -> str:
    """Why survival is lower than before, where drains are possible that were not: what a budget refuses counts as survived."""
    value = plan.rehearsal.survival
    before, after = (side.scores.get("survival") for side in (plan.rehearsal.before, plan.rehearsal.after))
    if value is None or before is None or after is None or after >= before:
        return ""
    freed = any(item.stops_before and not item.stops for item in value.nodes)
    return "survival counts what a budget refuses as survived; drains that stopped before are carried out now" if freed else ""  # fmt: skip


def some(names: Sequence[str], most: int | None) -> str:
    """The first few, and how many more."""
    more = f" and {len(names) - most} more" if most is not None and len(names) > most else ""
    return ", ".join(names[:most]) + more


def _waves(console: Console, plan: Plan, verbose: bool) -> None:
    """Repairs in full; of hardening, which is much and alike, what each wave does to how many."""
    numbered = enumerate(plan.waves, start=1)
    title = "Waves in brief: how many changes, and the rules behind most of them"
    for full, waves in groupby(numbered, key=lambda item: verbose or item[1].name in REPAIRS):
        if full:
            for number, wave in waves:
                _title(console, f"Wave {number}: {line(wave.name)}")
                _changes(console, wave, verbose)
            continue
        _brief(console, list(waves), title)
        title = "Waves in brief"


def _brief(console: Console, waves: Sequence[tuple[int, Wave]], title: str) -> None:
    """One line for waves that are parts of one, with the rules that are most frequent there as far as they fit."""
    rows = [(span.numbers, span.name, str(len(span.changes)), span.rules) for span in spans(waves)]
    wide = [max(len(row[place]) for row in rows) for place in range(3)]
    _title(console, title)
    for span, name, count, rules in rows:
        row = Text(f"{span:<{wide[0]}}  {name:<{wide[1]}}  ", style="bold")
        row.append(f"{count:>{wide[2]}}  ", style="not bold")
        beside = len(some(rules, 1)) <= console.width - len(row)
        if beside:
            row.append(_fitting(rules, console.width - len(row)), style="cyan not bold")
        console.print(row)
        if not beside:
            _below(console, _fitting(rules, console.width - _INDENT), "cyan")


def _fitting(rules: Sequence[str], room: int) -> str:
    for most in range(len(rules), 1, -1):
        text = some(rules, most)
        if len(text) <= room:
            return text
    return some(rules, 1)


def _changes(console: Console, wave: Wave, verbose: bool) -> None:
    """Those of one kind and with the same reasons stand together where they are many."""
    for group in [[change] for change in wave.changes] if verbose else _alike(wave.changes):
        _change(console, group, verbose)


def _alike(changes: Sequence[Planned]) -> Iterator[list[Planned]]:
    groups: dict[tuple[object, ...], list[Planned]] = defaultdict(list)
    for change in changes:
        rules = tuple(dict.fromkeys(reason.rule for reason in change.reasons))
        groups[change.target.kind, change.base.exists, change.risk, rules].append(change)
    for group in groups.values():
        yield from [group] if len(group) > _ALIKE else ([change] for change in group)


def _change(console: Console, group: Sequence[Planned], verbose: bool) -> None:
    change = group[0]
    verb = "change" if change.base.exists else "create"
    what = line(str(change.target)) if len(group) == 1 else f"{len(group)} {line(change.target.kind)}s"
    head = Text(f"  {change.risk.value:<7}", style=_RISK[change.risk.value])
    _hung(console, head, Text(f"{verb} {what}", style="bold"))
    rules = list(dict.fromkeys(reason.rule for reason in change.reasons))
    _below(console, some([line(rule) for rule in rules], None if verbose else _NAMES), "cyan")
    reasons = change.reasons if verbose else change.reasons[:1]
    for why in dict.fromkeys(reason.why for reason in reasons):
        _below(console, f"{'of the first: ' if len(group) > 1 else ''}{line(why, 0 if verbose else _WHY)}")
    if change.reverted_by:
        _below(console, line(change.reverted_by), "yellow")


def _left_out(console: Console, plan: Plan, verbose: bool) -> None:
    """What is left out for one reason of the same objects stands together: they are written once for all rules."""
    by_rule: dict[tuple[str, str], list[Ref]] = defaultdict(list)
    for item in plan.left_out:
        by_rule[item.reason, item.rule].append(item.target)
    groups: dict[tuple[str, tuple[Ref, ...]], list[str]] = defaultdict(list)
    for (reason, rule), refs in by_rule.items():
        groups[reason, tuple(refs)].append(line(rule))
    if not groups:
        return
    _title(console, f"Left out: {len(plan.left_out)}")
    items = list(groups.items())
    for (reason, targets), rules in items if verbose else items[:_SHOWN]:
        row = Text(some(rules, None if verbose else _NAMES), style="cyan")
        row.append(f"  {line(reason, 0 if verbose else 200)}", style="default")
        console.print(Padding(row, (0, 0, 0, 2)))
        _below(console, line(some([str(target) for target in targets], None if verbose else _NAMES)))
    if len(items) > _SHOWN and not verbose:
        console.print(Text(f"  and {len(items) - _SHOWN} more groups (-v shows all)", style="dim"))


def _asked(console: Console, plan: Plan, verbose: bool) -> None:
    """By cause or rule: the first question, and how many more."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for item in plan.asked:
        groups[item.rule].append(item)
    if not groups:
        return
    _title(console, f"Only a person can decide: {counted(len(plan.asked), 'question')}")
    rows = list(groups.items())
    for rule, items in rows if verbose else rows[:_QUESTIONS]:
        for item in items if verbose else items[:1]:
            row = Text(line(rule), style="cyan")
            row.append(f"  {line(str(item.object))}{_more(items, verbose)}", style="default")
            console.print(Padding(row, (0, 0, 0, 2)))
            _below(console, line(item.question, 0 if verbose else _WHY))
            if item.lookup and verbose:
                _below(console, line(item.lookup))
    if len(rows) > _QUESTIONS and not verbose:
        left = sum(len(items) for _, items in rows[_QUESTIONS:])
        console.print(
            Text(
                f"  and {counted(left, 'question')} of {len(rows) - _QUESTIONS} more rules (-v shows all)", style="dim"
            )
        )


def _more(items: Sequence[Asked], verbose: bool) -> str:
    return f" (and {counted(len(items) - 1, 'more question')})" if len(items) > 1 and not verbose else ""
