"""report: for others, and with --since the hand-off."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.options import ReportForm
from seakeep.cli.sharing import sharing


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep report --out report.html",
            "seakeep report cluster.skz -o md",
            "seakeep report --since 2026-03-01 --before morning.skz --out handoff.html",
        ),
    )(report)


@sharing
def report(
    reading: options.Reading,
    evidence: options.Evidence,
    source: options.Source = None,
    output: options.Output = ReportForm.HTML,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="Write a hand-off instead: what changed since this run of the journal or this date, what is left, and what comes first (html, md, json, yaml).",
            metavar="RUN|DATE",
        ),
    ] = None,
    before: Annotated[
        Path | None, typer.Option("--before", help="With --since: the snapshot of before.", dir_okay=False)
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option("--journal", help="With --since: the journal, as `apply` wrote it.", metavar="PATH|URL"),
    ] = None,
    commit: Annotated[
        str,
        typer.Option(
            "--commit",
            help="With --since: the Git commit of the plan. HEAD asks Git in the current folder; all else is taken as it is.",
            metavar="TEXT",
        ),
    ] = "",
    no_drains: Annotated[
        bool, typer.Option("--no-drains", help="With --since: do not rehearse a drain of each node.")
    ] = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a report for others (HTML by default).

    Exits 0 whatever was found.
    """
    from seakeep.cli import output as outputs
    from seakeep.cli.observe import judged

    if since is not None or before or journal or commit or no_drains:
        from seakeep.cli.handoff import Wanted, write

        wanted = Wanted(since, before, journal, commit, not no_drains)
        with outputs.Progress(quiet=reading.quiet) as progress:
            write(
                wanted,
                lambda: reading.read(source, progress, evidence, logs=True),
                platform,
                output,
                out,
                progress,
                quiet=reading.quiet,
            )
        return
    by_name = outputs.default_form(ReportForm.TEXT, out)
    form = by_name if output is ReportForm.HTML and by_name is not ReportForm.TEXT else output
    value = judged(reading, source, options.intent_of(platform, quiet=reading.quiet), evidence)
    outputs.emit_report(value, form, out, verbose=verbose, quiet=reading.quiet)
