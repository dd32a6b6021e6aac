"""explain, services."""

from __future__ import annotations

from typing import Annotated

import typer

from seakeep.cli import completing, options
from seakeep.cli.light import LightCommand
from seakeep.cli.sharing import sharing


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep explain oom-killed",
            "seakeep explain",
        ),
    )(explain)
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep services",
            "seakeep services cluster.skz",
        ),
    )(services)


def explain(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="Id of a cause, rule or service; none lists them all.", autocompletion=completing.ids
        ),
    ] = None,
    verbose: options.Tracebacks = False,
) -> None:
    """Print the page of a cause, rule or service."""
    del verbose
    from seakeep.app.explain import listing, page
    from seakeep.cli.output import emit

    emit(page(name) if name else listing(), None)


@sharing
def services(
    reading: options.Reading,
    source: options.Source = None,
    platform: options.PlatformFile = None,
    output: options.Answer = options.TextForm.TEXT,
    out: options.Out = None,
    verbose: options.Tracebacks = False,
) -> None:
    """List the platform services found."""
    from seakeep.cli.observe import judged
    from seakeep.cli.output import color_wanted, default_form, emit, width
    from seakeep.render.formats import render_services

    del verbose
    form = default_form(output, out).value
    value = judged(reading, source, options.intent_of(platform, quiet=reading.quiet))
    color = out is None and color_wanted()
    emit(render_services(value, form, width=width(), color=color), out, quiet=reading.quiet)
