"""check, diagnose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.options import PageForm, ReportForm
from seakeep.cli.sharing import sharing

if TYPE_CHECKING:
    from seakeep.model.platform import Intent, Target
    from seakeep.model.report import Report


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep check",
            "seakeep check dump.json --out report.html",
            "seakeep check . --target health=95",
        ),
    )(check)
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep diagnose",
            "pbpaste | seakeep diagnose -",
            "seakeep diagnose transcript.txt -o json",
        ),
    )(diagnose)


@sharing
def check(
    call: options.Judging,
    evidence: options.Evidence,
    source: options.Source = None,
    output: options.Output = ReportForm.TEXT,
    target: options.Targets = None,
    survival: Annotated[
        bool, typer.Option("--survival", help="Rehearse every disruption on the twin too: the survival score.")
    ] = False,
) -> None:
    """Score a platform and find its root causes."""
    from seakeep.cli import output as outputs

    targets = tuple(_target(text) for text in target or ())
    form = outputs.default_form(output, call.out)
    value = judged(call, source, call.intent(), evidence, targets, survival=survival)
    outputs.emit_report(value, form, call.out, verbose=call.verbose, quiet=call.quiet)
    outputs.finish(outputs.exit_code(value), no_exit_code=call.no_exit_code)


@sharing
def diagnose(
    call: options.Judging,
    evidence: options.Evidence,
    source: options.Source = None,
    output: Annotated[PageForm, typer.Option("--output", "-o", help="Form of the answer.")] = PageForm.TEXT,
) -> None:
    """Find root causes only.

    Ranked, each with its culprit, evidence, consequences and repair.
    """
    from seakeep.app.check import diagnose_snapshot, summarize
    from seakeep.cli import output as outputs
    from seakeep.render.formats import render_diagnosis

    form, intent = outputs.default_form(output, call.out), call.intent()
    with outputs.Progress(quiet=call.quiet) as progress:
        found = call.read(source, progress, evidence, logs=True)
        progress("Finding causes")
        value = diagnose_snapshot(found, intent, options.today())
    text = render_diagnosis(
        value,
        summarize(found),
        form.value,
        width=outputs.width(),
        color=call.out is None and outputs.color_wanted(),
        verbose=call.verbose,
    )
    outputs.emit(text, call.out, quiet=call.quiet)
    outputs.finish(
        outputs.diagnosis_exit_code(value, unread=bool(found.unread) or not found.object_count),
        no_exit_code=call.no_exit_code,
    )


def judged(
    reading: options.Reading,
    source: str | None,
    intent: Intent,
    evidence: options.Evidence | None = None,
    targets: tuple[Target, ...] = (),
    *,
    survival: bool = False,
) -> Report:
    from seakeep.app.check import check as checked
    from seakeep.cli.output import Progress

    survival = survival or any(item.score == "survival" for item in targets)
    with Progress(quiet=reading.quiet) as progress:
        found = reading.read(source, progress, evidence, logs=True)
        return checked(found, intent, options.today(), targets, progress, survival=survival)


def _target(text: str) -> Target:
    from seakeep.model.platform import Target

    name, _, wanted = text.partition("=")
    try:
        value = float(wanted)
    except ValueError:
        value = -1.0
    if name not in {"running", "health", "hardening", "survival"} or not 0 <= value <= 100:
        raise typer.BadParameter(
            f"{text!r}: write running=, health=, hardening= or survival= and a number from 0 to 100",
            param_hint="--target",
        )
    return Target(name, value)
