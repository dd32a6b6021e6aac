"""From a report to stdout, a file and an exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import typer

from seakeep.adapters.errors import UsageError
from seakeep.cli.options import Form
from seakeep.model.cause import Diagnosis
from seakeep.model.finding import Outcome, Severity
from seakeep.model.refs import Ref
from seakeep.model.report import Report
from seakeep.render.safe import line

INCOMPLETE = 3
# Below this many seconds no progress is shown.
PATIENCE = 1.0


class Progress:
    """What is being done, on stderr, once it takes longer than a second: a spinner on a terminal, lines elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._started = time.monotonic()
        self._tty = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Progress:
        return self

    def __call__(self, message: str) -> None:
        if self._quiet or time.monotonic() - self._started < PATIENCE:
            return
        if self._tty:
            sys.stderr.write(f"\r\x1b[2K{message} …")
        else:
            sys.stderr.write(f"{message} …\n")
        sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tty and not self._quiet:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def color_wanted() -> bool:
    """NO_COLOR (any value) and a stdout that is no terminal turn colour off; FORCE_COLOR turns it on."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def width() -> int:
    """Columns of the terminal, or 100 where there is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return int(os.environ.get("COLUMNS") or 100)


def emit(text: str, out: Path | None) -> None:
    """To stdout, or to a file: written beside it first, so that a failure leaves the old one whole. Raises UsageError where it cannot be written."""
    if out is None:
        sys.stdout.buffer.write(
            text.encode("utf-8", "replace") if text.endswith("\n") else f"{text}\n".encode("utf-8", "replace")
        )
        sys.stdout.flush()
        return
    out = out.resolve() if out.is_symlink() else out
    beside = out.with_name(f".{out.name}.partial")
    try:
        if out.exists() and not out.is_file():
            out.write_text(text, encoding="utf-8")  # a device or a pipe: nothing to keep whole, and not ours to replace
            return
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", "Name another file with --out.") from error


def warn_unsettled(items: Sequence[tuple[Ref, int]]) -> None:
    """That the state as given never settles on the twin."""
    if items:
        names = ", ".join(str(ref) for ref, _ in items[:3])
        more = f" and {len(items) - 3} more" if len(items) > 3 else ""
        typer.echo(f"seakeep: does not settle on the twin, and is held still: {line(names + more, 300)}", err=True)


def emit_all(texts: Mapping[str, str], folder: Path) -> None:
    """Files below a folder; each is whole or not there."""
    for name, text in texts.items():
        emit(text, folder / name)


def exit_code(report: Report) -> int:
    """10–13 by the highest severity found; a target that is missed is an error; 3 where nothing was found, but something could not be read or is unwell for no known reason."""
    severities = [Severity(cause.severity) for cause in report.diagnosis.causes]
    severities += [item.severity for item in report.findings if item.outcome is Outcome.FAIL]
    severities += [Severity.ERROR for target in report.targets if target.met is False]
    if severities:
        return max(severity.exit_code for severity in severities)
    unknown_target = any(target.met is None and not target.day for target in report.targets)
    return INCOMPLETE if report.snapshot.unread or report.diagnosis.unexplained or unknown_target else 0


def diagnosis_exit_code(diagnosis: Diagnosis, *, unread: bool) -> int:
    severities = [Severity(cause.severity) for cause in diagnosis.causes]
    return max(
        (severity.exit_code for severity in severities), default=INCOMPLETE if unread or diagnosis.unexplained else 0
    )


def finish(code: int, *, no_exit_code: bool) -> None:
    raise typer.Exit(0 if no_exit_code else code)


def check_form(form: Form, *known: Form) -> None:
    """Before anything is read. Raises UsageError where a command has no such form."""
    if form not in known:
        raise UsageError(
            f"this command has no {form} form", f"Choose one of {', '.join(known)}; `seakeep check` has them all."
        )


def default_form(form: Form, out: Path | None) -> Form:
    """`--out report.html` alone means HTML: the ending decides where -o was left at its default."""
    endings = {
        ".html": Form.HTML,
        ".json": Form.JSON,
        ".yaml": Form.YAML,
        ".yml": Form.YAML,
        ".md": Form.MD,
        ".sarif": Form.SARIF,
        ".xml": Form.JUNIT,
    }
    return endings.get(out.suffix.lower(), form) if out and form is Form.TEXT else form
