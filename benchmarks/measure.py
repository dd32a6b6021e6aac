"""Whole processes, measured by the kernel: wall time, CPU time, peak resident memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """`wall` and `cpu` in seconds, `peak` in bytes."""

    wall: float
    cpu: float
    peak: int
    code: int


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """One process, its output dropped."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(environment)
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, process.returncode)


def alternating(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], rounds: int
) -> dict[str, list[Run]]:
    """Each command once per round, so that what else the machine does meets all of them alike. The first round only warms caches."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            done = run(command, environment)
            if number:
                runs[name].append(done)
    return runs


def wall(runs: Sequence[Run]) -> float:
    return statistics.median(item.wall for item in runs)


def cpu(runs: Sequence[Run]) -> float:
    return statistics.median(item.cpu for item in runs)


def peak(runs: Sequence[Run]) -> int:
    return max(item.peak for item in runs)
