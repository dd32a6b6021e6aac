"""Every node of a generated cluster drained and lost on the twin, each from the same settled state: `python -m benchmarks.disruptions 1000 30000 [--sample 20]`."""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from msgspec.structs import replace

from benchmarks.cluster import write_dump
from seakeep.adapters.files.read import read_path
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import DaemonSet, KubeObject, Node, Pod, PodDisruptionBudget, ReplicaSet
from seakeep.model.objects.base import Metadata
from seakeep.model.objects.workloads import PdbSpec, Strategy
from seakeep.model.snapshot import Snapshot
from seakeep.twin.build import build
from seakeep.twin.disruption.drain import drain
from seakeep.twin.disruption.drain_filters import DrainOptions
from seakeep.twin.disruption.outage import lose_node
from seakeep.twin.world import Twin

_OPTIONS = DrainOptions(force=True, ignore_daemonsets=True, delete_emptydir_data=True)
_HALF_HOUR = 1800.0
# After all times of the generated objects.
_TAKEN = datetime(2026, 6, 1, tzinfo=UTC)
_world: list[Twin] = []


def platform(nodes: int, size: int) -> Snapshot:
    """The generated cluster, healthy, with a budget for every third application."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cluster.json"
        write_dump(path, nodes, size)
        snapshot = read_path(str(path))
    budgets = {}
    for owner in [item for item in snapshot.all(ReplicaSet) if item.spec.replicas][::3]:
        pdb = PodDisruptionBudget(
            api_version="policy/v1",
            metadata=Metadata(name=owner.name, namespace=owner.namespace, generation=1),
            spec=PdbSpec(max_unavailable=1, selector=owner.spec.selector),
        )
        budgets[owner.namespace, owner.name] = pdb
    # The generated revisions have equal templates and the agents no history: without these changes the twin would first roll everything out.
    sets = {(item.namespace, item.name): item for item in snapshot.all(ReplicaSet) if item.spec.replicas}
    agents = {(item.namespace, item.name): _by_hand(item) for item in snapshot.all(DaemonSet)}
    # Crash loops would go on beside every disruption: their controllers make these pods anew, and they work.
    pods = {(item.namespace, item.name): item for item in snapshot.all(Pod) if is_ready(item)}
    objects: dict[str, Mapping[tuple[str, str], KubeObject]] = {
        **snapshot.objects,
        "PodDisruptionBudget": dict(sorted(budgets.items())),
        "ReplicaSet": sets,
        "DaemonSet": agents,
        "Pod": pods,
    }
    return Snapshot(snapshot.source, _TAKEN, objects, complete=snapshot.complete)


def _by_hand(item: DaemonSet) -> DaemonSet:
    return replace(item, spec=replace(item.spec, update_strategy=Strategy(type="OnDelete")))


def play(job: tuple[str, str]) -> tuple[str, float, int, bool]:
    """(what, seconds of CPU, steps, whether the node was drained). CPU, since others may use the machine, too."""
    what, name = job
    start = time.process_time()
    twin = _world[0].branch()
    done = True
    if what == "drain":
        done = drain(twin, name, _OPTIONS).drained
    else:
        lose_node(twin, name)
        twin.settle(within=_HALF_HOUR)
    return what, time.process_time() - start, len(twin.steps), done


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("nodes", type=int)
    parser.add_argument("pods", type=int)
    parser.add_argument("--sample", type=int, default=0, help="only so many nodes")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    snapshot = platform(options.nodes, options.pods)
    start = time.perf_counter()
    twin = build(snapshot)
    twin.settle(within=_HALF_HOUR)
    _world.append(twin)
    print(f"loaded and settled in {time.perf_counter() - start:.2f} s, {len(twin.steps)} steps")
    names = [item.name for item in twin.state.all(Node)]
    if options.sample:
        names = names[:: max(len(names) // options.sample, 1)]
    jobs = [(what, name) for name in names for what in ("drain", "lose")]
    gc.collect()
    gc.freeze()
    gc.disable()  # as the command does: see cli/main.py
    start = time.perf_counter()
    if options.jobs > 1:
        with get_context("fork").Pool(options.jobs) as pool:
            found = pool.map(play, jobs, chunksize=8)
    else:
        found = [play(job) for job in jobs]
    wall = time.perf_counter() - start
    for what in ("drain", "lose"):
        times = sorted(seconds for each, seconds, _, _ in found if each == what)
        steps = sum(count for each, _, count, _ in found if each == what)
        done = sum(good for each, _, _, good in found if each == what)
        print(
            f"{what}: {len(times)} nodes, median {times[len(times) // 2] * 1000:.1f} ms of CPU, "
            f"slowest {times[-1] * 1000:.1f} ms, {steps // len(times)} steps each, {done} done"
        )
    each = sum(seconds for _, seconds, _, _ in found) / len(found)
    print(
        f"{len(jobs)} scenarios in {wall:.1f} s on {options.jobs} processes, {each * 1000:.1f} ms of CPU and "
        f"{wall / len(jobs) * 1000:.1f} ms of the whole each"
    )


if __name__ == "__main__":
    main()
