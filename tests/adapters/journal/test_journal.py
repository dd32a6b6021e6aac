"""The journal in both databases: what is appended is on disk, in order, and shows when it was touched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seakeep.adapters.journal import Journal, JournalError, default_path, open_journal
from seakeep.adapters.journal.database import PostgreSQL, SQLite
from seakeep.model.refs import Ref
from seakeep.model.run import Entry
from seakeep.testing.postgres import server
from tests.apply.plans import change, objects, plan
from tests.twin.builders import snapshot

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SEEN = snapshot(objects(each=1))
PLAN = plan(SEEN, [("w", [change(SEEN, Ref("ConfigMap", "shop", "config-00"), {"data": {"level": "debug"}})])])
ENTRIES = [Entry("begun"), Entry("announced", "a", data={"action": "apply", "back": {}, "wrote": {"ü": 1}})]
Open = Callable[[], Journal]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.engine("postgresql"))])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    if request.param == "sqlite":
        yield lambda: open_journal(str(tmp_path / "state" / "journal.db"))
        return
    url: str = request.getfixturevalue("postgres")
    yield lambda: open_journal(url)
    database = PostgreSQL(url)
    database.write([(f"DROP TABLE seakeep_{name}", ()) for name in ("entries", "runs", "schema")])
    database.close()


def written(opened: Open, run: str = "run-1") -> Journal:
    journal = opened()
    journal.begin(run, PLAN, "cluster-1", AT)
    journal.append(run, ENTRIES, AT)
    journal.append(run, [Entry("state", state="done")], AT)
    return journal


def touch(opened: Open, statement: str) -> None:
    journal = opened()
    journal._database.write([(statement, ())])
    journal.close()


def test_what_is_written_is_read_again(opened: Open) -> None:
    written(opened).close()
    journal = opened()
    row = journal.run("run-1")
    assert (row.plan, row.cluster, row.at) == (PLAN, "cluster-1", AT)
    found = journal.entries("run-1")
    assert [item.entry for item in found] == [*ENTRIES, Entry("state", state="done")]
    assert [item.number for item in found] == [1, 2, 3]
    assert len({item.hash for item in found}) == 3
    journal.append("run-1", [Entry("approved", wave="1")], AT)
    assert len(journal.entries("run-1")) == 4
    with pytest.raises(JournalError, match="no run run-2"):
        journal.run("run-2")
    journal.close()


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE seakeep_entries SET body = replace(body, 'apply', 'create') WHERE number = 2", "entry 2"),
        ("UPDATE seakeep_entries SET at = '2026-03-02T09:00:00.000+00:00' WHERE number = 1", "entry 1"),
        ("DELETE FROM seakeep_entries WHERE number = 2", "entry 2"),
        ("UPDATE seakeep_entries SET number = 9 WHERE number = 3", "entry 3"),
        ("UPDATE seakeep_runs SET plan = replace(plan, 'debug', 'trace')", "run run-1"),
        ("UPDATE seakeep_runs SET cluster = 'another'", "run run-1"),
    ],
)
def test_what_was_touched_shows(opened: Open, statement: str, where: str) -> None:
    written(opened).close()
    touch(opened, statement)
    journal = opened()
    with pytest.raises(JournalError, match=f"not as it was written: {where}"):
        journal.entries("run-1")
    with pytest.raises(JournalError, match="not as it was written"):
        journal.append("run-1", [Entry("state", state="done")], AT)
    journal.close()


def test_an_entry_of_another_run_does_not_fit(opened: Open) -> None:
    written(opened).close()
    written(opened, "run-2").close()
    touch(opened, "DELETE FROM seakeep_entries WHERE run = 'run-2'")
    touch(opened, "UPDATE seakeep_entries SET run = 'run-2'")
    journal = opened()
    with pytest.raises(JournalError, match="entry 1 of run run-2"):
        journal.entries("run-2")
    journal.close()


def test_two_writers_cannot_both_go_on(opened: Open) -> None:
    """The second one's number is taken."""
    one = written(opened)
    other = opened()
    other.entries("run-1")
    other._end("run-1")
    one.append("run-1", [Entry("approved", wave="1")], AT)
    with pytest.raises(JournalError):
        other.append("run-1", [Entry("approved", wave="2")], AT)
    assert [item.entry.wave for item in one.entries("run-1")][-1] == "1"
    one.close()
    other.close()


def test_a_newer_schema_is_refused(opened: Open) -> None:
    opened().close()
    touch(opened, "UPDATE seakeep_schema SET version = 99")
    with pytest.raises(JournalError, match="schema 99"):
        opened()


def test_one_process_at_a_time_works_on_a_run(opened: Open, tmp_path: Path) -> None:
    """The lock ends with the process, however it ends."""
    journal = opened()
    where = (
        str(journal._database._path)
        if isinstance(journal._database, SQLite)
        else journal._database._connection.info.dsn
    )  # type: ignore[attr-defined]
    program = (
        "import sys, time; from seakeep.adapters.journal.database import PostgreSQL, SQLite; from pathlib import Path\n"
        "where = sys.argv[1]; database = SQLite(Path(where)) if '/' == where[0] else PostgreSQL(where)\n"
        "with database.alone('run-1'): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, where], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(JournalError, match="another process is working on run run-1"), journal.alone("run-1"):
        pass
    with journal.alone("run-2"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    for _ in range(50):  # PostgreSQL notices a moment later
        try:
            with journal.alone("run-1"):
                break
        except JournalError:
            continue
    journal.close()


def test_a_torn_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    written(lambda: open_journal(str(path))).close()
    data = bytearray(path.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    path.write_bytes(data)
    with pytest.raises(JournalError, match="journal"):
        open_journal(str(path)).entries("run-1")
    path.write_bytes(b"this is no database, but some text that is longer than a header of one" * 20)
    with pytest.raises(JournalError, match="cannot be opened"):
        open_journal(str(path))


def test_a_full_disk_is_an_error_and_nothing_is_half_written(tmp_path: Path) -> None:
    journal = written(lambda: open_journal(str(tmp_path / "journal.db")))
    database = journal._database
    assert isinstance(database, SQLite)
    database._connection.execute("PRAGMA max_page_count = 1")
    big = [Entry("state", state="done", message="x" * 200_000)]
    with pytest.raises(JournalError, match="full"):
        journal.append("run-1", big, AT)
    database._connection.execute("PRAGMA max_page_count = 100000")
    journal.append("run-1", [Entry("approved", wave="1")], AT)
    assert len(journal.entries("run-1")) == 4
    journal.close()


def test_durable_settings_and_private_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.db"
    journal = open_journal(str(path))
    connection = journal._database._connection  # type: ignore[attr-defined]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert path.stat().st_mode & 0o077 == 0
    journal.close()
    assert isinstance(connection, sqlite3.Connection)


def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "seakeep" / "journal.db"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path() == tmp_path / ".local" / "state" / "seakeep" / "journal.db"
