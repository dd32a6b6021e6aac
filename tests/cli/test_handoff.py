"""report --since as a user runs it."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seakeep.adapters.journal import open_journal
from seakeep.model.run import Entry
from tests.apply.plans import large, objects
from tests.cli.program import seakeep
from tests.cli.small_cluster import objects as cluster
from tests.twin.builders import snapshot

RUN = "20260302-080000-plan"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "now.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": cluster()}))
    (tmp_path / "then.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": cluster()[:-1]}))
    journal = open_journal(str(tmp_path / "j.db"))
    begun = datetime(2026, 3, 2, 8, tzinfo=UTC)
    journal.begin(RUN, large(snapshot(objects(each=1)), each=1), "", begun)
    journal.append(RUN, [Entry("begun"), Entry("checked", data={"scores": {"health": 50.0}})], begun)
    journal.append(RUN, [Entry("state", state="refused", message="somebody else changed it")], begun)
    journal.close()
    return tmp_path


def test_a_hand_off_by_run_and_by_day(folder: Path) -> None:
    for since in (RUN, "2026-03-02"):
        code, out, err = seakeep("report", "now.json", "--since", since, "--journal", "j.db", "-o", "json", "-q", cwd=folder)  # fmt: skip
        assert (code, err) == (0, "")
        value = json.loads(out)
        assert value["kind"] == "Handoff"
        assert value["runs"][0]["run"]["id"] == RUN
        assert value["runs"][0]["commit"] is None
        assert value["scores"][0]["before"] == 50.0


def test_the_ending_of_the_file_decides(folder: Path) -> None:
    arguments = ("report", "now.json", "--since", RUN, "--before", "then.json", "--journal", "j.db", "--commit", "1a2b3c4", "-q")  # fmt: skip
    for name, start in (("x.html", "<!doctype html>"), ("x.md", "# Hand-off: "), ("x.json", "{")):
        code, out, err = seakeep(*arguments, "--out", name, cwd=folder)
        assert (code, out, err) == (0, "", ""), name
        text = (folder / name).read_text()
        assert text.startswith(start)
        assert "1a2b3c4" in text
    assert seakeep(*arguments, cwd=folder)[1].startswith("<!doctype html>"), "HTML where nothing is said"


def test_git_is_asked_only_for_head(folder: Path) -> None:
    arguments = ("report", "now.json", "--since", RUN, "--journal", "j.db", "-o", "json", "-q", "--commit", "HEAD")
    code, _, err = seakeep(*arguments, cwd=folder, GIT_CEILING_DIRECTORIES=str(folder.parent))
    assert code == 2
    assert "git knows no revision HEAD here" in err
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "plan")):
        subprocess.run((*git, *command), cwd=folder, check=True)
    head = subprocess.run((*git, "rev-parse", "HEAD"), cwd=folder, check=True, capture_output=True, text=True).stdout
    code, out, _ = seakeep(*arguments, cwd=folder)
    assert code == 0
    assert json.loads(out)["runs"][0]["commit"] == head.strip()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "yesterday"), "it is no date"),
        (("--since", "2030-01-01"), "no snapshot of before is named"),
        (("--before", "then.json"), "--since RUN"),
        (("--since", RUN, "-o", "sarif"), "no sarif form"),
        (("--since", RUN, "--before", "missing.skz"), "missing.skz"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = seakeep("report", "now.json", "--journal", "j.db", "-q", *arguments, cwd=folder)
    assert (code, out) == (2, "")
    assert said in err


def test_a_journal_that_was_changed_is_not_believed(folder: Path) -> None:
    import sqlite3

    with sqlite3.connect(folder / "j.db") as database:
        database.execute("UPDATE seakeep_entries SET body = replace(body, 'refused', 'done')")
    code, _, err = seakeep("report", "now.json", "--since", RUN, "--journal", "j.db", "-q", cwd=folder)
    assert code == 1
    assert "not as it was written" in err


def test_without_since_it_is_the_report(folder: Path) -> None:
    code, out, _ = seakeep("report", "now.json", "-o", "md", "-q", cwd=folder)
    assert code == 0
    assert out.startswith("# Platform report")


def test_it_goes_by_the_platform_of_the_run_where_none_is_named(folder: Path) -> None:
    platform = folder / "elsewhere" / "mine.yaml"
    platform.parent.mkdir()
    platform.write_text("apiVersion: seakeep/v1\nname: harbour\n")
    (folder / "other.yaml").write_text("apiVersion: seakeep/v1\nname: quay\n")
    journal = open_journal(str(folder / "j.db"))
    journal.append(RUN, [Entry("resumed", data={"options": {"--platform": str(platform)}})], datetime.now(UTC))
    journal.close()
    arguments = ("report", "now.json", "--since", RUN, "--journal", "j.db", "-o", "json", "-q")
    assert json.loads(seakeep(*arguments, cwd=folder)[1])["platform"] == "harbour"
    assert json.loads(seakeep(*arguments, "-p", "other.yaml", cwd=folder)[1])["platform"] == "quay"
    platform.unlink()
    assert json.loads(seakeep(*arguments, cwd=folder)[1])["platform"] != "harbour"


def test_commands_on_a_run_name_the_journal_and_where_it_went(folder: Path) -> None:
    journal = open_journal(str(folder / "j.db"))
    given = {"--context": "prod", "--lease-namespace": "ops", "--force-conflicts": True}
    journal.append(RUN, [Entry("resumed", data={"options": given}), Entry("state", state="stopped")], datetime.now(UTC))
    journal.close()
    arguments = ("report", "now.json", "--since", RUN, "--journal", "j.db", "-o", "json", "-q")
    first = json.loads(seakeep(*arguments, cwd=folder)[1])["next"][0]
    assert first["commands"] == [
        f"seakeep apply --resume {RUN} --journal j.db --context prod --lease-namespace ops --force-conflicts",
        f"seakeep rollback {RUN} --journal j.db --context prod --lease-namespace ops",
    ]
