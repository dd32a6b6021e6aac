"""From a report to stdout, a file and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TextIO, TypeVar

import typer

from seakeep.adapters.errors import UsageError
from seakeep.cli.options import ReportForm
from seakeep.cli.saying import say, show
from seakeep.model.cause import Diagnosis
from seakeep.model.finding import Outcome, Severity
from seakeep.model.refs import Ref
from seakeep.model.report import Report
from seakeep.render.safe import line

INCOMPLETE = 3
# Longer than any message.
_WHOLE = 100_000
# Below this many seconds no progress is shown; where it is written in lines (a log), one at most in so many.
PATIENCE, PAUSE = 1.0, 2.0
# What the ending of --out means.
_ENDINGS = {
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "md",
    ".markdown": "md",
    ".sarif": "sarif",
    ".xml": "junit",
    ".diff": "diff",
}
AnyForm = TypeVar("AnyForm", bound=StrEnum)


class Progress:
    """What is being done, on stderr, once it takes longer than a second: a spinner on a terminal, lines elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._started = time.monotonic()
        self._said = 0.0
        self._tty = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Progress:
        return self

    def __call__(self, message: str) -> None:
        now = time.monotonic()
        if self._quiet or now - self._started < PATIENCE:
            return
        if self._tty:
            # A line that wraps could not be taken back.
            show(f"\r\x1b[2K{line(message, max(columns(sys.stderr) - 3, 20))} …")
        elif now - self._said >= PAUSE:
            self._said = now
            say(f"{line(message)} …")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tty and not self._quiet:
            show("\r\x1b[2K")


def color_wanted() -> bool:
    """NO_COLOR (any value) and a stdout that is no terminal turn colour off; FORCE_COLOR turns it on."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def width() -> int:
    """Columns of the terminal, or 100 where there is none."""
    return columns(sys.stdout)


def line_length() -> int:
    """Where messages are wrapped: at the terminal's end; in a log, where they are searched for, not at all."""
    return columns(sys.stdout) if sys.stdout.isatty() else _WHOLE


def columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        given = os.environ.get("COLUMNS", "")
        return int(given) if given.isdecimal() and int(given) else 100


def emit(text: str, out: Path | None, *, quiet: bool = True) -> None:
    """To stdout, or to a file: written beside it first, so that a failure leaves the old one whole. Not `quiet`: stderr says which file. Raises UsageError where it cannot be written."""
    if out is None:
        _to_stdout(text if text.endswith("\n") else f"{text}\n")
        return
    _to_file(text, out)
    if not quiet:
        say(f"wrote {out}")


def _check_place(out: Path) -> None:
    """The folders that are lacking are made when it is written."""
    folder = next(place for place in out.absolute().parents if os.access(place, os.F_OK))
    if not os.access(folder, os.W_OK | os.X_OK):
        why = f"no permission in {folder}" if folder.is_dir() else f"{folder} is no folder"
        raise UsageError(f"{out} cannot be written: {why}", "Name another place.")


def _to_stdout(text: str) -> None:
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    except BrokenPipeError:
        reader_gone()
    except OSError as error:
        raise UsageError(
            f"the answer cannot be written: {error.strerror}", "Send it elsewhere, or free some room."
        ) from error


def reader_gone() -> None:
    """`head` has seen enough: the exit code is still the answer's. What is flushed at the end must go somewhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_special(out: Path) -> bool:
    """A device or a pipe: nothing to keep whole, and not ours to replace."""
    return os.access(out, os.F_OK) and not out.is_file()


def _to_file(text: str, out: Path) -> None:
    out = out.resolve() if out.is_symlink() else out
    beside = out.with_name(f".{out.name}.partial")
    try:
        if _is_special(out):
            out.write_text(text, encoding="utf-8")
            return
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", "Name another place, or free some room."
        ) from error


def emit_report(report: Report, form: ReportForm, out: Path | None, *, verbose: bool, quiet: bool) -> None:
    from seakeep.render.formats import render_report

    color = out is None and color_wanted()
    emit(render_report(report, form.value, width=width(), color=color, verbose=verbose), out, quiet=quiet)


def warn_unsettled(items: Sequence[tuple[Ref, int]]) -> None:
    """That the state as given never settles on the twin."""
    if items:
        names = ", ".join(str(ref) for ref, _ in items[:3])
        more = f" and {len(items) - 3} more" if len(items) > 3 else ""
        say(f"seakeep: does not settle on the twin, and is held still: {line(names + more, 300)}")


def emit_all(texts: Mapping[str, str], folder: Path) -> None:
    """Files below a folder; each is whole or not there."""
    for name, text in texts.items():
        emit(text, folder / name)


def exit_code(report: Report) -> int:
    """10–13 by the highest severity found; a target that is missed is an error; 3 where nothing was found, but something could not be read or is unwell for no known reason, or there is no object at all."""
    severities = {Severity(cause.severity) for cause in report.diagnosis.causes}
    severities |= {item.severity for item in report.findings if item.outcome is Outcome.FAIL}
    severities |= {Severity.ERROR for target in report.targets if target.met is False}
    if severities:
        return max(severity.exit_code for severity in severities)
    unknown_target = any(target.met is None and not target.day for target in report.targets)
    nothing = not report.snapshot.objects
    return INCOMPLETE if nothing or report.snapshot.unread or report.diagnosis.unexplained or unknown_target else 0


def diagnosis_exit_code(diagnosis: Diagnosis, *, unread: bool) -> int:
    severities = [Severity(cause.severity) for cause in diagnosis.causes]
    return max(
        (severity.exit_code for severity in severities), default=INCOMPLETE if unread or diagnosis.unexplained else 0
    )


def finish(code: int, *, no_exit_code: bool) -> None:
    raise typer.Exit(0 if no_exit_code else code)


def default_form(form: AnyForm, out: Path | None) -> AnyForm:
    """`--out report.html` alone means HTML: the ending decides where -o was left at its default, text. Asked before the work, which may take minutes: raises UsageError where the command has no such form, or the file cannot be written."""
    if out is not None and not _is_special(out):
        _check_place(out)
    meant = _ENDINGS.get(out.suffix.lower()) if out and form == "text" else None
    if meant is None:
        return form
    known = [str(item) for item in type(form)]
    if meant not in known:
        more = "; `seakeep check` has them all" if meant in set(ReportForm) else ""
        raise UsageError(
            f"this command has no {meant} form, which {out} asks for by its ending", f"It has {', '.join(known)}{more}."
        )
    return type(form)(meant)
