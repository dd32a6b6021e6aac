"""By which platform.yaml a run goes: scores are those that the plan foretold, or it is said why not."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from seakeep.adapters.files import skz
from seakeep.adapters.plan_file import read_plan_file
from seakeep.adapters.plan_types import PlanMadeWith
from seakeep.cli.declared import Declared, declared, of_run
from seakeep.cli.main import app
from tests.apply.plans import objects
from tests.twin.builders import node, snapshot

PLATFORM = """\
apiVersion: seakeep/v1
services:
  - {id: shop, namespace: shop, criticality: critical, workloads: [Deployment/shop/app-00], intended: {Deployment/shop/app-00: 4}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A snapshot, and in `made` a platform.yaml that wants more than is there, with a plan made by it."""
    skz.write(snapshot([node("a", cpu="8"), *objects(each=3)]), tmp_path / "cluster.skz")
    made = tmp_path / "made"
    made.mkdir()
    (made / "platform.yaml").write_text(PLATFORM)
    planned = call(made, "plan", "../cluster.skz", "--out", "plan.yaml", "-q")
    assert planned.exit_code == 0, planned.output
    return tmp_path


def call(cwd: Path, *args: str) -> Result:
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, list(args))


def scores(found: Result) -> tuple[Any, Any, list[str]]:
    run = json.loads(found.stdout)
    return run["before"]["health"], run["after"]["health"], run["notes"]


def applied(cwd: Path, plan: str, *more: str) -> Result:
    source = "../cluster.skz" if cwd.name in {"made", "else"} else "cluster.skz"
    return call(cwd, "apply", plan, "--dry-run=twin", "--source", source, "-o", "json", *more)


def test_a_plan_goes_by_the_file_that_it_was_made_with(folder: Path) -> None:
    plan, made = read_plan_file(folder / "made" / "plan.yaml")
    assert made is not None
    assert (made.platform, len(made.digest)) == ("platform.yaml", 16)
    foretold = plan.rehearsal.before.scores["health"]
    assert foretold is not None
    assert foretold < 100
    for cwd, path in ((folder / "made", "plan.yaml"), (folder, "made/plan.yaml")):
        found = applied(cwd, path)
        assert scores(found)[0] == foretold, found.output
        assert "note:" not in found.stderr


def test_where_it_is_gone_that_is_said_at_the_start_and_beside_the_scores(folder: Path) -> None:
    (folder / "made" / "platform.yaml").unlink()
    found = applied(folder / "made", "plan.yaml")
    before, _, notes = scores(found)
    assert before == 100.0
    why = "it was planned with platform.yaml, which is not here: scores go without it unless -p names it"
    assert f"note: {why}" in found.stderr
    assert notes[-1] == why
    assert any(item.startswith("health is 100; the rehearsal said ") for item in notes)


def test_where_it_was_edited_since_that_is_said(folder: Path) -> None:
    (folder / "made" / "platform.yaml").write_text(PLATFORM.replace("4", "3"))
    found = applied(folder / "made", "plan.yaml")
    assert "note: platform.yaml has changed since the plan was made with it" in found.stderr


def test_another_one_named_is_taken_and_said(folder: Path) -> None:
    other = folder / "else"
    other.mkdir()
    (other / "mine.yaml").write_text(PLATFORM.replace("4", "1"))
    found = applied(other, "../made/plan.yaml", "-p", "mine.yaml")
    assert scores(found)[0] == 100.0
    assert "note: it was planned with platform.yaml, and goes by mine.yaml" in found.stderr
    same = applied(other, "../made/plan.yaml", "-p", "../made/platform.yaml")
    assert "note:" not in same.stderr


def test_a_plan_made_without_one_goes_without_the_one_that_is_here(folder: Path) -> None:
    planned = call(folder, "plan", "cluster.skz", "--out", "made/bare.yaml", "-q")
    assert planned.exit_code == 0, planned.output
    assert scores(applied(folder / "made", "bare.yaml"))[0] == 100.0
    named = applied(folder / "made", "bare.yaml", "-p", "platform.yaml")
    assert "note: it was planned without a platform.yaml, and goes by platform.yaml" in named.stderr


def test_a_plan_of_before_goes_by_the_one_that_is_here(folder: Path) -> None:
    path = folder / "made" / "plan.yaml"
    rows = path.read_text().splitlines(keepends=True)
    start = rows.index("  madeWith:\n")
    path.write_text("".join(rows[:start] + rows[start + 3 :]))
    assert read_plan_file(path).made_with is None
    assert scores(applied(folder / "made", "plan.yaml"))[0] < 100
    assert scores(applied(folder, "made/plan.yaml"))[0] == 100.0


def test_namespaces_and_metrics_of_the_plan(tmp_path: Path) -> None:
    found = declared(None, PlanMadeWith("", namespaces=["shop"], metrics=True), tmp_path / "plan.yaml")
    assert found.namespaces == ("shop",)
    assert "--metrics" in found.otherwise[0]


def test_a_run_goes_on_by_the_file_that_it_was_begun_with(tmp_path: Path) -> None:
    path = tmp_path / "platform.yaml"
    told = {"options": {"--platform": str(path)}, "namespaces": ["shop"]}
    gone = of_run(None, told)
    assert gone.path is None
    assert gone.otherwise == (f"it was begun with {path}, which is not here: scores go without it unless -p names it",)
    path.write_text(PLATFORM)
    assert of_run(None, told) == Declared(path, ("shop",))
    assert of_run(path, told) == Declared(path, ("shop",))
    other = tmp_path / "other.yaml"
    assert "and goes on by" in of_run(other, told).otherwise[0]
    assert of_run(other, {}) == Declared(other), "a journal of before says nothing of it"


def test_a_plan_that_was_edited_is_not_held_against_its_rehearsal(folder: Path) -> None:
    path = folder / "made" / "plan.yaml"
    text = path.read_text().replace("enforce: baseline", "enforce: privileged")
    assert text != path.read_text()
    path.write_text(text)
    _, _, notes = scores(applied(folder / "made", "plan.yaml"))
    assert notes == ["the plan was edited since its rehearsal: nothing was foretold of it as it is"]
