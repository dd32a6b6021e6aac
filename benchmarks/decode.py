"""One decode in a process of its own: `python -m benchmarks.decode json|seakeep FILE` prints seconds, and bytes of resident memory kept."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def main() -> None:
    how, path = sys.argv[1:]
    from seakeep.adapters.files.read import read_path

    before, started = _resident(), time.perf_counter()
    if how == "json":
        with Path(path).open(encoding="utf-8") as stream:
            kept: object = json.load(stream)
    else:
        kept = read_path(path)
    seconds = time.perf_counter() - started
    print(seconds, _resident() - before)
    del kept


if __name__ == "__main__":
    main()
