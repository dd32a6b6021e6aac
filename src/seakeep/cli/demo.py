"""demo: the whole main job on the shipped reference platform."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.options import ReportForm
from seakeep.cli.saying import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from seakeep.model.plan import Plan
    from seakeep.model.platform import Intent
    from seakeep.model.run import Run
    from seakeep.model.snapshot import Snapshot


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep demo",
            "seakeep demo --html out/report.html --write out/plan",
            "seakeep demo --check",
        ),
    )(demo)


def demo(
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            help="Also write the report as HTML to this file, and the hand-off beside it (handoff.html, handoff.md).",
            dir_okay=False,
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Also write the plan and its files for review there.", file_okay=False),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Stop after the check; no plan.")] = False,
    output: options.Output = ReportForm.TEXT,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Play the main job on the shipped reference platform.

    Checks it, finds causes, plans repairs and hardening, and plays the plan on the twin with the machine that applies plans to a cluster. Needs no cluster; exits 0. Other forms than
    text hold the report of the check; --write holds the plan.
    """
    from seakeep.app.check import check as checked
    from seakeep.app.demo import demo_intent, demo_snapshot, rehearsed
    from seakeep.cli import output as outputs
    from seakeep.render.formats import render_report

    with outputs.Progress(quiet=quiet) as progress:
        found, intent = demo_snapshot(), demo_intent()
        # Judged on the day it was taken, so that the demo says the same on every day.
        today = found.taken_at.date() if found.taken_at else options.today()
        report = checked(found, intent, today, (), progress)
        played = None if check else rehearsed(found, intent, today, progress, report)
        plan, run = (played.plan, played.run) if played is not None else (None, None)
        if html and played is not None and run is not None and played.start is not None and played.end is not None:
            _hand_off(html.parent, run, (found, played.start, played.end), intent, today, progress)
    text = render_report(report, output.value, width=outputs.width(), color=outputs.color_wanted(), verbose=verbose)
    if output is ReportForm.TEXT and plan is not None and run is not None:
        text += _told(plan, run, verbose=verbose)
    outputs.emit(text, None)
    if html:
        from seakeep.render.html import report_html

        outputs.emit(report_html(report, plan, run), html)
    if write and plan is not None:
        from seakeep.adapters.plan_file import as_yaml
        from seakeep.render.plan.gitops import files

        outputs.emit_all({"plan.yaml": as_yaml(plan), **files(plan)}, write)
    if not quiet:
        beside = (html.parent / "handoff.html", html.parent / "handoff.md") if html and run is not None else ()
        for path in filter(None, (html, *beside, write)):
            say(f"wrote {path}")
        say("On your own cluster: seakeep check")


def _hand_off(
    folder: Path,
    run: Run,
    seen: tuple[Snapshot, Snapshot, Snapshot],
    intent: Intent,
    today: date,
    progress: Callable[[str], None],
) -> None:
    """What the run on the twin comes to, for whoever goes on: beside the report."""
    from seakeep.app.handoff import Asked, handoff
    from seakeep.cli import output as outputs
    from seakeep.render.handoff.forms import render_handoff

    found, start, end = seen
    asked = Asked("the plan's run on the twin", (run,), rehearsed=True, origin=start)
    value = handoff(asked, found, end, intent, today, progress)
    outputs.emit_all({f"handoff.{form}": render_handoff(value, form) for form in ("html", "md")}, folder)


def _told(plan: Plan, run: Run, *, verbose: bool) -> str:
    from seakeep.cli import output as outputs
    from seakeep.render.plan.text import plan_text
    from seakeep.render.run.text import rehearsed_text

    shown = plan_text(plan, width=outputs.width(), color=outputs.color_wanted(), verbose=verbose)
    return f"\n{shown}\n{rehearsed_text(run, width=outputs.width())}"
