"""What may be wrong with a journal."""

from __future__ import annotations

from seakeep.adapters.errors import SeakeepError


class JournalError(SeakeepError):
    """It cannot be opened, read or written, or is not as it was written."""


class RunUnknownError(JournalError):
    """It has no run of this name."""

    exit_code = 2
