"""Programs that a run starts and ends: their logs, readiness and free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import IO

from seakeep.testing.testbed.build import TestbedError

_STOP_SECONDS = 8.0
_TAIL_LINES = 25
# Becomes the program after it has asked the kernel to end it with whom it was started by (PR_SET_PDEATHSIG, which outlives exec).
_BOUND = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, {int(signal.SIGKILL)})
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""


def free_ports(count: int) -> list[int]:
    """Loopback ports that were free just now; held together, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _started(command: Sequence[str], folder: Path, out: IO[bytes]) -> subprocess.Popen[bytes]:
    """On Linux, the program ends also where this process is killed and can end nothing any more."""
    if sys.platform == "linux":
        command = [sys.executable, "-ISc", _BOUND, str(os.getpid()), *command]
    # A session of its own: Ctrl-C at the terminal goes to the launcher, which then stops all in order.
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, start_new_session=True
    )


@cache
def _starter(process: int) -> ThreadPoolExecutor:
    """One thread that starts all programs of this process (a fork has its own): to the kernel, the parent is the thread that started a program, and others end earlier."""
    return ThreadPoolExecutor(1, f"testbed-{process}")


class Process:
    """One program with its log. It is ended by its own pid and nothing else is; it does not outlive this process."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as out:
            self._process = _starter(os.getpid()).submit(_started, command, folder, out).result()
        self.pid = self._process.pid

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready` says so. Raises TestbedError, with the end of the log, when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if (code := self._process.poll()) is not None:
                raise TestbedError(f"{self.name} ended with code {code}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise TestbedError(f"{self.name} is not ready after {seconds:.0f} s:\n{self.tail()}")
            time.sleep(0.05)

    def tail(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join(f"  {line[:300]}" for line in lines)

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """End it, by force after some seconds."""
        self.ask_to_stop()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
