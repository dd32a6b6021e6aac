"""The journal of runs: what was announced and what came of it, on disk before anything is sent."""

from seakeep.adapters.journal.errors import JournalError
from seakeep.adapters.journal.journal import Journal, Row
from seakeep.adapters.journal.open import default_path, open_journal

__all__ = ["Journal", "JournalError", "Row", "default_path", "open_journal"]
