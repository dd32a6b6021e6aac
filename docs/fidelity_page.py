"""The page on how faithful the twin is: results of the suites (docs/reference/fidelity/, written by `make conformance`) and the known differences."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

RESULTS = Path(__file__).parent / "reference" / "fidelity"
KNOWN = Path(__file__).parents[1] / "tests" / "conformance" / "known_differences.yaml"
_INTRODUCTION = """\
The twin is held against Kubernetes itself: the same generated cases are played on the control plane of the tests (`testbed/`: kube-apiserver, kube-controller-manager and
kube-scheduler, with KWOK in the place of kubelets) or judged by kube-scheduler's own plugins, and on the twin. `make conformance` plays them all and writes this page; CI plays a sample.
A difference that is not named below fails the suite. What the control plane did may be kept (`SEAKEEP_PLAYED=FOLDER`), so that a twin that has changed since is held against the same again.

Agreement counts in the first unit of what was compared, and known differences count as differences."""
_PLAYED = frozenset(
    {"admission", "cron", "disruptions", "drains", "endpoints", "garbage", "hpa", "jobs", "nodes", "preemption"}
    | {"workloads"}
)
_SEEN = "In brackets: which suites can meet the difference, and how often they did. *Not counted*: it did not occur, or the comparison leaves the field out."


def page() -> str:
    results = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(RESULTS.glob("*.json"), key=lambda path: path.stem)
    ]
    known = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    blocks = ["# Fidelity of the twin", "<!-- Written by `make docs` from the results of `make conformance`. -->"]
    blocks += [_INTRODUCTION, "## Agreement", _table(results), _sequences(results)]
    blocks += [
        "## What is compared",
        "\n".join(f"- **{item['suite']}**: {item['what']}" for item in results if item["what"]),
    ]
    blocks += ["## Known differences", _SEEN, *_known(known, results)]
    return "\n\n".join(blocks) + "\n"


def _table(results: list[dict[str, Any]]) -> str:
    rows = [
        "| suite | cases | compared | agreement | differences | Kubernetes | run |",
        "|---|---:|---|---:|---|---|---|",
    ]
    for item in results:
        compared = ", ".join(f"{number:,} {unit}" for unit, number in item["compared"].items())
        apart = item["differences"]
        cells = (
            item["suite"],
            f"{item['cases']:,}",
            compared,
            _percent(next(iter(item["compared"].values())), sum(apart.values())),
            ", ".join(f"{number:,} {name or '**unknown**'}" for name, number in apart.items()) or "none",
            item["kubernetes"],
            item["date"],
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _sequences(results: list[dict[str, Any]]) -> str:
    """Those that were played on the control plane; the other suites judge single states."""
    played = [item for item in results if item["suite"] in _PLAYED]
    number = sum(item["cases"] for item in played)
    names = ", ".join(item["suite"] for item in played)
    return f"{number:,} generated sequences were played on the control plane and on the twin ({names})."


def _percent(compared: int, apart: int) -> str:
    """Rounded down: 100 % is said only where nothing differs."""
    hundredths = (compared - apart) * 10_000 // compared
    return "100 %" if not apart else f"{hundredths / 100:.2f} %"


def _known(known: list[dict[str, Any]], results: list[dict[str, Any]]) -> list[str]:
    """By area, in the order of the file."""
    seen: Counter[str] = Counter()
    for item in results:
        seen.update(item["differences"])
    areas: dict[str, list[str]] = {}
    for entry in known:
        text = f"- **{entry['id']}**: {entry['what']} Why: {entry['why']} ({_times(entry, seen[entry['id']])})"
        areas.setdefault(entry["area"], []).append(text)
    return [f"### {area}\n\n" + "\n".join(texts) for area, texts in areas.items()]


def _times(entry: dict[str, Any], seen: int) -> str:
    suites = ", ".join(sorted(entry["seen_in"]))
    if not suites:
        return "no suite plays it"
    if seen:
        return f"{suites}: seen {'once' if seen == 1 else f'{seen:,} times'}"
    return f"{suites}: not counted"
