"""survive: what the platform withstands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.saying import say
from seakeep.cli.sharing import sharing


class SurvivalForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    HTML = "html"


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep survive",
            "seakeep survive dump.json -o html --out survival.html",
            "seakeep survive dump.json --all-nodes --pairs --zones --jobs 8",
        ),
    )(survive)


@sharing
def survive(
    call: options.Judging,
    source: options.Source = None,
    output: Annotated[SurvivalForm, typer.Option("--output", "-o", help="Form of the answer.")] = SurvivalForm.TEXT,
    all_nodes: Annotated[bool, typer.Option("--all-nodes", help="Only losses: of every single node.")] = False,
    pairs: Annotated[bool, typer.Option("--pairs", help="Losses of every pair of nodes too.")] = False,
    zones: Annotated[bool, typer.Option("--zones", help="Only losses: of every zone.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Processes; 0 is one per core.", min=0)] = 0,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray", help="Work on this Ray cluster: its address, or 'local' to start one here.", metavar="ADDRESS"
        ),
    ] = None,
) -> None:
    """Disrupt the platform in every way, on the twin.

    Each node drained, each lost, each zone lost, a rolling upgrade, each eviction: the survival score and its single points of failure. --all-nodes, --pairs and --zones
    try those losses alone, for which there is no score. Exits 12 where one node or pod takes a critical or high service below its need.
    """
    from seakeep.app.survive import Extent, survive
    from seakeep.cli import output as outputs
    from seakeep.render.rehearsal.forms import render_survival
    from seakeep.render.safe import line

    form, intent = outputs.default_form(output, call.out), call.intent()
    chosen = all_nodes or pairs or zones
    extent = Extent(standard=not chosen, nodes=all_nodes, zones=zones, pairs=pairs)
    with outputs.Progress(quiet=call.quiet) as progress:
        found = call.read(source, progress)
        value = survive(
            found,
            intent,
            options.today(),
            extent=extent,
            jobs=jobs,
            ray=ray,
            progress=progress,
        )
    text = render_survival(value, form.value, width=outputs.width(), verbose=call.verbose)
    outputs.emit(text, call.out, quiet=call.quiet)
    weak = any(item.criticality in {"critical", "high"} for item in value.points)
    outputs.warn_unsettled(value.unsettled)
    if not value.outcomes:
        lacking = "no node is in a zone (label topology.kubernetes.io/zone)" if zones else "it shows no node with pods"
        say(f"seakeep: nothing was tried on {line(value.source, 100)}: {lacking}")
    whole = value.outcomes and not value.unsettled
    outputs.finish(12 if weak else 0 if whole else outputs.INCOMPLETE, no_exit_code=call.no_exit_code)
