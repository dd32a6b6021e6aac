"""Capture a source into one redacted `.skz` file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from seakeep.adapters import redact
from seakeep.adapters.errors import UsageError
from seakeep.adapters.files import skz
from seakeep.adapters.open import open_source
from seakeep.model.snapshot import Snapshot


def capture(
    source: str | None,
    out: Path,
    *,
    context: str | None = None,
    kubeconfig: Path | None = None,
    namespaces: Sequence[str] = (),
    alerts: str | None = None,
    metrics: str | None = None,
    logs: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """What was written: the snapshot after redaction."""
    found = open_source(
        source,
        context=context,
        kubeconfig=kubeconfig,
        namespaces=namespaces,
        alerts=alerts,
        metrics=metrics,
        logs=logs,
        progress=progress,
    )
    progress("Redacting")
    kept = redact.snapshot(found)
    try:
        skz.write(kept, out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", "Name another file with -o.") from error
    return kept
