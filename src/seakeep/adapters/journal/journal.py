"""Runs and their entries. What is read has been verified: a journal that is not as it was written is an error, never half an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import msgspec
from msgspec import Struct

from seakeep.adapters.journal.chain import body, first, following, stamp
from seakeep.adapters.journal.database import SCHEMA, TABLES, Database
from seakeep.adapters.journal.errors import JournalError, RunUnknownError
from seakeep.model.plan import Plan
from seakeep.model.run import Entry, Recorded


class Row(Struct, frozen=True):
    """A run as it was begun."""

    id: str
    at: datetime
    cluster: str
    plan: Plan
    hash: str


class Journal:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.write([(statement, ()) for statement in TABLES])
        versions = database.read("SELECT version FROM seakeep_schema")
        if not versions:
            database.write([("INSERT INTO seakeep_schema (version) VALUES (?)", (SCHEMA,))])
        elif versions != [(SCHEMA,)]:
            raise JournalError(
                f"the journal has schema {versions[0][0]}, and this Seakeep knows {SCHEMA}",
                "Use the version of Seakeep that wrote it, or name another journal with --journal.",
            )
        self._ends: dict[str, tuple[int, str]] = {}

    def close(self) -> None:
        self._database.close()

    def alone(self, run: str) -> AbstractContextManager[None]:
        """Raises JournalError where another process works on the run."""
        return self._database.alone(run)

    def begin(self, run: str, plan: Plan, cluster: str, at: datetime) -> None:
        text, when = msgspec.json.encode(plan, order="deterministic").decode(), stamp(at)
        link = first(run, when, cluster, text)
        statement = "INSERT INTO seakeep_runs (id, at, cluster, plan, hash) VALUES (?, ?, ?, ?, ?)"
        self._database.write([(statement, (run, when, cluster, text, link))])
        self._ends[run] = (0, link)

    def append(self, run: str, entries: Sequence[Entry], at: datetime) -> None:
        """All of them, on disk, or a JournalError and none."""
        number, link = self._end(run)
        when, rows = stamp(at), []
        for entry in entries:
            number += 1
            content = body(entry)
            link = following(link, run, number, when, content)
            rows.append((run, number, when, content, link))
        statement = "INSERT INTO seakeep_entries (run, number, at, body, hash) VALUES (?, ?, ?, ?, ?)"
        self._database.write([(statement, row) for row in rows])
        self._ends[run] = (number, link)

    def runs(self) -> list[Row]:
        """Oldest first."""
        found = self._database.read("SELECT id, at, cluster, plan, hash FROM seakeep_runs ORDER BY at, id")
        return [_row(*each) for each in found]

    def run(self, run: str) -> Row:
        found = self._database.read("SELECT id, at, cluster, plan, hash FROM seakeep_runs WHERE id = ?", (run,))
        if not found:
            raise RunUnknownError(f"the journal has no run {run[:80]}", "`seakeep history` lists them.")
        return _row(*found[0])

    def entries(self, run: str) -> list[Recorded]:
        return list(self._verified(self.run(run)))

    def _end(self, run: str) -> tuple[int, str]:
        if run not in self._ends:
            row = self.run(run)
            number, link = 0, row.hash
            for item in self._verified(row):
                number, link = item.number, item.hash
            self._ends[run] = (number, link)
        return self._ends[run]

    def _verified(self, row: Row) -> Iterator[Recorded]:
        link = row.hash
        statement = "SELECT number, at, body, hash FROM seakeep_entries WHERE run = ? ORDER BY number"
        for place, (number, at, content, found) in enumerate(self._database.read(statement, (row.id,)), start=1):
            link = following(link, row.id, number, at, content)
            if number != place or link != found:
                raise _torn(row.id, place)
            try:
                entry = msgspec.json.decode(content, type=Entry)
                yield Recorded(row.id, number, datetime.fromisoformat(at), entry, found)
            except (msgspec.DecodeError, ValueError) as error:
                raise _torn(row.id, place) from error


def _row(run: str, at: str, cluster: str, plan: str, link: str) -> Row:
    if link != first(run, at, cluster, plan):
        raise _torn(run, 0)
    try:
        return Row(run, datetime.fromisoformat(at), cluster, msgspec.json.decode(plan, type=Plan), link)
    except (msgspec.DecodeError, ValueError) as error:
        raise _torn(run, 0) from error


def _torn(run: str, number: int) -> JournalError:
    where = f"entry {number} of run {run}" if number else f"run {run}"
    return JournalError(
        f"the journal is not as it was written: {where} does not fit its hash",
        "Somebody or something changed it. Nothing is done on the word of such a journal: compare the cluster with the plan by `seakeep diagnose`.",
    )
