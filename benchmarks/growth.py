"""How the cost of placement grows with pods, nodes and kinds of pods. Each run is a process of its own, so that peak memory is its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.rows import Row, Workshop

_PODS = (25_000, 50_000, 100_000, 150_000)
_NODES = (1_700, 2_500, 5_000)
_KINDS = (750, 1_500, 3_000)
# Above the ratio of sizes by so much: caches hold less of a larger cluster.
_SLACK = 1.25
_ANSWER = re.compile(r": ([\d.]+) s of CPU, .* (\d+) fit nowhere, (\d+) MB")


def of_placement(shop: Workshop) -> Iterator[Row]:
    """Linear means: k times as many pods take at most k times as long, and so do k times as many nodes or kinds of pods."""
    nodes, pods, kinds = _NODES[-1], _PODS[-1], _KINDS[-1]
    sizes = [(nodes, count, kinds) for count in _PODS]
    sizes += [(count, pods, kinds) for count in _NODES[:-1]] + [(nodes, pods, count) for count in _KINDS[:-1]]
    found = {size: _run(shop, *size) for size in sizes}
    seconds, memory = found[nodes, pods, kinds]
    what = "placement of 150,000 pods of 3,000 kinds, mixed constraints, on 5,000 nodes"
    yield Row(what, f"{150_000 / seconds:,.0f} pods a second", f"{seconds:.1f} s of CPU", "under 30 s", seconds < 30)
    yield Row(f"{what}, peak resident memory", "", f"{memory / 1000:.2f} GB", "under 3 GB", memory < 3_000)
    yield _row("pods on 5,000 nodes", [(count, found[nodes, count, kinds]) for count in _PODS])
    yield _row("nodes for 150,000 pods", [(count, found[count, pods, kinds]) for count in _NODES])
    yield _row("kinds of pods, 150,000 on 5,000 nodes", [(count, found[nodes, pods, count]) for count in _KINDS])


def _row(what: str, runs: list[tuple[int, tuple[float, int]]]) -> Row:
    figures = ", ".join(f"{count:,}: {seconds:.1f} s and {memory} MB" for count, (seconds, memory) in runs)
    (first, (least, _)), (last, (most, _)) = runs[0], runs[-1]
    steps = all(later[0] <= sooner[0] * (more / fewer) * _SLACK for (fewer, sooner), (more, later) in pairwise(runs))
    goal = f"at most {last / first:.1f} x, and so from each size to the next (a quarter more at most)"
    return Row(
        f"growth of placement with the number of {what}, CPU time", figures, f"{most / least:.1f} x", goal, steps
    )


def _run(shop: Workshop, nodes: int, pods: int, kinds: int) -> tuple[float, int]:
    """Seconds of CPU and MB at the peak."""
    command = [sys.executable, "-m", "benchmarks.scheduling", str(nodes), str(pods), str(kinds)]
    done = subprocess.run(command, env=dict(shop.environment), check=True, capture_output=True, text=True)
    answer = _ANSWER.search(done.stdout)
    if answer is None or answer[2] != "0":
        raise RuntimeError(f"not all pods were placed: {done.stdout}")
    return float(answer[1]), int(answer[3])
