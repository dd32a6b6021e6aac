"""kill -9 at every step of a plan of 44 changes on a real control plane: the same end, and each change made once.

A sample of the steps; SEAKEEP_EVERY_STEP=1 plays all of them.
"""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

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
    for number, point in enumerate(points):
        namespace = f"killed-{number:03d}"
        folder = tmp_path / namespace
        folder.mkdir()
        plan = prepare(control_plane, namespace)
        cli = Cli(folder, control_plane.kubeconfig)
        start = version(control_plane, namespace)
        killed = cli.run("apply", str(cli.plan(plan)), *_FLAGS, crash=point)
        assert killed.returncode == -signal.SIGKILL, (point, killed.returncode, killed.stderr)
        resumed = cli.run("apply", "--resume", cli.last_run(), *_FLAGS)
        assert resumed.returncode == 0, (point, resumed.stdout, resumed.stderr)
        assert content(control_plane, namespace) == wanted, point
        assert changes_since(control_plane, namespace, start) == once, point
        control_plane.api.delete("v1", "Namespace", namespace)
