"""What a run was begun with is in its journal, and in the commands that history and a cut-off run tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from seakeep.adapters.decode import from_mapping
from seakeep.adapters.journal import Journal, open_journal
from seakeep.app import apply as app
from seakeep.cli.main import app as program
from seakeep.cli.plan import Call, told
from seakeep.cli.told import again, kept, shown, told_of
from seakeep.engine.apply import Options
from seakeep.engine.apply.twin import TwinDriver
from seakeep.model.run import RunState
from seakeep.twin.build import build
from tests.apply.plans import large, objects
from tests.twin.builders import node, snapshot

GIVEN = {
    "--context": "prod",
    "--kubeconfig": "/home/me/my config",
    "--lease-namespace": "ops",
    "--platform": "/srv/platform.yaml",
    "--force-conflicts": True,
    "--gate-timeout": 300.0,
}
TOLD = {"options": GIVEN}


def paused(journal: Journal, options: Options, name: str = "run-1") -> None:
    twin = build(snapshot([node("a", cpu="8"), *objects(each=1)]))
    twin.settle()
    seen = msgspec.structs.replace(snapshot([]), objects=twin.state.objects())
    driver = TwinDriver(twin, from_mapping)
    found = app.run(large(seen, each=1), name, journal, driver, options, "", lambda _: None)
    assert found.state is RunState.PAUSED


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


def history(place: str) -> str:
    return CliRunner().invoke(program, ["history", "run-1", "--journal", place]).stdout


def test_what_follows_a_plan_names_the_cluster_that_it_was_made_for(capsys: pytest.CaptureFixture[str]) -> None:
    call = Call(context="prod", kubeconfig=Path("/home/me/my config"))
    told("wrote plan.yaml", Path("plan.yaml"), call)
    assert capsys.readouterr().err == (
        "wrote plan.yaml\n  seakeep apply plan.yaml --context prod --kubeconfig '/home/me/my config' --dry-run=server\n"
    )


def test_history_tells_the_whole_command(place: str) -> None:
    journal = open_journal(place)
    paused(journal, Options(pause_after="1", told=TOLD))
    assert told_of(journal, "run-1")["options"] == GIVEN
    journal.close()
    assert history(place).endswith(
        f"Go on with:\n  seakeep apply --resume run-1 --journal {place} --context prod --kubeconfig '/home/me/my config'"
        " --lease-namespace ops --platform /srv/platform.yaml --force-conflicts --gate-timeout 300\n"
    )


def test_what_it_goes_on_with_is_kept_once_it_differs(place: str) -> None:
    journal = open_journal(place)
    options = Options(pause_after="1", told=TOLD)
    paused(journal, options)
    kinds = [item.entry.kind for item in journal.entries("run-1")]
    plan = journal.run("run-1").plan
    twin = build(snapshot([node("a", cpu="8"), *objects(each=1)]))
    driver = TwinDriver(twin, from_mapping)

    def resumed(told: dict[str, Any]) -> list[str]:
        app.run(plan, "run-1", journal, driver, replace(options, pause_after="2", told=told), "", lambda _: None)
        return [item.entry.kind for item in journal.entries("run-1")]

    assert kinds.count("begun") == 1
    assert "resumed" not in resumed(TOLD)
    assert resumed({"options": {"--context": "other"}}).count("resumed") == 1
    assert told_of(journal, "run-1")["options"] == {"--context": "other"}
    assert "--resume run-1" not in history(place) or "--context other" in history(place)


def test_a_journal_of_before_is_read_and_says_what_it_knows(place: str) -> None:
    journal = open_journal(place)
    paused(journal, Options(pause_after="1"))
    assert told_of(journal, "run-1").get("options") is None
    journal.close()
    assert history(place).endswith(f"  seakeep apply --resume run-1 --journal {place}\n")


def test_a_rollback_and_a_verify_are_told_only_what_they_take() -> None:
    found = again(GIVEN, "my.db", " --force-conflicts")
    assert found.where == " --journal my.db --context prod --kubeconfig '/home/me/my config'"
    assert (found.lease, found.back) == (" --lease-namespace ops", " --force-conflicts")


def test_a_password_of_the_journal_is_not_told() -> None:
    where = again({}, "postgresql://me:hunter2@db/runs").where
    assert "hunter2" not in where
    assert "@db/runs" in where


@pytest.mark.parametrize(
    ("now", "rest"),
    [
        (
            {},
            "--context prod --kubeconfig '/home/me/my config' --lease-namespace ops --force-conflicts --gate-timeout 300",
        ),
        ({"--context": "other"}, "--lease-namespace ops --force-conflicts --gate-timeout 300"),
        ({**GIVEN, "--gate-timeout": 9.0}, ""),
    ],
)
def test_what_is_not_given_is_as_it_was_begun(now: dict[str, object], rest: str) -> None:
    assert shown(kept({**GIVEN, "--approve": True}, now)) == rest
