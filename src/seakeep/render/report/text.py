"""The terminal report: a screenful that a tired person understands. Scores, worst services, causes in order, next commands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from seakeep.model.cause import Cause, Diagnosis
from seakeep.model.finding import Outcome
from seakeep.model.refs import Ref
from seakeep.model.report import Report, SnapshotSummary
from seakeep.render.figures import counted, figure
from seakeep.render.order import shown_scores, worst_first
from seakeep.render.report.conclusion import nothing_found
from seakeep.render.safe import line
from seakeep.render.terminal import console_of, score_text, trimmed

_SEVERITY = {"critical": "bold red", "error": "red", "warning": "yellow", "info": "cyan"}
_STATE = {"up": "green", "degraded": "yellow", "down": "bold red", "stopped": "red", "waived": "cyan", "unknown": "dim"}
# What fits on one screen; -v shows everything. Causes beyond the first few are named in a line each.
_DETAILED, _CAUSES, _SERVICES, _RULES, _QUESTIONS, _UNEXPLAINED = 5, 12, 8, 9, 4, 4


def report_text(report: Report, *, width: int, color: bool, verbose: bool) -> str:
    console, sink = console_of(width, color)
    _heading(console, report.snapshot)
    _scores(console, report, verbose)
    _services(console, report, verbose)
    _causes(console, report.diagnosis, report.snapshot, verbose)
    _findings(console, report, verbose)
    _next(console, report.diagnosis, verbose)
    return trimmed(sink)


def diagnosis_text(diagnosis: Diagnosis, summary: SnapshotSummary, *, width: int, color: bool, verbose: bool) -> str:
    console, sink = console_of(width, color)
    _heading(console, summary)
    _causes(console, diagnosis, summary, verbose)
    _next(console, diagnosis, verbose)
    return trimmed(sink)


def services_text(report: Report, *, width: int, color: bool) -> str:
    console, sink = console_of(width, color)
    _services(console, report, True)
    return trimmed(sink)


def _heading(console: Console, summary: SnapshotSummary) -> None:
    when = f", taken {summary.taken_at:%Y-%m-%d %H:%M} UTC" if summary.taken_at else ""
    console.print(
        Text(
            line(f"{summary.source}{when}: {counted(summary.objects, 'object')}, {counted(summary.pods, 'pod')}", 200),
            style="bold",
        )
    )
    if summary.intent_only:
        console.print(
            Text("Manifests only: there is no state to judge, so running and health are unknown.", style="yellow")
        )
    if summary.unread:
        kinds = ", ".join(sorted({line(f"{item.kind} ({item.reason})", 60) for item in summary.unread})[:6])
        console.print(Text(f"Not read: {kinds}", style="yellow"))
    console.print()


def _scores(console: Console, report: Report, verbose: bool) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    scores = report.scores
    for score in shown_scores(scores):
        coverage = f"  ({score.coverage:.0%} judged)" if score.value is not None and score.coverage < 0.995 else ""
        table.add_row(
            Text(score.id),
            score_text(score.value, 5),
            Text(line("; ".join(part for part in (score.formula, score.note) if part)) + coverage, style="dim"),
        )
        if verbose:
            for part in score.parts:
                table.add_row(
                    "",
                    Text(f"{part.got:.4g}/{part.of:g}"),
                    Text(line(f"{part.name}, weight {part.weight:g} {part.note}", 160), style="dim"),
                )
    naive = scores.naive
    table.add_row(
        Text("naive", style="dim"),
        Text(figure(naive.percent), style="dim"),
        Text(f"{naive.running} Running of {naive.total} pods: what dashboards show", style="dim"),
    )
    for target in report.targets:
        verdict = {True: "met", False: "missed", None: "not judged"}[target.met]
        waits = (
            f", due {target.day}" if target.day and target.met is None else f" by {target.day}" if target.day else ""
        )
        table.add_row(
            Text("target"),
            Text(f"{target.wanted:.1f}"),
            Text(f"for {target.score}{waits}: {verdict}", style="red" if target.met is False else ""),
        )
    console.print(Text("Scores, 0 to 100", style="bold"))
    console.print(Padding(table, (0, 0, 0, 2)))
    console.print()


def _services(console: Console, report: Report, verbose: bool) -> None:
    services = worst_first(report.platform.services)
    unwell = [service for service in services if service.state != "up"]
    shown = services if verbose else unwell[:_SERVICES]
    up = len(services) - len(unwell)
    console.print(Text(f"Services: {up} of {len(services)} up", style="bold"))
    table = Table.grid(padding=(0, 2))
    for _ in range(4):
        table.add_column(overflow="ellipsis", no_wrap=True)
    # Where the terminal is narrow, the note gives way first, then the names.
    table.add_column(overflow="fold")
    room = min(40, (console.width - 34) // 2)
    for service in shown:
        figure = "?" if service.ready is None or service.intended is None else f"{service.ready}/{service.intended}"
        note = (
            service.note
            if service.waiver is None
            else f"waived until {service.waiver.expires}: {service.waiver.reason}"
        )
        table.add_row(
            Text(f"  {service.state}", style=_STATE.get(service.state, "")),
            Text(line(service.name, room)),
            Text(line(service.namespace, room), style="dim"),
            Text(figure),
            Text(line(f"{service.criticality}{', ' + note if note else ''}", 80), style="dim"),
        )
    if shown:
        console.print(table)
    if len(unwell) > len(shown) and not verbose:
        console.print(Text(f"  and {len(unwell) - len(shown)} more (-v shows all)", style="dim"))
    console.print()


def _causes(console: Console, diagnosis: Diagnosis, summary: SnapshotSummary, verbose: bool) -> None:
    causes = diagnosis.causes
    if not causes:
        console.print(Text(nothing_found(diagnosis, summary), style="bold"))
    else:
        console.print(Text(f"Root causes: {len(causes)}", style="bold"))
    for position, cause in enumerate(causes if verbose else causes[:_CAUSES]):
        if verbose or position < _DETAILED:
            _cause(console, cause, verbose, depth=0)
        else:
            console.print(_head(cause))
    if len(causes) > _CAUSES and not verbose:
        console.print(Text(f"  and {len(causes) - _CAUSES} more (-v shows all)", style="dim"))
    if diagnosis.unexplained:
        unknown = diagnosis.unexplained if verbose else diagnosis.unexplained[:_UNEXPLAINED]
        console.print(Text(f"Unwell for no known cause: {len(diagnosis.unexplained)}", style="yellow"))
        for item in unknown:
            console.print(Padding(Text(line(f"{item.object} ({item.text})", 200), style="yellow"), (0, 0, 0, 4)))
        if len(diagnosis.unexplained) > len(unknown):
            rest = len(diagnosis.unexplained) - len(unknown)
            console.print(Text(f"    and {rest} more (-v shows all)", style="dim"))
    console.print()


def _cause(console: Console, cause: Cause, verbose: bool, depth: int) -> None:
    item = cause.candidate
    indent, body = 4 * depth, 4 + 4 * depth
    console.print(Padding(_head(cause), (0, 0, 0, indent)))
    console.print(Padding(Text(line(item.summary, 300)), (0, 0, 0, body)))
    if verbose:
        _evidence(console, cause, body)
    elif depth:
        return
    console.print(Padding(Text.assemble(("→ ", "green"), line(item.repair.summary, 300)), (0, 0, 0, body)))
    if not verbose:
        extent = _extent(cause)
        if extent:
            console.print(Padding(Text(extent, style="dim"), (0, 0, 0, body)))
        return
    console.print(Padding(Text(line(f"rank: {', '.join(cause.reasons)}"), style="dim"), (0, 0, 0, body)))
    for child in cause.consequences:
        _cause(console, child, verbose, depth + 1)


def _head(cause: Cause) -> Table:
    """Where it wraps, the next line stands below the text, not below the rank."""
    item = cause.candidate
    row = Table.grid()
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    text = Text.assemble(
        (cause.severity, _SEVERITY[cause.severity]),
        " ",
        (item.id, "bold"),
        "  ",
        line(str(item.object), 90),
        ("" if item.certainty == "proven" else f"  {item.certainty}", "yellow"),
    )
    row.add_row(f"{cause.rank:>2}. " if cause.rank else "  ↳ ", text)
    return row


def _evidence(console: Console, cause: Cause, body: int) -> None:
    for piece in cause.candidate.evidence:
        stale = "" if piece.current else " (old)"
        when = f" at {piece.time:%H:%M:%S}" if piece.time else ""
        text = Text(line(f"{piece.object} {piece.path}: {piece.value}{when}{stale}", 400), style="dim")
        row = Table.grid()
        row.add_row("- ", text)
        console.print(Padding(row, (0, 0, 0, body)))
    if cause.explains:
        console.print(Padding(Text(f"explains {_names(cause.explains, 12)}", style="dim"), (0, 0, 0, body)))


def _extent(cause: Cause) -> str:
    """How much hangs on it, in a line."""
    parts = []
    if cause.explains:
        parts.append(f"explains {_names(cause.explains, 1)}")
    if cause.consequences:
        kinds = ", ".join(sorted({child.candidate.id for child in cause.consequences}))
        parts.append(
            f"{len(cause.consequences)} consequences: {kinds}"
            if len(cause.consequences) > 1
            else f"consequence: {kinds}"
        )
    return line("; ".join(parts), 160)


def _names(refs: Sequence[Ref], most: int) -> str:
    shown = ", ".join(line(str(ref), 70) for ref in refs[:most])
    return f"{shown} and {len(refs) - most} more" if len(refs) > most else shown


def _findings(console: Console, report: Report, verbose: bool) -> None:
    failed = [item for item in report.findings if item.outcome is Outcome.FAIL]
    if not failed:
        return
    by_rule: dict[str, list[Ref]] = {}
    for item in failed:
        by_rule.setdefault(item.rule, []).append(item.object)
    title = f"Hardening: {counted(len(failed), 'finding')} by {counted(len(by_rule), 'rule')}"
    console.print(Text(title, style="bold"))
    ordered = sorted(by_rule.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    if not verbose:
        counts = [line(f"{rule} {len(names)}", 80) for rule, names in ordered]
        rest = len(counts) - _RULES
        shown = ", ".join(counts[:_RULES]) + (f" and {rest} more (-v shows all)" if rest > 0 else "")
        console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2)))
    for rule, names in ordered if verbose else ():
        more = f" and {len(names) - 100} more" if len(names) > 100 else ""
        console.print(
            Padding(Text(line(f"{rule}: {', '.join(map(str, names[:100]))}{more}", 1000), style="dim"), (0, 0, 0, 2))
        )
    console.print()


def _next(console: Console, diagnosis: Diagnosis, verbose: bool) -> None:
    commands = [f"seakeep explain {cause.candidate.id}" for cause in diagnosis.causes[:1]]
    commands += [item.lookup for item in diagnosis.insufficient]
    commands = list(dict.fromkeys(commands))[: 50 if verbose else _QUESTIONS]
    if not commands:
        return
    console.print(Text("Next", style="bold"))
    for command in commands:
        # A line for each command, and not wrapped: to be copied.
        for part in line(command, 400).replace("; kubectl ", "\nkubectl ").splitlines():
            if part.startswith(("kubectl ", "seakeep ")):
                console.print(Text(f"  {part}"), soft_wrap=True)
            else:
                console.print(Padding(Text(part), (0, 0, 0, 2)))
