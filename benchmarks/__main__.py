"""`make bench`: measures, prints a table and exits 1 where a goal is missed."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import drains, growth, real_scheduler, scenarios
from benchmarks.rows import Row, Workshop

_ALL: dict[str, Callable[[Workshop], Iterator[Row]]] = {
    "a": scenarios.against_kube_score,
    "b": scenarios.decoding,
    "c": scenarios.large_cluster,
    "d": scenarios.help_text,
    "e": scenarios.diagnosis,
    "f": real_scheduler.against_kube_scheduler,
    "g": growth.of_placement,
    "h": drains.of_the_shipped_platform,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", default="abcdefgh", help="letters of the benchmarks to run")
    parser.add_argument("--rounds", type=int, default=5, help="alternating runs of the short ones")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    options = parser.parse_args()
    lines = ["| | what | figures | ratio or value | goal | met |", "|---|---|---|---|---|---|"]
    met = True
    with tempfile.TemporaryDirectory(prefix="seakeep-bench-") as folder:
        environment = {
            key: value for key, value in os.environ.items() if key not in {"PYTHONDONTWRITEBYTECODE", "FORCE_COLOR"}
        }
        # Byte code as an installed package has it, whatever the machine's settings are.
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        workshop = Workshop(Path(folder), environment, options.rounds)
        for letter in options.only:
            for row in _ALL[letter](workshop):
                met = met and row.met
                lines.append(f"| {letter} | {row.what} | {row.figures} | {row.value} | {row.goal} | {row.verdict} |")
                print(lines[-1], file=sys.stderr, flush=True)
    load = " ".join(f"{item:.1f}" for item in os.getloadavg())
    # Where the load is above the cores, wall times tell of the other work: compare CPU times and ratios.
    lines += ["", f"Load at the end: {load} on {os.cpu_count()} cores."]
    table = "\n".join(lines) + "\n"
    print(table, end="")
    if options.out:
        options.out.write_text(table, encoding="utf-8")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
