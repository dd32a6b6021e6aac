"""apply's own: by which platform.yaml it goes, on what it writes, and what the journal keeps of how it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seakeep.cli import options
from seakeep.cli.declared import Declared, declared, of_run
from seakeep.cli.told import again, kept, shown, told_of
from seakeep.cli.writing import Writing, absolute, unscored

if TYPE_CHECKING:
    from seakeep.adapters.journal import Journal, Row
    from seakeep.engine.apply import Options
    from seakeep.model.again import Again
    from seakeep.model.commands import Score, Scored
    from seakeep.model.plan import Plan
    from seakeep.model.run import Run
    from seakeep.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Applying(Writing):
    platform: Annotated[
        Path | None,
        typer.Option(
            "--platform",
            "-p",
            help="platform.yaml: criticality, intended replicas, targets, waivers. Default: the one that the plan was made with.",
            dir_okay=False,
        ),
    ] = None
    no_scores: Annotated[
        bool,
        typer.Option(
            "--no-scores",
            help="Do not observe the whole cluster between waves: gates then go by the changed objects alone.",
        ),
    ] = False

    def begin(self, path: Path, wanted: Options, *, asked: bool) -> tuple[Run, Again]:
        from seakeep.adapters.plan_file import read_plan_file

        plan, made = read_plan_file(path)
        found = declared(self.platform, made, path)
        with self.opened(written=False) as journal:
            return self.go_on(journal, plan, None, found, wanted, asked=asked)

    def resume(self, name: str, wanted: Options, *, asked: bool, timed: bool) -> tuple[Run, Again]:
        """As it was begun, in what is not given otherwise; `timed`: a gate's time is given."""
        from seakeep.app.apply import read_run
        from seakeep.model.run import ENDS

        with self.opened() as journal:
            row = journal.run(name)  # before a cluster is looked for: a name mistyped is told as that
            told, run = told_of(journal, name), read_run(journal, name)
            if run.state in ENDS:
                self.say("it has ended: there is nothing to go on with")
                return run, again(told.get("options", {}), self.journal)
            found = of_run(self.platform, told)
            given = kept(told.get("options", {}), {**self._given(wanted, found), "--gate-timeout": timed})
            if given:
                self.say(f"as it was begun: {shown(given)}")
            call = replace(self.begun(given), no_scores=self.no_scores or "--no-scores" in given)
            wanted = replace(
                wanted,
                force_conflicts=wanted.force_conflicts or "--force-conflicts" in given,
                rollback_on_failure=wanted.rollback_on_failure and "--no-rollback" not in given,
                gate_timeout=given.get("--gate-timeout", wanted.gate_timeout),
            )
            return call.go_on(journal, row.plan, row, found, wanted, asked=asked)

    def go_on(
        self, journal: Journal, plan: Plan, row: Row | None, found: Declared, wanted: Options, *, asked: bool
    ) -> tuple[Run, Again]:
        from seakeep.engine.apply.ledger import Ledger

        recorded = journal.entries(row.id) if row is not None else ()
        _check_pause(plan, wanted.pause_after, Ledger.of(item.entry for item in recorded).passed)
        self._note(found)
        given = self._given(wanted, found)
        next_ = again(given, self.journal)
        wanted = self._kept(wanted, found, given)
        return self.carry(journal, plan, row, wanted, next_, asked=asked, scores=self._scores(found)), next_

    def on_twin(self, path: Path, source: str | None, wanted: Options) -> tuple[Run, Again]:
        from seakeep.adapters.plan_file import read_plan_file
        from seakeep.app import apply as app

        plan, made = read_plan_file(path)
        found = declared(self.platform, made, path)
        self._note(found)
        given = self._given(wanted, found)
        _check_pause(plan, wanted.pause_after, lambda _: False)
        intent, snapshot = found.intent(), self._observe(found, source)
        objection = app.objections(plan, app.cluster_of(snapshot))
        if objection:
            return app.refused(plan, app.DRY, objection), again(given, self.journal)
        wanted = self._kept(wanted, found, given)
        run = app.on_twin(plan, snapshot, intent, options.today(), wanted, self.say)
        return run, again(given, self.journal)

    def on_server(self, path: Path, wanted: Options) -> tuple[Run, Again]:
        from seakeep.adapters.kube.drive import DryRunDriver
        from seakeep.adapters.plan_file import read_plan_file
        from seakeep.app import apply as app

        plan, made = read_plan_file(path)
        _check_pause(plan, wanted.pause_after, lambda _: False)
        next_ = again(self._given(wanted, declared(self.platform, made, path)), self.journal)
        with self.target() as target:
            objection = app.objections(plan, target.cluster)
            if objection:
                return app.refused(plan, app.DRY, objection), next_
            driver = DryRunDriver(target.driver(app.DRY, "", unscored, lambda _: True))
            return app.rehearse_run(plan, driver, wanted, self.say), next_

    def _note(self, found: Declared) -> None:
        for text in () if self.no_scores else found.otherwise:
            self.say(f"note: {text}")

    def _given(self, wanted: Options, found: Declared) -> dict[str, Any]:
        usual = type(wanted)().gate_timeout
        return {
            **self.where(),
            "--platform": "" if self.no_scores else str(found.path or ""),
            "--no-scores": self.no_scores,
            "--force-conflicts": wanted.force_conflicts,
            "--no-rollback": not wanted.rollback_on_failure,
            "--approve": wanted.approve,
            "--gate-timeout": wanted.gate_timeout if wanted.gate_timeout != usual else 0.0,
        }

    def _kept(self, wanted: Options, found: Declared, given: dict[str, Any]) -> Options:
        lists = {"namespaces": list(found.namespaces), "otherwise": list(found.otherwise)}
        return replace(
            wanted, told={"options": absolute(given), **{name: some for name, some in lists.items() if some}}
        )

    def _observe(self, found: Declared, source: str | None = None) -> Snapshot:
        from seakeep.adapters.open import open_source

        only = found.namespaces if source is None else ()
        return open_source(source, context=self.context, kubeconfig=self.kubeconfig, namespaces=only, logs=False)

    def _scores(self, found: Declared) -> Callable[[Score], Scored]:
        from seakeep.app.apply import scores

        if self.no_scores:
            return unscored
        intent = found.intent()
        return lambda _: scores(lambda: self._observe(found), intent, options.today())


def _check_pause(plan: Plan, wave: str, passed: Callable[[str], bool]) -> None:
    """A slip in the name of the wave would otherwise run them all."""
    from seakeep.adapters.errors import UsageError

    numbers = {
        key: str(number) for number, item in reversed([*enumerate(plan.waves, 1)]) for key in (item.name, str(number))
    }
    if wave and wave not in numbers:
        names = ", ".join(f"{number} ({item.name})" for number, item in enumerate(plan.waves, 1))
        raise UsageError(
            f"the plan has no wave {wave} to pause after", f"Its waves: {names}." if names else "It has none."
        )
    if wave and passed(numbers[wave]):
        raise UsageError(f"wave {wave} is behind this run already", "Name one that is still to come, or none.")
