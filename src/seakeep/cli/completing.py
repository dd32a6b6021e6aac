"""What a shell offers behind Tab. What cannot be known without trouble is not offered: nobody is there to read an error."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import typer


def ids(incomplete: str) -> list[str]:
    """Of causes, rules and services."""
    from seakeep.app.explain import ids as known

    return [name for name in known() if name.startswith(incomplete)]


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of the journal named, or the user's own; a server is not asked."""
    from seakeep.adapters.errors import SeakeepError
    from seakeep.adapters.journal import open_journal
    from seakeep.adapters.journal.open import default_path

    named = ctx.params.get("journal")
    if named and "://" in named:
        return []
    try:
        if not (Path(named).expanduser() if named else default_path()).is_file():
            return []
        with closing(open_journal(named)) as journal:
            return [row.id for row in journal.runs() if row.id.startswith(incomplete)]
    except (SeakeepError, OSError, RuntimeError):
        return []
