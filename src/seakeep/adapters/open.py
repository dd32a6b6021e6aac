"""SOURCE → Snapshot: which adapter reads it, and what evidence is added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from seakeep.adapters import redact
from seakeep.adapters.errors import SourceError, UsageError
from seakeep.model.snapshot import Snapshot


def open_source(
    source: str | None,
    *,
    context: str | None = None,
    kubeconfig: Path | None = None,
    namespaces: Sequence[str] = (),
    alerts: str | None = None,
    metrics: str | None = None,
    logs: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Snapshot:
    """None is the live cluster of the current (or named) context. What comes back holds no secrets. Raises UsageError, SourceError or ObservationError, each with a hint."""
    say = progress or (lambda _: None)
    if source is not None and (context or kubeconfig or namespaces):
        # A file would be read whole, and its report be taken for that of one namespace or cluster.
        raise UsageError(
            "--context, --kubeconfig and --namespace choose what is read of a live cluster",
            f"Leave them out, or leave out {source}.",
        )
    if source is None:
        from seakeep.adapters.kube import observe

        snapshot = observe(context=context, kubeconfig=kubeconfig, namespaces=namespaces, logs=logs, progress=say)
    else:
        from seakeep.adapters.files.read import read_path

        say(f"Reading {source}")
        try:
            snapshot = read_path(source)
        except SourceError as error:
            name = Path(source).name.encode(errors="replace").decode()
            if source == "-" or name in str(error):
                raise
            raise SourceError(f"{name}: {error}", error.hint) from error
    if alerts:
        from seakeep.adapters.evidence import read_alerts

        snapshot = replace(snapshot, alerts=(*snapshot.alerts, *read_alerts(alerts)))
    if metrics:
        from seakeep.adapters.evidence import read_samples

        snapshot = replace(snapshot, samples=(*snapshot.samples, *read_samples(metrics)))
    # Here, not where a file is written: whatever is reported later cannot hold what is no longer there.
    return redact.snapshot(snapshot)
