"""Where a journal is kept."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from seakeep.adapters.journal.database import Database, PostgreSQL, SQLite
from seakeep.adapters.journal.errors import JournalError
from seakeep.adapters.journal.journal import Journal

_SCHEMES = ("postgresql://", "postgres://")


def default_path() -> Path:
    """In the user's state folder (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or ""
    # A relative path is invalid there, and to be ignored.
    folder = Path(state) if state.startswith("/") else Path("~/.local/state").expanduser()
    return folder / "seakeep" / "journal.db"


def open_journal(where: str | None = None) -> Journal:
    """A path or a postgresql:// URL; the user's own where none is named. Raises JournalError."""
    if where and where.startswith(_SCHEMES):
        return _opened(PostgreSQL(where))
    path = Path(where).expanduser() if where else default_path()
    try:
        database = SQLite(path)
    except (OSError, sqlite3.Error) as error:
        raise JournalError(
            f"the journal {path} cannot be opened: {error}", "Name another with --journal PATH."
        ) from error
    return _opened(database)


def _opened(database: Database) -> Journal:
    try:
        return Journal(database)
    except JournalError:
        database.close()
        raise
