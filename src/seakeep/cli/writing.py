"""What the commands that write share: the journal, the cluster, the lease, and who is asked."""

from __future__ import annotations

import shlex
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seakeep.cli import options

if TYPE_CHECKING:
    from seakeep.adapters.journal import Journal
    from seakeep.adapters.kube.writing import Target
    from seakeep.engine.apply import Options
    from seakeep.model.commands import Ask, Score, Scored
    from seakeep.model.plan import Plan
    from seakeep.model.platform import Intent
    from seakeep.model.run import Run
    from seakeep.model.snapshot import Snapshot
    from seakeep.render.run.text import Again


_RISKS = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True)
class Writing:
    context: options.Context = None
    kubeconfig: options.Kubeconfig = None
    journal: Annotated[
        str | None,
        typer.Option(
            "--journal",
            help="The journal: a file, or postgresql://… (extra `postgres`). Default: seakeep/journal.db in the user's state folder.",
            metavar="PATH|URL",
        ),
    ] = None
    lease_namespace: Annotated[
        str,
        typer.Option(
            "--lease-namespace",
            help="Where the Lease is kept. Default: `seakeep`, else the context's own.",
            metavar="NAME",
        ),
    ] = ""
    platform: options.PlatformFile = None
    no_scores: Annotated[
        bool,
        typer.Option(
            "--no-scores",
            help="Do not observe the whole cluster between waves: gates then go by the changed objects alone.",
        ),
    ] = False
    quiet: options.Quiet = False
    verbose: options.Tracebacks = False

    def opened(self, *, written: bool = True) -> AbstractContextManager[Journal]:
        """`written`: by an earlier run. A journal that is only asked is not made, where its name is a slip."""
        from seakeep.adapters.errors import UsageError
        from seakeep.adapters.journal import open_journal

        if written and self.journal and "://" not in self.journal and not Path(self.journal).expanduser().exists():
            raise UsageError(f"there is no journal {self.journal}", "Name the one that `seakeep apply` was given.")
        return closing(open_journal(self.journal))

    @contextmanager
    def target(self) -> Iterator[Target]:
        from seakeep.adapters.kube.writing import connect_for_writing

        found = connect_for_writing(self.context, self.kubeconfig)
        try:
            yield found
        finally:
            found.close()

    def apply(self, plan: Plan | None, resume: str, wanted: Options, *, asked: bool, undo: str = "") -> Run:
        from datetime import UTC, datetime

        from seakeep.app import apply as app
        from seakeep.model.run import RunState
        from seakeep.render.run.text import following

        with self.opened(written=bool(resume)) as journal:
            # Before a cluster is looked for: a name mistyped is told as that.
            row = journal.run(resume) if resume else None
            chosen = row.plan if row is not None else plan
            assert chosen is not None  # noqa: S101 - one of both is named
            with self.target() as target:
                if row is not None and row.cluster and target.cluster and row.cluster != target.cluster:
                    return app.refused(chosen, resume, "it is a run on another cluster: choose its --context")
                objection = app.objections(chosen, target.cluster) if row is None else ""
                name = resume or app.new_run(chosen, datetime.now(UTC))
                if objection:
                    return app.refused(chosen, name, objection)
                _confirm(chosen, target.name, asked=asked, undo=bool(undo))
                driver = target.driver(name, self.lease_namespace, self._scores(), _approve)
                self._say(f"run {name}")
                # `kill` says what comes next too, as Ctrl-C does.
                signal.signal(signal.SIGTERM, signal.default_int_handler)
                try:
                    return app.run(chosen, name, journal, driver, app.hiding(wanted), target.cluster, self._say, undo)
                except KeyboardInterrupt:
                    rows = following(RunState.ROLLING_BACK if undo else RunState.RUNNING, name, self.again(wanted))
                    typer.echo("\n".join(rows), err=True)
                    raise

    def again(self, wanted: Options) -> Again:
        """What a command that goes on must be told again: where the run is, and what it may do."""
        from seakeep.render.run.text import Again

        places = {
            "--journal": self.journal,
            "--context": self.context,
            "--kubeconfig": self.kubeconfig,
            "--lease-namespace": self.lease_namespace,
            "--platform": self.platform,
        }
        where = "".join(f" {name} {shlex.quote(str(value))}" for name, value in places.items() if value)
        where += " --no-scores" * self.no_scores
        how = " --force-conflicts" * wanted.force_conflicts + " --no-rollback" * (not wanted.rollback_on_failure)
        how += " --approve" * wanted.approve
        if wanted.gate_timeout != type(wanted)().gate_timeout:
            how += f" --gate-timeout {wanted.gate_timeout:g}"
        return Again(where, how)

    def on_twin(self, plan: Plan, source: str | None, wanted: Options) -> Run:
        from seakeep.app import apply as app

        snapshot = self._observe(source)
        objection = app.objections(plan, app.cluster_of(snapshot))
        if objection:
            return app.refused(plan, app.DRY, objection)
        return app.on_twin(plan, snapshot, self._intent(), options.today(), wanted, self._say)

    def dry(self, plan: Plan, wanted: Options) -> Run:
        from seakeep.adapters.kube.drive import DryRunDriver
        from seakeep.app import apply as app

        with self.target() as target:
            objection = app.objections(plan, target.cluster)
            if objection:
                return app.refused(plan, app.DRY, objection)
            driver = DryRunDriver(target.driver(app.DRY, "", _unscored, lambda _: True))
            return app.rehearse_run(plan, driver, wanted, self._say)

    def _say(self, text: str) -> None:
        if not self.quiet:
            typer.echo(text, err=True)

    def _intent(self) -> Intent:
        return options.intent_of(self.platform)

    def _observe(self, source: str | None = None) -> Snapshot:
        from seakeep.adapters.open import open_source

        return open_source(source, context=self.context, kubeconfig=self.kubeconfig, logs=False)

    def _scores(self) -> Callable[[Score], Scored]:
        from seakeep.app.apply import scores

        if self.no_scores:
            return _unscored
        intent = self._intent()
        return lambda _: scores(self._observe, intent, options.today())


def _unscored(_: Score) -> Scored:
    from seakeep.model.commands import Scored

    return Scored()


def _confirm(plan: Plan, context: str, *, asked: bool, undo: bool) -> None:
    """Nothing is written to a cluster without a yes."""
    from seakeep.adapters.errors import UsageError

    if asked:
        return
    risks = Counter(change.risk.value for change in plan.changes)
    told = ", ".join(
        f"{count} of {risk} risk" for risk, count in sorted(risks.items(), key=lambda item: _RISKS[item[0]])
    )
    act = "Undo what this run wrote to" if undo else f"Write {len(plan.changes)} changes ({told}) to"
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", "Say --yes to write without being asked.")
    if not typer.confirm(f"{act} cluster {context}?", err=True):
        typer.echo("Nothing was written.", err=True)
        raise typer.Exit(1)


def _approve(question: Ask) -> bool | None:
    if not sys.stdin.isatty():
        return None
    for change in question.changes:
        typer.echo(f"  {change.id} ({change.risk})", err=True)
    return typer.confirm(f"Begin wave {question.wave}?", err=True)
