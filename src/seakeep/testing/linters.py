"""Linters of others that tests compare with, put into Seakeep's cache: kube-score from its source, Checkov from its wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from seakeep.testing.testbed.build import cache

KUBE_SCORE = "v1.20.0"
CHECKOV = "3.3.30"


def kube_score(*, build: bool = False) -> Path | None:
    """The program; None where it is not there and is not to be built, or cannot be (about a minute)."""
    folder = cache() / f"kube-score-{KUBE_SCORE}"
    program = folder / "kube-score"
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if build and go and not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        module = f"github.com/zegl/kube-score/cmd/kube-score@{KUBE_SCORE}"
        subprocess.run([go, "install", module], env={**os.environ, "GOBIN": str(folder)}, check=False)
    return program if program.exists() else None


def checkov(*, build: bool = False) -> Path | None:
    """The folder of its packages, for PYTHONPATH (290 MB); None as for kube-score. It is whole when it has its name."""
    folder = cache() / f"checkov-{CHECKOV}"
    if build and not folder.exists():
        unready = folder.with_suffix(".part")
        shutil.rmtree(unready, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(unready), f"checkov=={CHECKOV}"]
        if subprocess.run(command, check=False).returncode == 0:
            unready.rename(folder)
    return folder if folder.exists() else None
