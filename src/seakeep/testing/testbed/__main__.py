"""`python -m seakeep.testing.testbed build | up`: build the testbed, or keep one running for a person."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from seakeep.testing.testbed import build
from seakeep.testing.testbed.cluster import ControlPlane


def main() -> int:
    """Returns the exit code: 1 when the testbed cannot be built or started."""
    parser = argparse.ArgumentParser(prog="python -m seakeep.testing.testbed", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build the control plane and KWOK into the cache")
    up = commands.add_parser("up", help="start a control plane and keep it until Ctrl-C")
    up.add_argument("--nodes", type=int, default=2, help="how many nodes (default: 2)")
    up.add_argument("--folder", type=Path, help="where its data and logs go (default: a new temporary folder)")
    up.add_argument("--apply", type=Path, action="append", default=[], help="a manifest or a folder to apply")
    arguments = parser.parse_args()
    try:
        binaries = build.build()
        if arguments.command == "build":
            print(f"ready: {binaries.control_plane} and {binaries.kwok}")
            return 0
        names = [f"node-{number}" for number in range(1, arguments.nodes + 1)]
        with tempfile.TemporaryDirectory(prefix="seakeep-testbed-") as temporary:
            folder = arguments.folder or Path(temporary)
            with ControlPlane.start(folder, names, binaries=binaries) as plane:
                for source in arguments.apply:
                    plane.apply(source)
                print(f"export KUBECONFIG={plane.kubeconfig}", flush=True)
                print("running until Ctrl-C", file=sys.stderr)
                signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except build.TestbedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
