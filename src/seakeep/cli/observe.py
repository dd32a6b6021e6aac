"""check, diagnose, report, snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.options import Form

if TYPE_CHECKING:
    from datetime import date

    from seakeep.model.platform import Intent, Target
    from seakeep.model.report import Report
    from seakeep.model.snapshot import Snapshot


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog="Examples: seakeep check | seakeep check dump.json -o html --out report.html | seakeep check . --target health=95",
    )(check)
    app.command(
        cls=LightCommand,
        epilog="Examples: seakeep diagnose | pbpaste | seakeep diagnose - | seakeep diagnose transcript.txt -o json",
    )(diagnose)
    app.command(
        cls=LightCommand,
        epilog="Examples: seakeep report --out report.html | seakeep report cluster.skz -o md | seakeep report --since 2026-03-01 --before morning.skz --out handoff.html",
    )(report)
    app.command(
        cls=LightCommand,
        epilog="Examples: seakeep snapshot -o today.skz | seakeep snapshot --context prod -n kafka -o kafka.skz",
    )(snapshot)


def check(
    source: options.Source = None,
    output: options.Output = Form.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    target: options.Targets = None,
    survival: Annotated[
        bool, typer.Option("--survival", help="Rehearse every disruption on the twin too: the survival score.")
    ] = False,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    alerts: options.Alerts = None,
    metrics: options.Metrics = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Score a platform and find its root causes."""
    from seakeep.cli import output as outputs

    value = _check(source, platform, target, context, kubeconfig, namespace, alerts, metrics, quiet, survival=survival)
    _emit(value, outputs.default_form(output, out), out, verbose, quiet)
    outputs.finish(outputs.exit_code(value), no_exit_code=no_exit_code)


def report(
    source: options.Source = None,
    output: options.Output = Form.HTML,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    alerts: options.Alerts = None,
    metrics: options.Metrics = None,
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
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a report for others (HTML by default).

    Exits 0 whatever was found.
    """
    from seakeep.cli import output as outputs

    if since is not None or before or journal or commit or no_drains:
        from seakeep.cli.handoff import Wanted, write

        wanted = Wanted(since, before, journal, commit, not no_drains)
        with outputs.Progress(quiet=quiet) as progress:
            write(
                wanted,
                lambda: _open(source, context, kubeconfig, namespace, alerts, metrics, progress),
                intent_of(platform),
                output,
                out,
                progress,
                quiet=quiet,
            )
        return
    value = _check(source, platform, None, context, kubeconfig, namespace, alerts, metrics, quiet)
    by_name = outputs.default_form(Form.TEXT, out)
    _emit(value, by_name if output is Form.HTML and by_name is not Form.TEXT else output, out, verbose, quiet)


def diagnose(
    source: options.Source = None,
    output: options.Output = Form.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    alerts: options.Alerts = None,
    metrics: options.Metrics = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Find root causes only.

    Ranked, each with its culprit, evidence, consequences and repair. Forms: text, json, yaml and md.
    """
    from seakeep.app.check import diagnose_snapshot, summarize
    from seakeep.cli import output as outputs
    from seakeep.render.formats import render_diagnosis

    form = outputs.default_form(output, out)
    outputs.check_form(form, Form.TEXT, Form.JSON, Form.YAML, Form.MD)
    with outputs.Progress(quiet=quiet) as progress:
        found = _open(source, context, kubeconfig, namespace, alerts, metrics, progress)
        progress("Finding causes")
        value = diagnose_snapshot(found, intent_of(platform), today())
    text = render_diagnosis(
        value,
        summarize(found),
        form.value,
        width=outputs.width(),
        color=out is None and outputs.color_wanted(),
        verbose=verbose,
    )
    outputs.emit(text, out, quiet=quiet)
    outputs.finish(outputs.diagnosis_exit_code(value, unread=bool(found.unread)), no_exit_code=no_exit_code)


def snapshot(
    source: options.Source = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The .skz file to write.", dir_okay=False)] = Path(
        "snapshot.skz"
    ),
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    alerts: options.Alerts = None,
    metrics: options.Metrics = None,
    logs: Annotated[bool, typer.Option(help="Read the logs of unhealthy pods, previous ones too.")] = True,
    quiet: options.Quiet = False,
    verbose: options.Tracebacks = False,
) -> None:
    """Capture a cluster into one redacted file.

    Objects, events, logs of what is unhealthy (previous ones too), metrics, and a list of what could not be read. Secret values are never read.
    """
    from seakeep.app.snapshot import capture
    from seakeep.cli import output as outputs

    del verbose
    with outputs.Progress(quiet=quiet) as progress:
        kept = capture(
            source,
            out,
            context=context,
            kubeconfig=kubeconfig,
            namespaces=tuple(namespace or ()),
            alerts=alerts,
            metrics=metrics,
            logs=logs,
            progress=progress,
        )
    if not quiet:
        typer.echo(f"wrote {out}: {kept.object_count} objects, {len(kept.logs)} logs", err=True)
        for item in kept.unread:
            typer.echo(
                f"  not read: {item.kind}{f' in {item.namespace}' if item.namespace else ''}: {item.reason}", err=True
            )
    outputs.finish(outputs.INCOMPLETE if kept.unread else 0, no_exit_code=False)


def _check(
    source: str | None,
    platform: Path | None,
    target: list[str] | None,
    context: str | None,
    kubeconfig: Path | None,
    namespace: list[str] | None,
    alerts: str | None,
    metrics: str | None,
    quiet: bool,
    *,
    survival: bool = False,
) -> Report:
    from seakeep.cli import output as outputs

    targets = [_target(text) for text in target or ()]
    intent = intent_of(platform)
    survival = survival or any(item.score == "survival" for item in targets)
    with outputs.Progress(quiet=quiet) as progress:
        return _run(
            _open(source, context, kubeconfig, namespace, alerts, metrics, progress),
            intent,
            tuple(targets),
            progress,
            survival=survival,
        )


def _run(
    found: Snapshot,
    intent: Intent,
    targets: tuple[Target, ...],
    progress: object,
    day: date | None = None,
    *,
    survival: bool = False,
) -> Report:
    from seakeep.app.check import check as run_check

    say = progress if callable(progress) else lambda _: None
    return run_check(found, intent, day or today(), targets, say, survival=survival)


def _open(
    source: str | None,
    context: str | None,
    kubeconfig: Path | None,
    namespace: list[str] | None,
    alerts: str | None,
    metrics: str | None,
    progress: object,
) -> Snapshot:
    from seakeep.adapters.open import open_source

    return open_source(
        source,
        context=context,
        kubeconfig=kubeconfig,
        namespaces=tuple(namespace or ()),
        alerts=alerts,
        metrics=metrics,
        progress=progress if callable(progress) else None,
    )


def today() -> date:
    return options.today()


def intent_of(path: Path | None) -> Intent:
    """The file named, else `platform.yaml` in the current folder, else nothing declared."""
    from seakeep.model.platform import Intent

    if path is None:
        path = Path("platform.yaml")
        if not path.is_file():
            return Intent()
    from seakeep.adapters.platform_file import read_intent

    return read_intent(path)


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


def _emit(value: Report, form: Form, out: Path | None, verbose: bool, quiet: bool) -> None:
    from seakeep.cli import output as outputs
    from seakeep.render.formats import render_report

    text = render_report(
        value, form.value, width=outputs.width(), color=out is None and outputs.color_wanted(), verbose=verbose
    )
    outputs.emit(text, out, quiet=quiet)
