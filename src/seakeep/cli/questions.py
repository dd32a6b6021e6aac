"""rehearse schedule, rehearse reach: questions that the twin answers without playing anything."""

from __future__ import annotations

from typing import Annotated

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.options import BriefForm
from seakeep.cli.sharing import sharing


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep rehearse schedule",
            "seakeep rehearse schedule dump.json -o json",
            "seakeep rehearse schedule --stream -o json",
        ),
    )(schedule)
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep rehearse reach dump.json --from Deployment/shop/web --to db:5432",
            "seakeep rehearse reach --from Pod/shop/web-0 --to db:5432/UDP --lost node-1",
        ),
    )(reach)


@sharing
def schedule(
    reading: options.Reading,
    source: options.Source = None,
    output: options.BriefAnswer = BriefForm.TEXT,
    stream: Annotated[
        bool, typer.Option("--stream", help="Read a v1 List as JSON per line from stdin; write an answer per line.")
    ] = False,
    out: options.Out = None,
    verbose: options.Tracebacks = False,
) -> None:
    """Judge each pending pod alone, as kube-scheduler would.

    Which nodes could take it, why the others could not, and (as json) each plugin's weighted score.
    """
    del verbose
    import sys

    from seakeep.adapters.errors import UsageError
    from seakeep.app.rehearse import schedule as judged
    from seakeep.app.rehearse import schedule_stream
    from seakeep.cli.output import Progress, default_form, emit, reader_gone
    from seakeep.render.rehearsal.placements import placements_text
    from seakeep.render.safe import json_line, json_text

    if stream:
        if source is not None or out is not None:
            raise UsageError("--stream reads stdin and writes stdout", "Leave SOURCE and --out away.")
        try:
            for answer in schedule_stream(sys.stdin.buffer):
                sys.stdout.buffer.write(json_line(answer).encode())
                sys.stdout.buffer.flush()
        except BrokenPipeError:
            reader_gone()
        return
    form = default_form(output, out)
    with Progress(quiet=reading.quiet) as progress:
        found = reading.read(source, progress)
        progress("Judging pending pods")
        placements = judged(found)
    emit(
        json_text(placements) if form is BriefForm.JSON else placements_text(placements),
        out,
        quiet=reading.quiet,
    )


@sharing
def reach(
    reading: options.Reading,
    source: options.Source = None,
    start: Annotated[
        str, typer.Option("--from", metavar="END", help="Pod/namespace/name, a workload (Deployment/…), or Node/name.")
    ] = ...,  # type: ignore[assignment]  # typer's mark for an option that must be given
    target: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="HOST:PORT",
            help="A name as the pod would use it, or an address; /UDP or /SCTP after the port for other protocols than TCP. Pod/namespace/name:PORT and Service/namespace/name:PORT go without DNS.",
        ),
    ] = ...,  # type: ignore[assignment]
    pairs: Annotated[
        list[str] | None,
        typer.Option("--broken", metavar="NODE,NODE", help="Nothing passes between two nodes (repeatable)."),
    ] = None,
    lost: Annotated[list[str] | None, typer.Option("--lost", metavar="NODE", help="A lost node (repeatable).")] = None,
    no_proxy: Annotated[
        list[str] | None, typer.Option("--no-proxy", metavar="NODE", help="kube-proxy is down there (repeatable).")
    ] = None,
    no_cni: Annotated[
        list[str] | None, typer.Option("--no-cni", metavar="NODE", help="Pods have no network there (repeatable).")
    ] = None,
    output: options.BriefAnswer = BriefForm.TEXT,
    out: options.Out = None,
    no_exit_code: options.NoExitCode = False,
    verbose: options.Tracebacks = False,
) -> None:
    """Ask whether one end reaches another on a port.

    And if not, which object says so: by names, Services, endpoints, policies, and what is broken between nodes. Exits 0 where it can, 11 where some connections fail, 12 where it cannot, 3 where that depends on what was not seen.
    """
    del verbose
    from seakeep.app.reach import AddressError, ask, exit_code, pair
    from seakeep.cli.output import Progress, default_form, emit, finish, width
    from seakeep.render.rehearsal.reachability import reachability_text
    from seakeep.render.safe import json_text
    from seakeep.twin.network.faults import Faults
    from seakeep.twin.network.sources import SourceUnknownError

    form = default_form(output, out)
    try:
        broken = frozenset(pair(item) for item in pairs or ())
        faults = Faults(broken, frozenset(lost or ()), frozenset(no_proxy or ()), frozenset(no_cni or ()))
        with Progress(quiet=reading.quiet) as progress:
            found = reading.read(source, progress)
            answer = ask(found, start, target, faults)
    except (AddressError, SourceUnknownError) as error:
        raise typer.BadParameter(str(error)) from error
    text = json_text(answer) if form is BriefForm.JSON else reachability_text(answer, width=width())
    emit(text, out, quiet=reading.quiet)
    finish(exit_code(answer.verdict), no_exit_code=no_exit_code)
