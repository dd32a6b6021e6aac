"""The twin's placement next to kube-scheduler's, on the same nodes and pods: those that the testbed's API server holds."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import pods
from benchmarks.rows import Row, Workshop
from benchmarks.scheduling import state
from seakeep.model.objects import Pod
from seakeep.testing.testbed import ControlPlane, NodeSpec, build
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.fill import fill
from seakeep.twin.state import State

_NODES, _LARGE = 1_000, 5_000
# KWOK renews leases at an eighth of this: more often would take the machine from the scheduler.
_GRACE = 800
_VERSION = re.compile(rb'"resourceVersion":"(\d+)"')
_READ = (("v1", "Node"), ("v1", "Namespace"), ("v1", "Service"), ("v1", "Pod"))


@dataclass(frozen=True, slots=True)
class Workload:
    """`threshold` is what kube-scheduler's own benchmark asks for at 5,000 nodes (test/integration/scheduler_perf/*/performance-config.yaml, 1.37), in pods a second."""

    name: str
    maker: pods.Maker
    count: int
    kinds: int
    namespaces: tuple[str, ...]
    threshold: int = 0
    served: bool = False

    def made(self) -> list[pods.Object]:
        return pods.many(self.maker, self.count, self.kinds)

    def around(self) -> list[pods.Object]:
        """What must be there before the pods."""
        spaces: list[pods.Object] = [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in self.namespaces
        ]
        if self.served:
            spaces += [pods.service(self.namespaces[0], f"app-{number}") for number in range(self.kinds)]
        return spaces


WORKLOADS = (
    Workload("mixed constraints", pods.mixed, 3_000, 60, tuple(f"team-{number}" for number in range(20))),
    Workload("basic", pods.basic, 1_000, 4, ("basic",), 680),
    Workload("hard zone spread", pods.hard_spread, 1_000, 4, ("hard-spread",), 460),
    Workload("default spread", pods.default_spread, 1_000, 4, ("default-spread",), 160, served=True),
    Workload("required anti-affinity", pods.anti_affinity, 1_000, 4, ("anti-affinity",), 180),
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Pods a second by the clock, and by the CPU time of the process alone."""

    wall: float
    cpu: float


def against_kube_scheduler(shop: Workshop) -> Iterator[Row]:
    del shop
    binaries = build.find()
    goal = "at least 50 x"
    if binaries is None:
        yield Row("placement, against kube-scheduler", "the testbed is not built", "-", goal, met=True, measured=False)
        return
    with (
        tempfile.TemporaryDirectory(prefix="seakeep-bench-") as folder,
        ControlPlane.start(Path(folder), (), binaries=binaries, node_grace_seconds=_GRACE) as plane,
    ):
        plane.add_nodes([_spec(number) for number in range(_NODES)], seconds=600)
        for load in WORKLOADS:
            real, before = _real(plane, load)
            twin = _twin(before)
            ratio = twin.wall / real.wall
            what = f"placement of {load.count:,} pods on {_NODES:,} nodes, {load.name}: pods a second, against kube-scheduler {build.KUBERNETES} with KWOK"
            figures = (
                f"twin {twin.wall:,.0f}, kube-scheduler {real.wall:,.0f} ({real.cpu:,.0f} for each second of its CPU)"
            )
            yield Row(what, figures, f"{ratio:.0f} x", goal, ratio >= 50)
    for load in WORKLOADS:
        # The API server's defaults make no difference to placement.
        nodes = [pods.node(number) for number in range(_LARGE)]
        twin = _twin(state([*nodes, *load.around(), *load.made()]))
        what = f"placement of {load.count:,} pods on {_LARGE:,} nodes, {load.name}: pods a second"
        if load.threshold:
            figures = f"scheduler_perf of Kubernetes 1.37 asks for {load.threshold}"
            ratio = twin.wall / load.threshold
            yield Row(what, figures, f"{twin.wall:,.0f}, {ratio:.0f} x", "above it", ratio > 1)
        else:
            yield Row(what, "", f"{twin.wall:,.0f}", "at least 5,000", twin.wall >= 5_000)


def _spec(number: int) -> NodeSpec:
    return NodeSpec(
        f"node-{number:05}",
        cpu=pods.ROOM["cpu"],
        memory=pods.ROOM["memory"],
        labels=pods.node_labels(number),
        taints=pods.node_taints(number),
    )


def _real(plane: ControlPlane, load: Workload) -> tuple[Rate, State]:
    """kube-scheduler's rate in its steady state, and all that it had before. The pods are gone afterwards."""
    made = load.made()
    plane.apply(load.around())
    with plane.without_scheduler():
        _all(plane, "POST", [(_path(item), item) for item in made])
        objects = [
            {"apiVersion": version, "kind": kind, **item}
            for version, kind in _READ
            for item in plane.api.find(version, kind)
        ]
        bindings = _Bindings(plane, load.count)
    seconds, cpu = bindings.between()
    _all(plane, "DELETE", [(f"{_path(item)}/{item['metadata']['name']}?gracePeriodSeconds=0", None) for item in made])
    plane.wait_for("end of the pods", lambda: not plane.api.find("v1", "Pod"), 300)
    counted = bindings.last - bindings.first
    return Rate(counted / seconds, counted / cpu), state(objects)


def _path(item: pods.Object) -> str:
    return f"/api/v1/namespaces/{item['metadata']['namespace']}/pods"


def _all(plane: ControlPlane, method: str, requests: Iterable[tuple[str, pods.Object | None]]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: plane.api.request(method, *each), requests))


class _Bindings:
    """Watches pods get their nodes. The first and the last tenth do not count: the scheduler starts, and its last bindings trail."""

    def __init__(self, plane: ControlPlane, count: int) -> None:
        self._plane = plane
        self.first, self.last = count // 10, count - count // 10
        self._count = count
        self._marks: dict[int, tuple[float, float]] = {}
        self._watching, self._done = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        if not self._watching.wait(30):
            raise RuntimeError("the watch of pods does not start")

    def _watch(self) -> None:
        seen, last = 0, ""
        # The API server closes a watch that falls behind: the next one goes on where it ended.
        while True:
            query = "watch=1&fieldSelector=spec.nodeName!%3D&timeoutSeconds=900" + (last and f"&resourceVersion={last}")
            for line in self._plane.api.lines(f"/api/v1/pods?{query}", self._watching.set):
                version = _VERSION.search(line)
                last = version[1].decode() if version else last
                if line.startswith(b'{"type":"ADDED"'):
                    seen += 1
                    if seen in {self.first, self.last}:
                        self._marks[seen] = (time.perf_counter(), _cpu(self._plane.pids["kube-scheduler"]))
                    if seen == self._count:
                        self._done.set()
                        return

    def between(self) -> tuple[float, float]:
        """Seconds by the clock and of the scheduler's CPU, from the first to the last binding that counts."""
        if not self._done.wait(900):
            raise RuntimeError("kube-scheduler has not bound all pods")
        (start, used), (end, used_then) = self._marks[self.first], self._marks[self.last]
        return end - start, used_then - used


def _cpu(pid: int) -> float:
    """Seconds of CPU of a running process (proc_pid_stat(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _twin(before: State) -> Rate:
    """The median of three, each from the start: the view of the cluster is built anew."""
    rates = []
    for _ in range(3):
        waiting = [item for item in before.all(Pod) if not item.spec.node_name]
        start, used = time.perf_counter(), time.process_time()
        found = fill(Cluster(before), waiting)
        rates.append(Rate(len(waiting) / (time.perf_counter() - start), len(waiting) / (time.process_time() - used)))
        if min(found) < 0:
            raise RuntimeError("the twin finds no node for a pod that kube-scheduler binds")
    return sorted(rates, key=lambda item: item.wall)[1]
