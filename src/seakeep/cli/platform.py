"""platform init, platform validate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.sharing import sharing

app = typer.Typer(
    help="Write and check platform.yaml.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep platform init",
        "seakeep platform init cluster.skz --out platform.yaml",
    ),
)
@sharing
def init(
    reading: options.Reading,
    source: options.Source = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write to this file instead of stdout; an existing one is not overwritten.", dir_okay=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    verbose: options.Tracebacks = False,
) -> None:
    """Write a platform.yaml from what was found.

    Read it through before you rely on it.
    """
    from seakeep.adapters.errors import UsageError
    from seakeep.app.platform import init as write_platform
    from seakeep.cli.output import Progress, emit

    del verbose
    if out and out.exists() and not force:
        raise UsageError(f"{out} exists", "Choose another name with --out, or overwrite it with --force.")
    with Progress(quiet=reading.quiet) as progress:
        found = reading.read(source, progress, logs=True)
    emit(write_platform(found, options.today()), out, quiet=reading.quiet)


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep platform validate platform.yaml",
    ),
)
def validate(
    path: Annotated[Path, typer.Argument(help="The file to check.", metavar="FILE")] = Path("platform.yaml"),
    verbose: options.Tracebacks = False,
) -> None:
    """Check a platform.yaml.

    Errors name the line and what to do.
    """
    from seakeep.adapters.platform_file import read_intent
    from seakeep.render.figures import counted

    del verbose
    intent = read_intent(path)
    parts = {"service": intent.services, "target": intent.targets, "waiver": intent.waivers}
    told = ", ".join(counted(len(items), name) for name, items in parts.items())
    typer.echo(f"{path}: valid; {told}")
