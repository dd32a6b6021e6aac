"""Both sides of a scheduling case, and where they differ."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from seakeep.app.rehearse import schedule_stream
from tests.conformance import scheduling_cases


@dataclass
class Agreement:
    """Counts over many cases; `pods_apart` differ in nodes, reasons or totals, and `differences` says where."""

    cases: int = 0
    pods: int = 0
    pods_apart: int = 0
    feasible: int = 0
    refused: int = 0
    triples: int = 0
    equal_triples: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(
    control_plane: Path, seeds: Sequence[int], case: Callable[[int], dict[str, Any]] = scheduling_cases.case
) -> Agreement:
    """The oracle (kube-scheduler's own plugins) against the twin, on the same lines."""
    lines = [json.dumps(case(seed)).encode() for seed in seeds]
    done = subprocess.run([control_plane, "oracle"], input=b"\n".join(lines) + b"\n", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found = Agreement()
    ours = schedule_stream(lines)
    for seed, theirs, answer in zip(seeds, done.stdout.splitlines(), ours, strict=True):
        found.cases += 1
        by_pod = {item["pod"]: item for item in msgspec.to_builtins(answer)}
        expected = json.loads(theirs)
        if list(by_pod) != [item["pod"] for item in expected]:
            found.pods += len(expected)
            found.pods_apart += len(expected)
            found.differences.append(f"case {seed}: judged {sorted(by_pod)}")
            continue
        for item in expected:
            _pod(found, seed, item, by_pod[item["pod"]])
    return found


def _pod(found: Agreement, seed: int, expected: dict[str, Any], got: dict[str, Any]) -> None:
    found.pods += 1
    found.feasible += len(expected["feasible"])
    found.refused += len(expected["reasons"])
    found.reasons.update(reason for reasons in expected["reasons"].values() for reason in reasons)
    apart = [part for part in ("feasible", "reasons", "total") if expected[part] != got[part]]
    found.pods_apart += bool(apart)
    for part in apart:
        found.differences.append(f"case {seed}, {expected['pod']}, {part}: {expected[part]} and not {got[part]}")
    for node, scores in expected["scores"].items():
        for plugin in sorted({*scores, *got["scores"].get(node, {})}):
            found.triples += 1
            found.equal_triples += scores.get(plugin) == got["scores"].get(node, {}).get(plugin)
