"""snapshot: a cluster in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.saying import say
from seakeep.cli.sharing import sharing


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep snapshot --out today.skz",
            "seakeep snapshot --context prod -n kafka --out kafka.skz",
        ),
    )(snapshot)


@sharing
def snapshot(
    reading: options.Reading,
    evidence: options.Evidence,
    source: options.Source = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The .skz file to write.", dir_okay=False)] = Path(
        "snapshot.skz"
    ),
    logs: Annotated[bool, typer.Option(help="Read the logs of unhealthy pods, previous ones too.")] = True,
    verbose: options.Tracebacks = False,
) -> None:
    """Capture a cluster into one redacted file.

    Objects, events, logs of what is unhealthy (previous ones too), metrics, and a list of what could not be read. Secret values are never read.
    """
    from seakeep.adapters.errors import UsageError
    from seakeep.app.snapshot import capture
    from seakeep.cli import output as outputs

    del verbose
    if str(out) in set(options.ReportForm):
        raise UsageError(f"a snapshot has one form: {out} would be its file", f"Write to it by --out ./{out}.")
    with outputs.Progress(quiet=reading.quiet) as progress:
        kept = capture(reading.read(source, progress, evidence, logs=logs), out, progress)
    if not reading.quiet:
        say(f"wrote {out}: {kept.object_count} objects, {len(kept.logs)} logs")
        for item in kept.unread:
            say(f"  not read: {item.kind}{f' in {item.namespace}' if item.namespace else ''}: {item.reason}")
    outputs.finish(outputs.INCOMPLETE if kept.unread else 0, no_exit_code=False)
