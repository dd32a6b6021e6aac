"""kube-score, built from its source into Seakeep's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

VERSION = "v1.20.0"


def binary() -> Path | None:
    """None where it is not there and cannot be built."""
    cache = Path(os.environ.get("SEAKEEP_CACHE") or Path.home() / ".cache" / "seakeep")
    folder = cache / f"kube-score-{VERSION}"
    path = folder / "kube-score"
    if not path.exists():
        go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
        if go is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        module = f"github.com/zegl/kube-score/cmd/kube-score@{VERSION}"
        subprocess.run([go, "install", module], env={**os.environ, "GOBIN": str(folder)}, check=False)
    return path if path.exists() else None
