"""apply, rollback, history, verify: a plan onto a cluster, and back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from seakeep.cli import completing, options
from seakeep.cli.applying import Applying
from seakeep.cli.light import LightCommand
from seakeep.cli.options import BriefForm
from seakeep.cli.sharing import sharing
from seakeep.cli.writing import Keeping, Reaching, Writing

if TYPE_CHECKING:
    from seakeep.model.again import Again
    from seakeep.model.run import Run

REFUSED, ROLLED_BACK, DIFFERENT = 20, 21, 12


class HistoryForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


class DryRun(StrEnum):
    SERVER = "server"
    TWIN = "twin"


Force = Annotated[
    bool,
    typer.Option("--force-conflicts", help="Take over fields that other managers own, or have changed since."),
]
RunName = Annotated[
    str, typer.Argument(help="The run, as `seakeep history` names it.", metavar="RUN", autocompletion=completing.runs)
]


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep apply plan.yaml --dry-run=server",
            "seakeep apply plan.yaml --yes",
            "seakeep apply plan.yaml --pause-after 1",
            "seakeep apply --resume RUN",
        ),
    )(apply)
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep rollback RUN",
            "seakeep rollback RUN --yes -o json",
        ),
    )(rollback)
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep history",
            "seakeep history RUN",
            "seakeep history RUN -o jsonl",
        ),
    )(history)
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep verify RUN",
            "seakeep verify RUN -o json",
        ),
    )(verify)


@sharing
def apply(
    call: Applying,
    plan: Annotated[
        Path | None, typer.Argument(help="A plan file of `seakeep plan --out`.", show_default=False, metavar="PLAN")
    ] = None,
    output: options.BriefAnswer = BriefForm.TEXT,
    dry_run: Annotated[
        DryRun | None,
        typer.Option(
            "--dry-run",
            help="server: the API server judges every write, and keeps none. twin: the whole run is rehearsed.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", help="For --dry-run=twin: a dump or snapshot instead of the cluster.", metavar="SOURCE"
        ),
    ] = None,
    pause_after: Annotated[
        str, typer.Option("--pause-after", help="Stop after this wave: its name, or its number from 1.", metavar="WAVE")
    ] = "",
    approve: Annotated[bool, typer.Option("--approve", help="Ask before each wave.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the first write.")] = False,
    force_conflicts: Force = False,
    resume: Annotated[
        str,
        typer.Option(
            "--resume",
            help="Go on with a run that was paused, stopped or cut off, as it was begun.",
            metavar="RUN",
            autocompletion=completing.runs,
        ),
    ] = "",
    no_rollback: Annotated[
        bool, typer.Option("--no-rollback", help="Where a change or a gate fails, leave what was written.")
    ] = False,
    gate_timeout: Annotated[
        float | None,
        typer.Option("--gate-timeout", help="Seconds that a wave may take to get well. Default: 600.", min=1),
    ] = None,
) -> None:
    """Apply a plan in waves, each behind a gate.

    Before anything is written: your rights, the state that the plan was made from, and the server's own dry run of every write. Each write is in the journal before it is sent. Where a change or a
    gate fails, what was written is undone. Exits 20 where the plan is refused, 21 where it was rolled back, 1 where it stopped or failed.
    """
    from seakeep.adapters.errors import UsageError
    from seakeep.engine.apply import Options
    from seakeep.render.run.following import following_dry

    if bool(plan) == bool(resume):
        raise UsageError("name either a plan file or --resume RUN", "seakeep apply plan.yaml, or seakeep history.")
    if source is not None and dry_run is not DryRun.TWIN:
        raise UsageError("--source is for a dry run on the twin", "Add --dry-run=twin, or leave --source out.")
    wanted = Options(
        approve=approve,
        pause_after=pause_after,
        force_conflicts=force_conflicts,
        rollback_on_failure=not no_rollback,
        gate_timeout=gate_timeout or Options().gate_timeout,
    )
    if plan is None:
        if dry_run is not None:
            raise UsageError("a dry run needs a plan file", "seakeep history RUN tells where a run stands.")
        _finish(*call.resume(resume, wanted, asked=yes, timed=gate_timeout is not None), output)
    if dry_run is None:
        _finish(*call.begin(plan, wanted, asked=yes), output)
    twin = dry_run is DryRun.TWIN
    found, again = call.on_twin(plan, source, wanted) if twin else call.on_server(plan, wanted)
    _finish(found, again, output, following_dry(found.state, shlex.quote(str(plan)), again, judged=not twin))


@sharing
def rollback(
    call: Writing,
    run: RunName,
    output: options.BriefAnswer = BriefForm.TEXT,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the first write.")] = False,
    force_conflicts: Force = False,
) -> None:
    """Undo a run: the latest change first, each field to what it was.

    Stops, before anything is written, where somebody has changed one of those fields since, and names the field and its manager. Exits 21 where the run was rolled back.
    """
    from seakeep.engine.apply import Options
    from seakeep.render.run import text as render
    from seakeep.render.run.following import following

    found, again = call.back(run, Options(undo_over_others=force_conflicts), asked=yes, undo=render.ASKED)
    _finish(found, again, output, following(found.state, found.id, again, back=True))


@sharing
def history(
    call: Keeping,
    run: Annotated[
        str | None,
        typer.Argument(
            help="One run; all of them where none is named.",
            show_default=False,
            metavar="RUN",
            autocompletion=completing.runs,
        ),
    ] = None,
    output: Annotated[
        HistoryForm, typer.Option("--output", "-o", help="Form of the answer; jsonl is the journal itself.")
    ] = HistoryForm.TEXT,
) -> None:
    """List runs, or the steps of one, from the journal. Each entry's hash is checked."""
    from seakeep.app.apply import read_run
    from seakeep.cli import output as outputs
    from seakeep.cli.told import again, told_of
    from seakeep.render.run import text as render

    with call.opened() as journal:
        names = [run] if run else [row.id for row in journal.runs()]
        found = [read_run(journal, name) for name in names]
        if output is HistoryForm.JSONL:
            text = "".join(render.entries_jsonl(journal.entries(name)) for name in names)
        elif output is HistoryForm.JSON:
            text = render.as_json(render.run_wire(found[0]) if run else [render.run_wire(item) for item in found])
        else:
            text = (
                render.steps_text(
                    found[0],
                    width=outputs.line_length(),
                    again=again(told_of(journal, run).get("options", {}), call.journal),
                )
                if run
                else render.history_text(found)
            )
    outputs.emit(text, None)


@sharing
def verify(call: Reaching, run: RunName, output: options.BriefAnswer = BriefForm.TEXT) -> None:
    """Compare the cluster with what a run wrote.

    Every field, and whether each object is well. Exits 12 where something differs.
    """
    from seakeep.app.verify import verify as verified
    from seakeep.cli import output as outputs
    from seakeep.cli.told import kept, told_of
    from seakeep.cli.writing import unscored
    from seakeep.render.run import text as render

    with call.opened() as journal:
        journal.run(run)  # before a cluster is looked for: a name mistyped is told as that
        before = kept(
            told_of(journal, run).get("options", {}), {"--context": call.context, "--kubeconfig": call.kubeconfig}
        )
        with call.placed(before).target() as target:
            value = verified(journal, run, target.driver(run, "", unscored, lambda _: None))
    if output is BriefForm.JSON:
        text = render.as_json(render.verification_wire(value))
    else:
        text = render.verification_text(value, width=outputs.line_length())
    outputs.emit(text, None)
    outputs.finish(DIFFERENT if value.differences else 0, no_exit_code=False)


def _finish(found: Run, again: Again, output: BriefForm, rest: Sequence[str] | None = None) -> NoReturn:
    """`rest` says what comes next where the run does not."""
    from seakeep.cli import output as outputs
    from seakeep.model.run import RunState
    from seakeep.render.run import text as render
    from seakeep.render.run.following import following

    if output is BriefForm.JSON:
        text = render.as_json(render.run_wire(found))
    else:
        begun = found.begun_at is not None
        rows = rest if rest is not None else following(found.state, found.id, again) if begun else ()
        text = render.run_text(found, width=outputs.line_length(), rest=rows)
    outputs.emit(text, None)
    codes = {RunState.DONE: 0, RunState.PAUSED: 0, RunState.REFUSED: REFUSED, RunState.ROLLED_BACK: ROLLED_BACK}
    raise typer.Exit(codes.get(found.state, 1))
