"""The program as a user runs it: in this process, or, where that is the question, as one of its own. No cluster is configured."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from tests.adapters import program

Told = tuple[int, str, str]


def seakeep(*arguments: str, stdin: str = "", cwd: Path | None = None, **environment: str) -> Told:
    """Exit code, stdout, stderr."""
    with contextlib.chdir(cwd or Path.cwd()), mock.patch.dict(os.environ, _clean(environment), clear=True):
        found = program.seakeep(*arguments, stdin=stdin.encode())
    return found.code, found.out, found.err


def process(*arguments: str, stdin: str = "", **environment: str) -> Told:
    done = subprocess.run(
        [sys.executable, "-m", "seakeep.cli.main", *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=_clean(environment),
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _clean(environment: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KUBE", "FORCE_COLOR", "NO_COLOR"))}
    return kept | {"HOME": "/nonexistent", "COLUMNS": "100"} | environment
