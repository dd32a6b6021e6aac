"""kill -9 at every step of a plan of 44 changes on a real control plane: the same end, and each change made once.

A sample of the steps; SEAKEEP_EVERY_STEP=1 plays all of them. With `-s`, or where it fails, the table of what was seen is printed.
"""

from __future__ import annotations

import os
import re
import signal
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.apply.cluster import Cli, changes_since, content, prepare, version

pytestmark = pytest.mark.engine("kubernetes")
_FLAGS = ("--yes", "--force-conflicts", "--no-scores")
# Of each kind: the first, one in the middle, and the last steps; what lies between fsync and send is `fsynced` of an announcement.
_SAMPLE = (
    "entry:1",
    "entry:4",
    "fsynced:3",
    "fsynced:6",
    "fsynced:13",
    "sent:1",
    "sent:10",
    "sent:23",
    "sent:44",
    "entry:20",
)
_MEANS = {
    "entry": "before the journal's entry is written",
    "fsynced": "when the entry is on disk, before what it announces is sent",
    "sent": "when the server has answered, before the answer is in the journal",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """After a kill at `point` and a resumption: `wrong` says what went otherwise than it must; nothing, if all is well."""

    point: str
    resumed: bool
    doubled: int
    lost: int
    same_end: bool
    wrong: str = ""


def _points(counted: str) -> list[str]:
    if not os.environ.get("SEAKEEP_EVERY_STEP"):
        return list(_SAMPLE)
    counts = re.findall(r"(entry|fsynced|sent)=(\d+)", counted)
    return [f"{kind}:{number}" for kind, count in counts for number in range(1, int(count) + 1)]


def test_killed_and_resumed(control_plane: ControlPlane, tmp_path: Path) -> None:
    plan = prepare(control_plane, "whole")
    assert len(plan.changes) >= 40
    cli = Cli(tmp_path, control_plane.kubeconfig)
    start = version(control_plane, "whole")
    whole = cli.run("apply", str(cli.plan(plan)), *_FLAGS, crash="count:0")
    assert whole.returncode == 0, whole.stderr
    wanted = content(control_plane, "whole")
    once = {change.id.replace("/whole/", "/"): 1 for change in plan.changes}
    assert changes_since(control_plane, "whole", start) == once
    points = _points(whole.stderr)
    assert len(points) >= 8
    outcomes = [
        _killed(control_plane, tmp_path, f"killed-{number:03d}", point, once, wanted)
        for number, point in enumerate(points)
    ]
    print(_table(outcomes, len(plan.changes)))
    assert [item for item in outcomes if item.wrong] == []


def _killed(
    plane: ControlPlane, folder: Path, namespace: str, point: str, once: Mapping[str, int], wanted: Mapping[str, Any]
) -> Outcome:
    place = folder / namespace
    place.mkdir()
    cli = Cli(place, plane.kubeconfig)
    plan = prepare(plane, namespace)
    start = version(plane, namespace)
    killed = cli.run("apply", str(cli.plan(plan)), *_FLAGS, crash=point)
    resumed = cli.run("apply", "--resume", cli.last_run(), *_FLAGS)
    found, made = content(plane, namespace), changes_since(plane, namespace, start)
    plane.api.delete("v1", "Namespace", namespace)
    doubled = sum(max(count - once.get(name, 0), 0) for name, count in made.items())
    lost = sum(max(count - made.get(name, 0), 0) for name, count in once.items())
    said = ""
    if killed.returncode != -signal.SIGKILL:
        said = f"it was not killed: {killed.returncode} {killed.stderr}"
    elif resumed.returncode:
        said = f"not resumed: {resumed.stdout} {resumed.stderr}"
    elif found != wanted or made != once:
        said = f"another end: {sorted(made.items() ^ once.items())}"
    return Outcome(point, resumed.returncode == 0, doubled, lost, found == wanted, said)


def _table(outcomes: Sequence[Outcome], changes: int) -> str:
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for item in outcomes:
        kinds[item.point.partition(":")[0]].append(item)
    rows = [
        f"| {_MEANS[kind]} | {len(items)} | {sum(item.resumed for item in items)} | {sum(item.same_end for item in items)} "
        f"| {sum(item.doubled for item in items)} | {sum(item.lost for item in items)} |"
        for kind, items in sorted(kinds.items())
    ]
    head = f"{changes} changes\n\n| killed | times | resumed | same end | doubled | lost |\n|---|---|---|---|---|---|"
    return "\n".join(["", head, *rows])
