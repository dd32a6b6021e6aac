"""The two databases that a journal may be kept in, behind the few statements that it needs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from seakeep.adapters.journal.errors import JournalError

SCHEMA = 1
TABLES = (
    "CREATE TABLE IF NOT EXISTS seakeep_schema (version INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS seakeep_runs (
        id TEXT PRIMARY KEY, at TEXT NOT NULL, cluster TEXT NOT NULL, plan TEXT NOT NULL, hash TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS seakeep_entries (
        run TEXT NOT NULL REFERENCES seakeep_runs (id), number INTEGER NOT NULL, at TEXT NOT NULL,
        body TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (run, number))""",
)


class Database(Protocol):
    """`?` stands for parameters. What goes wrong is a JournalError."""

    def read(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def write(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """All or none, and on disk when it returns."""

    def alone(self, run: str) -> AbstractContextManager[None]:
        """The only process that works on this run; let go when the process dies."""

    def close(self) -> None: ...


class SQLite:
    """Write-ahead log, and an fsync for each transaction: `synchronous=FULL` is what makes WAL durable (sqlite.org/pragma.html#pragma_synchronous)."""

    def __init__(self, path: Path | str) -> None:
        self._path = path
        if isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=10.0, check_same_thread=False)
        with self._told("opened"):
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")

    def read(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._told("read"):
            return self._connection.execute(statement, parameters).fetchall()

    def write(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        with self._told("written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for statement, parameters in statements:
                    self._connection.execute(statement, parameters)
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def alone(self, run: str) -> Iterator[None]:
        """One byte of a file beside the journal, at a place of its own for each run: the kernel lets it go with the process."""
        place = int.from_bytes(hashlib.sha256(run.encode()).digest()[:7], "big")
        handle = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            os.close(handle)
            raise _busy(run) from None
        try:
            yield
        finally:
            os.close(handle)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            damaged = "malformed" in str(error) or "not a database" in str(error)
            hint = (
                "The file is no journal, or damaged: keep a copy of it, and name another with --journal."
                if damaged
                else "Is there room on the disk, and may you write there?"
            )
            raise JournalError(f"the journal {self._path} cannot be {what}: {error}", hint) from error


class PostgreSQL:
    """Shared by several people; by the extra `postgres`."""

    def __init__(self, url: str) -> None:
        try:
            import psycopg  # the extra
        except ImportError:
            raise JournalError(
                "a journal in PostgreSQL needs the extra `postgres`", "pip install 'seakeep[postgres]'"
            ) from None
        self._error: type[Exception] = psycopg.Error
        with self._told("opened"):
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
            self._connection.execute("SET synchronous_commit TO on")

    def read(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._told("read"):
            return cast("list[tuple[Any, ...]]", self._execute(statement, parameters).fetchall())

    def write(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        with self._told("written"), self._connection.transaction():
            for statement, parameters in statements:
                self._execute(statement, parameters)

    def _execute(self, statement: str, parameters: Sequence[Any]) -> Any:
        # Every statement is a constant of this package.
        return self._connection.execute(statement.replace("?", "%s").encode(), tuple(parameters))

    @contextmanager
    def alone(self, run: str) -> Iterator[None]:
        """An advisory lock of the session: PostgreSQL lets it go when the connection ends."""
        key = int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "big", signed=True)
        if not self.read("SELECT pg_try_advisory_lock(?)", (key,))[0][0]:
            raise _busy(run)
        try:
            yield
        finally:
            with contextlib.suppress(JournalError):
                self.read("SELECT pg_advisory_unlock(?)", (key,))

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise JournalError(
                f"the journal in PostgreSQL cannot be {what}: {error}", "Is the server up, and the address right?"
            ) from error


def _busy(run: str) -> JournalError:
    return JournalError(f"another process is working on run {run}", "Wait until it has ended, or end it.")
