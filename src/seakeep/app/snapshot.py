"""A snapshot in one redacted `.skz` file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seakeep.adapters import redact
from seakeep.adapters.errors import UsageError
from seakeep.adapters.files import skz
from seakeep.model.snapshot import Snapshot


def capture(found: Snapshot, out: Path, progress: Callable[[str], None] = lambda _: None) -> Snapshot:
    """What was written: the snapshot after redaction."""
    progress("Redacting")
    kept = redact.snapshot(found)
    try:
        skz.write(kept, out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", "Name another file with -o.") from error
    return kept
