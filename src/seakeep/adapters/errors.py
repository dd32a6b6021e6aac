"""Errors that reach the user: one constant sentence, one hint on what to do next, one exit code. Foreign text is cut and never holds secrets."""

from __future__ import annotations

_MAX = 500


class SeakeepError(Exception):
    """Base. `exit_code` is 1 for our own failures, 2 for usage and unreadable input, 3 for a platform that could not be observed."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(_shown(message))
        self.hint = _shown(hint)


def _shown(message: str) -> str:
    """One line without secrets and control characters: a message may quote an address with a password, or a name with escape sequences."""
    from seakeep.adapters.secret_text import text

    # A file's name need not be UTF-8.
    line = " ".join(text(message.encode(errors="replace").decode()).split())
    return "".join(letter for letter in line if letter.isprintable())[:_MAX]


class UsageError(SeakeepError):
    """The request itself cannot be carried out."""

    exit_code = 2


class SourceError(SeakeepError):
    """The source is not readable as anything that Seakeep knows."""

    exit_code = 2


class ObservationError(SeakeepError):
    """The cluster could not be observed: unreachable, expired credentials, no answer in time."""

    exit_code = 3
