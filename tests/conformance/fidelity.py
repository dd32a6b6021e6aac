"""What a suite found when it held the twin against real Kubernetes, kept for docs/reference/fidelity.md.

Where SEAKEEP_FIDELITY names a folder (`make conformance` does), `record` writes SUITE.json there; otherwise nothing. `make docs` makes the page from these files and from
known_differences.yaml.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

import seakeep
from seakeep.testing.testbed.build import KUBERNETES

KNOWN = Path(__file__).parent / "known_differences.yaml"
SOURCES = Path(seakeep.__file__).parent
_FOLDER = "SEAKEEP_FIDELITY"
# The parts of a suite that this run has recorded so far.
_run: dict[str, dict[str, Any]] = {}


def known() -> dict[str, dict[str, Any]]:
    """The known differences by id."""
    return {entry["id"]: entry for entry in yaml.safe_load(KNOWN.read_text(encoding="utf-8"))}


@functools.cache
def twin() -> str:
    """Stands for the sources of the twin and of what it is made from: a result of another one is to be renewed."""
    digest = hashlib.sha256()
    for room in ("model", "facts", "twin"):
        for path in sorted((SOURCES / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def record(
    suite: str,
    *,
    cases: int,
    compared: Mapping[str, int],
    differences: Mapping[str, int],
    seconds: float = 0.0,
    what: str = "",
) -> None:
    """Call it before the assertions. `suite` is the file's name (lower case, dashes), `cases` how many were generated, `what` the page's words for what is compared.

    `compared` counts what was compared by unit, {"decisions": 9000, "objects": 4000}; the first unit is the one in which `differences` counts, and agreement is 1 - differences / it.
    `differences` counts those by the id of the known difference, with "" for unknown ones, which also fail the test. Parts of one suite in one run add up; a new run replaces the old result.
    Raises ValueError for an id that known_differences.yaml lacks, and for nothing compared.
    """
    if unnamed := sorted(differences.keys() - known().keys() - {""}):
        raise ValueError(f"{suite}: not in {KNOWN.name}: {', '.join(unnamed)}")
    if not cases or not compared or not next(iter(compared.values())):
        raise ValueError(f"{suite}: nothing was compared")
    folder = os.environ.get(_FOLDER)
    if not folder:
        return
    before = _run.get(suite, {})
    found = {
        "suite": suite,
        "what": what or before.get("what", ""),
        "kubernetes": KUBERNETES,
        "twin": twin(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cases": cases + before.get("cases", 0),
        "compared": _sum(before.get("compared", {}), compared),
        "differences": dict(sorted(_sum(before.get("differences", {}), differences).items())),
        "seconds": round(seconds + before.get("seconds", 0.0)),
    }
    _run[suite] = found
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{suite}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """The order of the units stays; what was not found is not told."""
    total = Counter(one)
    total.update(other)
    return {key: number for key, number in total.items() if number}
