"""The engine `real`: the testbed's control plane with a snapshot on it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from seakeep.app.real_engine import EngineMissingError
from seakeep.model.objects import Pod
from seakeep.model.snapshot import Snapshot
from seakeep.testing.testbed import build
from seakeep.testing.testbed.replay.plane import Plane
from seakeep.testing.testbed.replay.play import Run
from seakeep.testing.testbed.replay.restore import Restore
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.settings import Settings

_HINT = "Build it once with `make testbed` or `python -m seakeep.testing.testbed build`, in Seakeep's source tree."


class Testbed:
    """Starts a control plane of its own for each rehearsal, and ends it."""

    __test__ = False

    @contextmanager
    def open(
        self, snapshot: Snapshot, faults: Sequence[tuple[Pod, Fault]], say: Callable[[str], None]
    ) -> Iterator[Run]:
        """Raises EngineMissingError where the testbed is not built or fails."""
        try:
            programs = build.find()
            if programs is None:
                raise EngineMissingError("the real control plane is not built", _HINT)
            grace = int(Settings().node_monitor_grace)
            with tempfile.TemporaryDirectory(prefix="seakeep-real-") as folder:
                say("Starting the real control plane")
                with Plane.start(Path(folder), (), binaries=programs, node_grace_seconds=grace) as plane:
                    say("Restoring the snapshot on it")
                    restore = Restore(plane, snapshot, faults)
                    restore.run()
                    yield Run(plane, restore.left_out)
        except build.TestbedError as error:
            raise EngineMissingError(f"the real control plane failed: {error}", _HINT) from error


def engine() -> Testbed:
    """What the entry point names."""
    return Testbed()
