"""Programs of a run do not outlive whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seakeep.testing.testbed.process import Process

# Starts a program from a thread that ends, says its pid, and waits to be killed.
STARTER = """
import sys, threading, time
from pathlib import Path
from seakeep.testing.testbed.process import Process
found = []
thread = threading.Thread(target=lambda: found.append(Process("sleeper", ["sleep", "300"], Path(sys.argv[1]))))
thread.start()
thread.join()
print(found[0].pid, flush=True)
time.sleep(300)
"""


def name_of(pid: int) -> str:
    """The program that runs under a pid, "" where none does (what has ended and waits for its parent does not run)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    name, _, rest = stat.rpartition(")")
    return "" if rest.split()[0] == "Z" else name.partition("(")[2]


def wait_for(pid: int, name: str) -> bool:
    deadline = time.monotonic() + 20
    while name_of(pid) != name and time.monotonic() < deadline:
        time.sleep(0.02)
    return name_of(pid) == name


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux to end it")
def test_what_is_killed_takes_its_programs_along(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        try:
            assert starter.stdout is not None
            pid = int(starter.stdout.readline())
            assert wait_for(pid, "sleep")
            time.sleep(0.3)
            assert name_of(pid) == "sleep"  # the end of the thread that asked for it was not its end
        finally:
            os.kill(starter.pid, signal.SIGKILL)
    assert wait_for(pid, "")


def test_a_program_is_ended_by_its_own_pid_and_its_log_is_kept(tmp_path: Path) -> None:
    process = Process("talker", ["sh", "-c", "echo up; exec sleep 300"], tmp_path)
    process.wait_ready(lambda: "up" in process.tail(), 20)
    assert name_of(process.pid) == "sleep" or sys.platform != "linux"
    process.stop()
    assert name_of(process.pid) == ""
