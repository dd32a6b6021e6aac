"""apply, rollback, history and verify without a cluster: the twin's dry run, and everything that is refused before one is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner, Result

from seakeep.adapters.errors import SeakeepError
from seakeep.adapters.files import skz
from seakeep.adapters.journal import open_journal
from seakeep.adapters.plan_file import as_yaml
from seakeep.cli.main import app
from seakeep.model.plan import Plan
from seakeep.model.refs import Ref
from seakeep.model.run import Entry
from tests.apply.plans import change, large, objects, plan
from tests.twin.builders import node, snapshot

SEEN = snapshot([node("a", cpu="8"), *objects(each=3)])
PLAN = large(SEEN, each=3)
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "cluster.skz"
    skz.write(SEEN, path)
    return str(path)


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


def file(tmp_path: Path, value: Plan = PLAN) -> str:
    path = tmp_path / "plan.yaml"
    path.write_text(as_yaml(value), encoding="utf-8")
    return str(path)


def call(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def test_the_whole_run_on_the_twin(tmp_path: Path, source: str) -> None:
    found = call("apply", file(tmp_path), "--dry-run=twin", "--source", source, "-o", "json", "-q")
    assert found.exit_code == 0, found.output
    run = json.loads(found.stdout)
    assert (run["kind"], run["state"], run["plan"]) == ("Run", "done", PLAN.id)
    assert {step["state"] for step in run["steps"]} == {"applied"}
    assert len(run["steps"]) == len(PLAN.changes)
    assert run["before"]["health"] is not None
    text = call("apply", file(tmp_path), "--dry-run=twin", "--source", source)
    assert text.stdout.startswith("Dry run: done\n")
    assert (
        f"Nothing was written.\nLet the API server judge it with:\n  seakeep apply {tmp_path}/plan.yaml --dry-run=server\n"
        in text.stdout
    )
    assert "wave 1 of " in text.stderr
    assert "--resume" not in text.output


def test_a_stale_plan_is_refused_with_every_reason(tmp_path: Path, source: str) -> None:
    other = snapshot([node("a"), *objects(each=3)])
    item = change(other, Ref("ConfigMap", "shop", "config-00"), {"data": {"level": "debug"}})
    base = item.base.__class__("another-uid", "", item.base.digest)
    gone = change(SEEN, Ref("ConfigMap", "shop", "config-01"), {"data": {"level": "debug"}})
    stale = gone.base.__class__(gone.base.uid, "", "0123456789abcdef")
    moved = plan(SEEN, [("w", [replace(item, base=base), replace(gone, base=stale)])])
    found = call("apply", file(tmp_path, moved), "--dry-run=twin", "--source", source)
    assert found.exit_code == 20
    assert "ConfigMap shop/config-00 was deleted and made anew since the plan" in found.stdout
    assert "ConfigMap shop/config-01 has changed since the plan" in found.stdout
    assert "Nothing was written." in found.stdout


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ({"data": {"password": "<redacted>"}}, "would write a masked value"),
        ({"data": {"level": "debug"}}, "its rehearsal was refused: it blocks a drain"),
    ],
)
def test_what_no_cluster_need_be_asked_for(
    tmp_path: Path, source: str, patch: dict[str, dict[str, str]], reason: str
) -> None:
    found = plan(SEEN, [("w", [change(SEEN, Ref("ConfigMap", "shop", "config-00"), patch)])])
    if "drain" in reason:
        found = replace(found, rehearsal=replace(found.rehearsal, verdict="refused", refusals=("it blocks a drain",)))
    result = call("apply", file(tmp_path, found), "--dry-run=twin", "--source", source)
    assert result.exit_code == 20
    assert reason in result.stdout


def failure(*args: str) -> SeakeepError:
    found = call(*args)
    assert isinstance(found.exception, SeakeepError), found.output
    return found.exception


def test_usage(tmp_path: Path, journal: str) -> None:
    assert "name either a plan file or --resume" in str(failure("apply"))
    assert "does not exist" in str(failure("apply", str(tmp_path / "none.yaml"), "--dry-run=server"))
    path = Path(file(tmp_path))
    path.write_text(path.read_text().replace("risk: low", "risk: low\n    wish: more", 1))
    error = failure("apply", str(path), "--dry-run=server")
    assert "wish" in str(error)
    assert error.exit_code == 2
    open_journal(journal).close()
    assert "no run run-9" in str(failure("history", "run-9", "--journal", journal))


def test_history_tells_runs_steps_and_the_journal_itself(journal: str) -> None:
    assert "there is no journal" in str(failure("history", "--journal", journal))
    assert not Path(journal).exists(), "asking makes none"
    opened = open_journal(journal)
    empty = call("history", "--journal", journal)
    assert (empty.exit_code, empty.stdout) == (0, "No runs yet.\n")
    opened.begin("run-1", PLAN, "", AT)
    first, second = PLAN.changes[:2]
    announced = {"action": "apply", "back": {}, "wrote": {}}
    opened.append(
        "run-1",
        [
            Entry("begun"),
            Entry("state", state="running"),
            Entry("announced", first.id, "1", data=announced),
            Entry("outcome", first.id, "1", "applied", data={"wrote": {}, "uid": "u"}),
            Entry("announced", second.id, "1", data=announced),
        ],
        AT,
    )
    opened.close()
    listed = call("history", "--journal", journal)
    assert f"run-1  2026-03-02 08:00 UTC  running       1 of {len(PLAN.changes)} applied" in listed.stdout
    one = call("history", "run-1", "--journal", journal)
    assert f"  seakeep apply --resume run-1 --journal {journal}\n  seakeep rollback run-1 --journal" in one.stdout
    assert f"announced: {second.id}" in one.stdout
    lines = [
        json.loads(line) for line in call("history", "run-1", "-o", "jsonl", "--journal", journal).stdout.splitlines()
    ]
    assert [item["number"] for item in lines] == [1, 2, 3, 4, 5]
    assert all(len(item["hash"]) == 64 for item in lines)
    run = json.loads(call("history", "run-1", "-o", "json", "--journal", journal).stdout)
    states = [step["state"] for step in run["steps"]]
    assert states[:3] == ["applied", "announced", "waiting"]


def test_a_touched_journal_is_an_error(journal: str) -> None:
    opened = open_journal(journal)
    opened.begin("run-1", PLAN, "", AT)
    opened.append("run-1", [Entry("begun")], AT)
    opened._database.write([("UPDATE seakeep_entries SET body = '{}'", ())])
    opened.close()
    error = failure("history", "run-1", "--journal", journal)
    assert "the journal is not as it was written: entry 1 of run run-1" in str(error)
    assert error.exit_code == 1


@pytest.mark.parametrize(
    "words", [("history", "nix"), ("rollback", "nix", "--yes"), ("verify", "nix"), ("apply", "--resume", "nix")]
)
def test_a_run_that_is_not_there_is_told_before_a_cluster_is_looked_for(words: tuple[str, ...], journal: str) -> None:
    open_journal(journal).close()
    result = CliRunner().invoke(app, [*words, "--journal", journal])
    assert isinstance(result.exception, SeakeepError)
    assert str(result.exception) == "the journal has no run nix"
    assert result.exception.exit_code == 2


@pytest.mark.parametrize("dry", [("--dry-run=twin",), ("--yes",)])
def test_a_slip_in_the_wave_to_pause_after_runs_nothing(
    tmp_path: Path, source: str, journal: str, dry: tuple[str, ...]
) -> None:
    where = ("--source", source) if "twin" in dry[0] else ("--journal", journal)
    error = failure("apply", file(tmp_path), *dry, *where, "--pause-after", "policy")
    assert str(error) == "the plan has no wave policy to pause after"
    assert "4 (policies)" in error.hint
    assert error.exit_code == 2


def test_a_wave_that_is_behind_a_run_is_nothing_to_pause_after(journal: str) -> None:
    opened = open_journal(journal)
    opened.begin("run-1", PLAN, "", AT)
    opened.append(
        "run-1", [Entry("begun"), Entry("wave", wave="1", state="passed"), Entry("state", state="paused")], AT
    )
    opened.close()
    for name in ("configuration", "1"):
        error = failure("apply", "--resume", "run-1", "--journal", journal, "--pause-after", name, "--yes")
        assert str(error) == f"wave {name} is behind this run already"


@pytest.mark.parametrize(
    ("words", "state", "code", "said"),
    [
        (("apply", "--resume"), "done", 0, "it has ended: there is nothing to go on with"),
        (("apply", "--resume"), "refused", 20, "it has ended: there is nothing to go on with"),
        (("rollback",), "rolled-back", 21, "nothing stands that it wrote"),
        (("rollback",), "refused", 20, "nothing stands that it wrote"),
    ],
)
def test_what_has_ended_asks_no_cluster(journal: str, words: tuple[str, ...], state: str, code: int, said: str) -> None:
    opened = open_journal(journal)
    opened.begin("run-1", PLAN, "", AT)
    opened.append("run-1", [Entry("begun"), Entry("state", state=state)], AT)
    opened.close()
    found = call(*words, "run-1", "--journal", journal)
    assert found.exit_code == code, found.output
    assert said in found.stderr
    assert found.stdout.startswith("Run run-1: ")
    assert len(open_again(journal)) == 2, "and writes nothing"


def open_again(journal: str) -> list[str]:
    opened = open_journal(journal)
    found = [item.entry.kind for item in opened.entries("run-1")]
    opened.close()
    return found


def test_a_plan_of_manifests_is_tied_to_no_cluster(tmp_path: Path, source: str) -> None:
    item = change(SEEN, Ref("ConfigMap", "shop", "config-00"), {"data": {"level": "debug"}})
    made = plan(SEEN, [("w", [replace(item, base=replace(item.base, uid=""))])])
    found = call("apply", file(tmp_path, made), "--dry-run=twin", "--source", source)
    assert found.exit_code == 20
    assert "it was made from manifests, and not from this cluster" in found.stdout


def test_manifests_are_planned_without_a_word_of_applying(tmp_path: Path) -> None:
    manifest = tmp_path / "web.yaml"
    manifest.write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
        "spec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
        "    spec: {containers: [{name: main, image: 'example/web:1'}]}\n"
    )
    for more in (("--out", str(tmp_path / "plan.yaml")), ("--write", str(tmp_path / "review")), ()):
        found = call("plan", str(manifest), *more)
        assert found.exit_code == 0, found.output
        assert "seakeep apply" not in found.stderr
    overlay = (tmp_path / "review" / "overlay" / "kustomization.yaml").read_text()
    assert overlay.startswith("apiVersion:")


def test_a_source_is_not_passed_over_where_the_cluster_would_be_written_to(tmp_path: Path, source: str) -> None:
    for more in (("--yes",), ("--dry-run=server",)):
        error = failure("apply", file(tmp_path), "--source", source, *more)
        assert str(error) == "--source is for a dry run on the twin"
        assert error.exit_code == 2


def test_a_slip_in_a_namespace_gives_no_empty_plan(source: str) -> None:
    error = failure("plan", source, "-n", "shpo", "-q")
    assert str(error) == "test shows no namespace shpo"
    assert error.hint == "It shows shop."
    assert call("plan", source, "-n", "shop", "-q").exit_code == 0


def test_a_form_that_a_plan_lacks_is_told_before_anything_is_read(tmp_path: Path) -> None:
    error = failure("plan", str(tmp_path / "none.json"), "--out", str(tmp_path / "plan.html"))
    assert "has no html form" in str(error)
