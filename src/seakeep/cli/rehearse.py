"""rehearse …: play something on the twin."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from seakeep.cli import options

app = typer.Typer(
    help="Play a change or a disruption on the twin, Seakeep's own Kubernetes in memory.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"


@app.command(
    epilog="Examples: seakeep rehearse schedule | seakeep rehearse schedule dump.json -o json | seakeep rehearse schedule --stream -o json"
)
def schedule(
    source: options.Source = None,
    output: Annotated[Form, typer.Option("--output", "-o", help="Form of the answer.")] = Form.TEXT,
    stream: Annotated[
        bool, typer.Option("--stream", help="Read a v1 List as JSON per line from stdin; write an answer per line.")
    ] = False,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    quiet: options.Quiet = False,
) -> None:
    """Judge each pending pod alone, as kube-scheduler would.

    Which nodes could take it, why the others could not, and each plugin's weighted score.
    """
    import sys

    import msgspec

    from seakeep.adapters.open import open_source
    from seakeep.app.rehearse import schedule as judged
    from seakeep.app.rehearse import schedule_stream
    from seakeep.cli.output import Progress
    from seakeep.render.placements import placements_text

    if stream:
        encoder = msgspec.json.Encoder()
        for answer in schedule_stream(sys.stdin.buffer):
            sys.stdout.buffer.write(encoder.encode(answer) + b"\n")
            sys.stdout.buffer.flush()
        return
    with Progress(quiet=quiet) as progress:
        found = open_source(
            source,
            context=context,
            kubeconfig=kubeconfig,
            namespaces=tuple(namespace or ()),
            alerts=None,
            metrics=None,
            progress=progress,
        )
        progress("Judging pending pods")
        placements = judged(found)
    if output is Form.JSON:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(placements), indent=2) + b"\n")
    else:
        typer.echo(placements_text(placements), nl=False)
