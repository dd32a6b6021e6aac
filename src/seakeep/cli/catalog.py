"""explain, services."""

from __future__ import annotations

from typing import Annotated

import typer

from seakeep.cli import options
from seakeep.cli.sharing import sharing


def register(app: typer.Typer) -> None:
    app.command(epilog="Examples: seakeep explain oom-killed | seakeep explain   (lists every id)")(explain)
    app.command(epilog="Examples: seakeep services | seakeep services cluster.skz")(services)


def _ids(incomplete: str) -> list[str]:
    from seakeep.app.explain import ids

    return [known for known in ids() if known.startswith(incomplete)]


def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Id of a cause, rule or service; none lists them all.", autocompletion=_ids),
    ] = None,
) -> None:
    """Print the page of a cause, rule or service."""
    from seakeep.app.explain import listing, page
    from seakeep.cli.output import emit

    emit(page(name) if name else listing(), None)


@sharing
def services(
    reading: options.Reading,
    source: options.Source = None,
    platform: options.PlatformFile = None,
    output: options.Output = options.Form.TEXT,
    verbose: options.Tracebacks = False,
) -> None:
    """List the platform services found.

    Forms: text, json and yaml.
    """
    from seakeep.cli.observe import judged
    from seakeep.cli.output import check_form, color_wanted, emit, width
    from seakeep.render.formats import render_services

    del verbose
    check_form(output, options.Form.TEXT, options.Form.JSON, options.Form.YAML)
    value = judged(reading, source, options.intent_of(platform))
    emit(render_services(value, output.value, width=width(), color=color_wanted()), None)
