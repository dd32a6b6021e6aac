"""The loop around the machine with a real journal, on the twin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.adapters.journal import Journal, JournalError, open_journal
from seakeep.app import apply as app
from seakeep.app.verify import verify as verified
from seakeep.engine.apply import Options
from seakeep.engine.apply.twin import TwinDriver
from seakeep.model.commands import Action, Command, Event, Failed, Lacking, Preflight, Scored, Why, Write, Written
from seakeep.model.objects import Deployment
from seakeep.model.plan import Plan, identity
from seakeep.model.refs import Ref
from seakeep.model.run import Entry, Run, RunState
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.apply.plans import CANARY, change, content, large, objects, plan, secretive
from tests.twin.builders import node, snapshot

OPTIONS = app.hiding(Options(poll=5.0))


def _nothing(_: str) -> None:
    pass


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return open_journal(str(tmp_path / "journal.db"))


def password(twin: Observed) -> str | None:
    found = twin.state.get(Deployment, "shop", "app-09")
    assert found is not None
    return next(item.value for item in found.spec.template.spec.containers[0].env if item.name == "DB_PASSWORD")


def everything(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


class Refusing(TwinDriver):
    def carry_out(self, command: Command) -> Event:
        if isinstance(command, Write) and not command.dry and command.target.kind == "ConfigMap":
            return Failed(Why.REJECTED, "no")
        return super().carry_out(command)


def test_a_secret_is_put_back_by_the_process_that_took_it_and_never_in_the_journal(
    tmp_path: Path, journal: Journal
) -> None:
    twin, made = secretive()
    found = app.run(made, "run-1", journal, Refusing(twin, from_mapping), OPTIONS, "", _nothing)
    assert found.state is RunState.ROLLED_BACK, found.message
    assert password(twin) == CANARY
    # The plan of this test was made of what no plan file would hold: a snapshot that was not masked.
    journal._database.write([("UPDATE seakeep_runs SET plan = ''", ())])
    journal.close()
    assert b"app-09" in everything(tmp_path)
    entries = everything(tmp_path)
    assert CANARY.encode() not in entries.replace(made_text(made), b"")


def made_text(made: Plan) -> bytes:
    return msgspec.json.encode(made, order="deterministic")


def test_a_secret_that_only_the_journal_could_tell_stops_the_rollback_before_it_writes(journal: Journal) -> None:
    twin, made = secretive()
    driver = TwinDriver(twin, from_mapping)
    assert app.run(made, "run-1", journal, driver, OPTIONS, "", _nothing).state is RunState.DONE
    assert password(twin) in {"", None}
    back = app.run(made, "run-1", journal, driver, OPTIONS, "", _nothing, "asked")
    assert back.state is RunState.FAILED
    assert "env[name=DB_PASSWORD].value of Deployment shop/app-09 held a secret" in back.message
    steps = {step.change: step.state for step in back.steps}
    assert set(steps.values()) == {"applied"}, "nothing was undone"


def test_a_secret_that_somebody_put_in_the_place_of_ours_is_not_told(tmp_path: Path, journal: Journal) -> None:
    """Neither by a rollback that it stops, nor by a comparison, nor in the journal."""
    twin = build(snapshot([node("a", cpu="8"), *objects(each=1)]))
    twin.settle()
    seen = replace(snapshot([]), objects=twin.state.objects())
    target = Ref("ConfigMap", "shop", "config-00")
    made = plan(seen, [("one", [change(seen, target, {"data": {"level": "debug"}})])])
    driver = TwinDriver(twin, from_mapping)
    assert app.run(made, "run-1", journal, driver, OPTIONS, "", _nothing).state is RunState.DONE
    theirs = Write(Action.APPLY, target, "v1", {"data": {"level": f"postgres://u:{CANARY}@db/x"}})
    assert isinstance(driver.carry_out(theirs), Written)
    (difference,) = verified(journal, "run-1", driver).differences
    back = app.run(made, "run-1", journal, driver, OPTIONS, "", _nothing, "asked")
    assert back.state is RunState.FAILED
    for text in (difference.message, back.message):
        assert '"postgres://<redacted>@db/x", not "debug"' in text
    journal.close()
    assert CANARY.encode() not in everything(tmp_path)


class Lacks(TwinDriver):
    def carry_out(self, command: Command) -> Event:
        return (
            Lacking(("patch configmaps in namespace shop",))
            if isinstance(command, Preflight)
            else super().carry_out(command)
        )


def test_missing_rights_are_told_before_anything_is_written(journal: Journal) -> None:
    twin, made = secretive()
    before = content(twin)
    found = app.run(made, "run-1", journal, Lacks(twin, from_mapping), OPTIONS, "", _nothing)
    assert found.state is RunState.REFUSED
    assert "patch configmaps in namespace shop" in found.message
    assert content(twin) == before


def test_nothing_is_sent_that_the_journal_could_not_take(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    twin, made = secretive()
    before, append = content(twin), journal.append

    def full(run: str, entries: Sequence[Entry], at: datetime) -> None:
        if any(entry.kind == "announced" for entry in entries):
            raise JournalError("the disk is full")
        append(run, entries, at)

    monkeypatch.setattr(journal, "append", full)
    found = app.run(made, "run-1", journal, TwinDriver(twin, from_mapping), OPTIONS, "", _nothing)
    assert found.state is RunState.STOPPED
    assert content(twin) == before


def test_a_plan_for_another_cluster_is_refused() -> None:
    _, made = secretive()
    assert "another cluster" in app.objections(replace(made, cluster="a"), "b")
    assert not app.objections(replace(made, cluster="a"), "a")


def test_steps_scores_and_notes(journal: Journal) -> None:
    twin = build(snapshot([node("a", cpu="8"), *objects(each=3)]))
    twin.settle()
    made = large(replace(snapshot([]), objects=twin.state.objects()), each=3)
    made = replace(
        made,
        id=identity(made.cluster, made.waves),
        rehearsal=replace(made.rehearsal, after=replace(made.rehearsal.after, scores={"health": 99.0})),
    )
    driver = TwinDriver(twin, from_mapping, lambda *_: Scored({"health": 90.0, "running": 100.0, "hardening": None}))
    said: list[str] = []
    found: Run = app.run(made, "run-1", journal, driver, OPTIONS, "cluster-1", said.append)
    assert found.state is RunState.DONE
    assert {step.state for step in found.steps} == {"applied"}
    assert found.before["health"] == found.after["health"] == 90.0
    assert found.notes == ("health is 90; the rehearsal said 99",)
    assert "wave 1 of 4 (configuration): started" in said
    assert app.read_run(journal, "run-1").steps == found.steps


class Interrupted(TwinDriver):
    """Ctrl-C before the second wave writes."""

    def carry_out(self, command: Command) -> Event:
        if isinstance(command, Write) and not command.dry and command.target.kind == "Deployment":
            raise KeyboardInterrupt
        return super().carry_out(command)


def test_a_run_that_was_interrupted_goes_on_whatever_the_order_of_fields_in_the_plan_file(journal: Journal) -> None:
    twin = build(snapshot([node("a", cpu="8"), *objects(each=1)]))
    twin.settle()
    seen = replace(snapshot([]), objects=twin.state.objects())
    first = change(seen, Ref("ConfigMap", "shop", "config-00"), {"data": {"level": "debug"}})
    # Fields that are not there yet, in no order: the journal sorts them.
    patch = {"spec": {"template": {"metadata": {"annotations": {"team": "shop", "app": "web"}}}}}
    second = change(seen, Ref("Deployment", "shop", "app-00"), patch, (), "apps/v1")
    made = plan(seen, [("one", [first]), ("two", [second])])
    with pytest.raises(KeyboardInterrupt):
        app.run(made, "run-1", journal, Interrupted(twin, from_mapping), OPTIONS, "", _nothing)
    kept = journal.run("run-1").plan
    assert (kept.changes[1].patch, str(kept.changes[1].patch) == str(patch)) == (patch, False), "another order"
    found = app.run(kept, "run-1", journal, TwinDriver(twin, from_mapping), OPTIONS, "", _nothing)
    assert (found.state, found.message) == (RunState.DONE, "")


def test_a_run_that_another_process_works_on_is_left_alone(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    twin, made = secretive()

    def busy(_: str) -> None:
        raise JournalError("another process is working on run run-1")

    monkeypatch.setattr(journal, "alone", busy)
    with pytest.raises(JournalError, match="another process"):
        app.run(made, "run-1", journal, TwinDriver(twin, from_mapping), OPTIONS, "", _nothing)
    assert password(twin) == CANARY
