"""What the commands that write share: the journal, the cluster, the lease, and who is asked."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from seakeep.cli import options
from seakeep.cli.saying import say
from seakeep.cli.told import again
from seakeep.render.safe import line

if TYPE_CHECKING:
    from seakeep.adapters.journal import Journal, Row
    from seakeep.adapters.kube.writing import Target
    from seakeep.engine.apply import Options
    from seakeep.model.again import Again
    from seakeep.model.commands import Ask, Score, Scored
    from seakeep.model.plan import Plan, Planned
    from seakeep.model.run import Run

_RISKS = {"low": 0, "medium": 1, "high": 2}
# Of a change, before it is approved.
_RULES = 2


@dataclass(frozen=True, slots=True)
class Keeping:
    """A journal, and no cluster."""

    journal: Annotated[
        str | None,
        typer.Option(
            "--journal",
            help="The journal: a file, or postgresql://… (extra `postgres`). Default: seakeep/journal.db in the user's state folder.",
            metavar="PATH|URL",
        ),
    ] = None
    quiet: options.Quiet = False
    verbose: options.Tracebacks = False

    def opened(self, *, written: bool = True) -> AbstractContextManager[Journal]:
        """`written`: by an earlier run. A journal that is only asked is not made, where its name is a slip."""
        from seakeep.adapters.errors import UsageError
        from seakeep.adapters.journal import open_journal

        if written and self.journal and "://" not in self.journal and not Path(self.journal).expanduser().exists():
            raise UsageError(f"there is no journal {self.journal}", "Name the one that `seakeep apply` was given.")
        return closing(open_journal(self.journal))


@dataclass(frozen=True, slots=True)
class Reaching(Keeping):
    """A journal, and the cluster of its runs."""

    context: Annotated[
        str | None, typer.Option("--context", help="Kube context; the current one where none is named.", metavar="NAME")
    ] = None
    kubeconfig: Annotated[Path | None, typer.Option("--kubeconfig", help="Kubeconfig file.", dir_okay=False)] = None

    def placed(self, given: Mapping[str, Any]) -> Self:
        """On the cluster of a run that was begun with these options, unless another is named."""
        file = given.get("--kubeconfig")
        return replace(
            self,
            context=self.context or given.get("--context"),
            kubeconfig=self.kubeconfig or (Path(file) if file else None),
        )

    @contextmanager
    def target(self) -> Iterator[Target]:
        from seakeep.adapters.kube.writing import connect_for_writing

        found = connect_for_writing(self.context, self.kubeconfig)
        try:
            yield found
        finally:
            found.close()


@dataclass(frozen=True, slots=True)
class Writing(Reaching):
    lease_namespace: Annotated[
        str,
        typer.Option(
            "--lease-namespace",
            help="Where the Lease is kept. Default: `seakeep`, else the context's own.",
            metavar="NAME",
        ),
    ] = ""

    def say(self, text: str) -> None:
        if not self.quiet:
            indent = text[: len(text) - len(text.lstrip(" "))]
            say(f"{indent}{line(text)}")

    def where(self) -> dict[str, Any]:
        """The options that a command which follows must be given again, by name."""
        return {
            "--context": self.context,
            "--kubeconfig": str(self.kubeconfig or ""),
            "--lease-namespace": self.lease_namespace,
        }

    def carry(
        self,
        journal: Journal,
        plan: Plan,
        row: Row | None,
        wanted: Options,
        next_: Again,
        *,
        asked: bool,
        undo: str = "",
        scores: Callable[[Score], Scored] | None = None,
    ) -> Run:
        """Begins a run of the plan, or goes on with the one of the journal's `row`: back where `undo` says why."""
        from datetime import UTC, datetime

        from seakeep.app import apply as app
        from seakeep.engine.apply.ledger import Ledger
        from seakeep.model.run import RunState
        from seakeep.render.run.following import following

        name = row.id if row is not None else app.new_run(plan, datetime.now(UTC))
        with self.target() as target:
            if row is None:
                objection = app.objections(plan, target.cluster)
            else:
                other = row.cluster and target.cluster and row.cluster != target.cluster
                objection = "it is a run on another cluster: choose its --context" if other else ""
            if objection:
                return app.refused(plan, name, objection)
            ledger = Ledger.of(item.entry for item in journal.entries(name)) if row is not None else Ledger()
            open_ = {item.change for item in ledger.to_undo}
            _confirm(
                [item for item in plan.changes if (item.id in open_) == bool(undo)],
                target.name,
                asked=asked,
                undo=bool(undo),
            )
            driver = target.driver(name, self.lease_namespace, scores or unscored, _approve)
            self.say(f"run {name}")
            # `kill` says what comes next too, as Ctrl-C does.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            try:
                return app.run(plan, name, journal, driver, app.hiding(wanted), target.cluster, self.say, undo)
            except KeyboardInterrupt:
                rows = following(RunState.ROLLING_BACK if undo else RunState.RUNNING, name, next_)
                say("\n".join(rows))
                raise

    def back(self, run: str, wanted: Options, *, asked: bool, undo: str) -> tuple[Run, Again]:
        """Takes a run back; how it was begun is in the journal."""
        from seakeep.app.apply import read_run
        from seakeep.cli.told import kept, told_of
        from seakeep.engine.apply.ledger import Ledger
        from seakeep.model.run import RunState

        with self.opened() as journal:
            row = journal.run(run)  # before a cluster is looked for: a name mistyped is told as that
            ledger = Ledger.of(item.entry for item in journal.entries(run))
            before = told_of(journal, run).get("options", {})
            if not ledger.to_undo and ledger.state in {RunState.ROLLED_BACK, RunState.REFUSED}:
                self.say("nothing stands that it wrote")
                return read_run(journal, run), again(before, self.journal)
            call = self.begun(kept(before, self.where()))
            given = {**before, **{name: value for name, value in call.where().items() if value}}
            next_ = again(given, self.journal, " --force-conflicts" * wanted.undo_over_others)
            return call.carry(journal, row.plan, row, wanted, next_, asked=asked, undo=undo), next_

    def begun(self, given: Mapping[str, Any]) -> Self:
        """As the run was begun, in what is not given otherwise."""
        lease = self.lease_namespace or given.get("--lease-namespace", "")
        return replace(self.placed(given), lease_namespace=lease)


def unscored(_: Score) -> Scored:
    from seakeep.model.commands import Scored

    return Scored()


def absolute(given: Mapping[str, Any]) -> dict[str, Any]:
    """As whoever goes on from another folder needs it."""
    files = {"--kubeconfig", "--platform"}
    return {
        name: str(Path(value).expanduser().resolve()) if name in files else value
        for name, value in given.items()
        if value
    }


def _confirm(changes: Sequence[Planned], context: str, *, asked: bool, undo: bool) -> None:
    """Nothing is written to a cluster without a yes."""
    from seakeep.adapters.errors import UsageError
    from seakeep.render.figures import counted

    if asked:
        return
    risks = Counter(change.risk.value for change in changes)
    told = ", ".join(
        f"{count} of {risk} risk" for risk, count in sorted(risks.items(), key=lambda item: _RISKS[item[0]])
    )
    many = counted(len(changes), "change")
    act = f"Undo {many} on" if undo else f"Write {many}{f' ({told})' if told else ''} to"
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", "Say --yes to write without being asked.")
    try:
        yes = typer.confirm(f"{act} cluster {line(context)}?", err=True)
    except typer.Abort:  # Ctrl-C, or the end of what is typed
        say("")
        yes = False
    if not yes:
        say("Nothing was written.")
        raise typer.Exit(1)


def _approve(question: Ask) -> bool | None:
    if not sys.stdin.isatty():
        return None
    for change in question.changes:
        rules = [reason.rule for reason in change.reasons]
        more = f" and {len(rules) - _RULES} more" if len(rules) > _RULES else ""
        say(f"  {line(change.id)}  {change.risk} risk: {', '.join(rules[:_RULES])}{more}")
    try:
        return typer.confirm(f"Begin wave {line(question.wave)}?", err=True)
    except typer.Abort as error:
        say("")
        if isinstance(error.__context__, EOFError):
            return None
        raise KeyboardInterrupt from error
