"""What goes to stderr beside an answer. That nobody reads it any more (`… 2>&1 | head`) stops nothing, least of all a run between two writes."""

from __future__ import annotations

import contextlib
import sys


def say(text: str) -> None:
    show(f"{text}\n")


def show(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
