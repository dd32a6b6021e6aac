"""`make conformance`: every suite at its full size, one after the other. A suite records as it ends, and one that fails does not stop the rest. Names of suites as arguments: only those. `--stale` names the results that an older twin gave.

SEAKEEP_PLAYED=FOLDER keeps what the control plane did (kept.py): the next run holds the twin against the same again, in minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.conformance.fidelity import twin

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "docs" / "reference" / "fidelity"
# Sequences or cases for each: enough for the page, about an hour in all on two cores. Without these, a suite plays its sample.
SIZES: dict[str, dict[str, int]] = {
    "scheduler": {"SEAKEEP_CONFORMANCE_CASES": 12_000, "SEAKEEP_RARER_CASES": 12_000},
    "network_policy": {"SEAKEEP_CONFORMANCE_CASES": 12_000},
    "admission": {"SEAKEEP_CONFORMANCE_CASES": 12_000},
    "endpoints": {"SEAKEEP_ENDPOINT_CASES": 300},
    "garbage": {"SEAKEEP_GARBAGE_CASES": 300},
    "hpa": {"SEAKEEP_HPA_CASES": 48},
    "cron_jobs": {"SEAKEEP_CRON_CASES": 24},
    "nodes": {"SEAKEEP_NODE_CASES": 100},
    "jobs": {"SEAKEEP_JOB_CASES": 500},
    "disruptions": {"SEAKEEP_DISRUPTION_CASES": 500},
    "drains": {"SEAKEEP_DRAIN_CASES": 150},
    "workloads": {"SEAKEEP_WORKLOAD_CASES": 500},
    "required": {},
    "fields": {"SEAKEEP_CONFORMANCE_CASES": 12_000},
    "preemption": {"SEAKEEP_PREEMPTION_CASES": 200},
}


def main(names: list[str]) -> int:
    if names == ["--stale"]:
        return _stale()
    if unknown := sorted(set(names) - SIZES.keys()):
        print(f"no such suite: {', '.join(unknown)} (there are {', '.join(SIZES)})", file=sys.stderr)
        return 2
    chosen = names or list(SIZES)
    failed: list[str] = []
    began = time.monotonic()
    for number, name in enumerate(chosen, start=1):
        size = ", ".join(f"{key}={value}" for key, value in SIZES[name].items())
        print(f"[{number}/{len(chosen)}] {name} ({size})", flush=True)
        started = time.monotonic()
        if _play(name) != 0:
            failed.append(name)
        took = time.monotonic() - started
        print(f"    {'FAILED' if name in failed else 'ok'}, {took:.0f} s", flush=True)
    print(f"{len(chosen) - len(failed)} of {len(chosen)} suites agree, {(time.monotonic() - began) / 60:.0f} min")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _stale() -> int:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    older = [item["suite"] for item in found if item.get("twin") != twin()]
    print(f"{len(older)} of {len(found)} results are of an older twin{': ' if older else ''}{', '.join(older)}")
    return 1 if older else 0


def _play(name: str) -> int:
    sizes = {key: str(value) for key, value in SIZES[name].items()}
    given = {"SEAKEEP_REQUIRE": "kubernetes", "SEAKEEP_FIDELITY": str(RESULTS)} | sizes
    command = [sys.executable, "-m", "pytest", "-q", "-s", "--tb=short", str(HERE / f"test_{name}.py")]
    return subprocess.run(command, env=given | os.environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
