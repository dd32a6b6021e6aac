"""A plan on the terminal: what it reaches, wave by wave what it changes and why, what it leaves out, and what only a person can decide."""

from __future__ import annotations

import io
from collections import Counter, defaultdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from seakeep.model.plan import Asked, Plan, Planned, Wave
from seakeep.model.refs import Ref
from seakeep.render.safe import line

_RISK = {"low": "green", "medium": "yellow", "high": "bold red"}
_SHOWN, _QUESTIONS, _RULES = 6, 10, 4
_REPAIRS = frozenset({"definitions", "configuration", "repaired workloads"})
_SCORES = ("health", "running", "hardening")


def plan_text(plan: Plan, *, width: int, color: bool, verbose: bool) -> str:
    sink = io.StringIO()
    console = Console(
        file=sink,
        width=max(width, 60),
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    changes = len(plan.changes)
    when = f", taken {plan.made_at:%Y-%m-%d %H:%M} UTC" if plan.made_at else ""
    title = f"Plan {plan.id} for {line(plan.source, 120)}{when}: {changes} changes in {len(plan.waves)} waves"
    console.print(Text(title, style="bold"))
    console.print()
    _scores(console, plan)
    _waves(console, plan, verbose)
    _left_out(console, plan, verbose)
    _asked(console, plan, verbose)
    return "\n".join(row.rstrip() for row in sink.getvalue().splitlines()) + "\n"


def _scores(console: Console, plan: Plan) -> None:
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left", "right"):
        table.add_column(justify=justify, no_wrap=True)
    before, after = plan.rehearsal.before, plan.rehearsal.after
    for name in _SCORES:
        table.add_row(name, _figure(before.scores.get(name)), "→", _figure(after.scores.get(name)))
    console.print(table)
    better = [
        f"{line(name)} {_counts(before.services.get(name, (0, 0)))} → {_counts(counts)}"
        for name, counts in sorted(after.services.items())
        if (counts[0] or 0) > (before.services.get(name, (0, 0))[0] or 0)
    ]
    if better:
        console.print(Text(f"ready pods: {'; '.join(better)}", style="dim"))
    for text in plan.rehearsal.notes:
        console.print(Text(f"note: {line(text)}", style="yellow"))
    for text in plan.rehearsal.refusals:
        console.print(Text(f"refused: {line(text)}", style="bold red"))


def _counts(counts: tuple[int | None, int | None]) -> str:
    ready, intended = counts
    return f"{'?' if ready is None else ready}/{'?' if intended is None else intended}"


def _figure(value: float | None) -> Text:
    if value is None:
        return Text("unknown", style="dim")
    style = "green" if value >= 95 else "yellow" if value >= 80 else "red"
    return Text(f"{value:.1f}", style=f"bold {style}")


def _waves(console: Console, plan: Plan, verbose: bool) -> None:
    """Repairs in full; of hardening, which is much and alike, what each wave does to how many."""
    for number, wave in enumerate(plan.waves, start=1):
        title = f"Wave {number}: {line(wave.name)}"
        if verbose or wave.name in _REPAIRS:
            console.print()
            console.print(Text(title, style="bold"))
            shown = wave.changes if verbose else wave.changes[:_SHOWN]
            for change in shown:
                _change(console, change, verbose)
            if len(shown) < len(wave.changes):
                console.print(Text(f"  and {len(wave.changes) - len(shown)} more (-v shows all)", style="dim"))
        else:
            if number == 1 or plan.waves[number - 2].name in _REPAIRS:
                console.print()
            _brief(console, title, wave)


def _brief(console: Console, title: str, wave: Wave) -> None:
    rules = Counter(rule for change in wave.changes for rule in {reason.rule for reason in change.reasons})
    common = [f"{line(rule)} {count}" for rule, count in sorted(rules.items(), key=lambda item: (-item[1], item[0]))]
    more = f" and {len(common) - _RULES} more rules" if len(common) > _RULES else ""
    row = Text(title, style="bold")
    row.append(f"  {len(wave.changes)} object{'s' if len(wave.changes) != 1 else ''}: ", style="not bold")
    row.append(", ".join(common[:_RULES]) + more, style="cyan not bold")
    console.print(row)


def _change(console: Console, change: Planned, verbose: bool) -> None:
    row = Text("  ")
    row.append(f"{change.risk.value:<7}", style=_RISK[change.risk.value])
    verb = "change" if change.base.exists else "create"
    row.append(f"{verb} {line(str(change.target))}", style="bold")
    row.append(f"  {', '.join(dict.fromkeys(reason.rule for reason in change.reasons))}", style="cyan")
    console.print(row)
    reasons = change.reasons if verbose else change.reasons[:2]
    for why in dict.fromkeys(reason.why for reason in reasons):
        console.print(Text(f"         {line(why, 0 if verbose else 150)}", style="dim"))
    if change.reverted_by:
        console.print(Text(f"         {line(change.reverted_by)}", style="yellow"))


def _left_out(console: Console, plan: Plan, verbose: bool) -> None:
    groups: dict[tuple[str, str], list[Ref]] = defaultdict(list)
    for item in plan.left_out:
        groups[item.rule, item.reason].append(item.target)
    if not groups:
        return
    console.print()
    console.print(Text(f"Left out: {len(plan.left_out)}", style="bold"))
    items = list(groups.items())
    for (rule, reason), targets in items if verbose else items[:_SHOWN]:
        names = ", ".join(str(target) for target in targets[: None if verbose else 3])
        more = f" and {len(targets) - 3} more" if len(targets) > 3 and not verbose else ""
        console.print(Text(f"  {line(rule)}: {line(names)}{more}"))
        console.print(Text(f"         {line(reason, 0 if verbose else 200)}", style="dim"))
    if len(items) > _SHOWN and not verbose:
        console.print(Text(f"  and {len(items) - _SHOWN} more groups (-v shows all)", style="dim"))


def _asked(console: Console, plan: Plan, verbose: bool) -> None:
    """By cause or rule: the first in full, how many more."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for item in plan.asked:
        groups[item.rule].append(item)
    if not groups:
        return
    console.print()
    console.print(Text(f"Only a person can decide: {len(plan.asked)}", style="bold"))
    rows = list(groups.items())
    for rule, items in rows if verbose else rows[:_QUESTIONS]:
        for item in items if verbose else items[:1]:
            more = f" (and {len(items) - 1} more)" if len(items) > 1 and not verbose else ""
            along = (
                f" and {len(item.also)} more finding{'s' if len(item.also) > 1 else ''}"
                if item.also and verbose
                else ""
            )
            console.print(Text(f"  {line(rule)}, {line(str(item.object))}{along}{more}"))
            console.print(Text(f"         {line(item.question, 0 if verbose else 160)}", style="dim"))
            if item.lookup and verbose:
                console.print(Text(f"         {line(item.lookup)}", style="dim"))
    if len(rows) > _QUESTIONS and not verbose:
        left = sum(len(items) for _, items in rows[_QUESTIONS:])
        console.print(Text(f"  and {left} more of {len(rows) - _QUESTIONS} rules (-v shows all)", style="dim"))
