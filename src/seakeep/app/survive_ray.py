"""The same disruptions on a Ray cluster. Each worker builds the base twin once, from the same snapshot: the outcomes are those of one process."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from seakeep.adapters.errors import UsageError
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Disruption, Outcome

# Seconds.
_ANSWER = 5.0


def on_ray(
    snapshot: Snapshot,
    intent: Intent,
    today: date,
    wanted: Sequence[Disruption],
    address: str,
    progress: Callable[[str], None],
    workers: int = 0,
) -> list[Outcome]:
    """`local` starts a cluster on this machine and ends it again. `workers` 0 is one per processor of the cluster. Raises UsageError where Ray is not installed or not there."""
    try:
        import ray
    except ImportError as error:
        raise UsageError("Ray is not installed", "pip install 'seakeep[ray]'") from error
    progress(f"Connecting to Ray at {address}")
    check_address(address)
    try:
        here = _local(workers) if address == "local" else {"address": address}
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR", **here)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UsageError(f"no Ray cluster answers at {address}") from error
    try:
        return _spread(ray, snapshot, intent, today, wanted, progress, workers)
    except ray.exceptions.RayError as error:
        raise UsageError(
            f"the work on Ray failed: {type(error).__name__}",
            "Its nodes need this version of Seakeep and of Python. Without --ray the work is done here.",
        ) from error
    finally:
        ray.shutdown()


def check_address(address: str) -> None:
    """Raises UsageError where nobody listens there: Ray itself tries for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():  # local, auto: Ray's own to find
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"no Ray cluster answers at {address}", "Name HOST:PORT of its head, or leave --ray out to work here."
        ) from error


def _local(workers: int) -> dict[str, Any]:
    """On loopback: Ray takes the machine's own address for 127.0.0.1, but no other of that range, all of which Linux has."""
    return {"num_cpus": workers or None} | ({"_node_ip_address": "127.0.0.3"} if sys.platform == "linux" else {})


def _spread(
    ray: Any,
    snapshot: Snapshot,
    intent: Intent,
    today: date,
    wanted: Sequence[Disruption],
    progress: Callable[[str], None],
    workers: int,
) -> list[Outcome]:
    """In chunks that whoever is free takes next; they come back in order."""
    from seakeep.app.survive import told

    count = workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
    shared = ray.put((snapshot, intent, today))
    actors = [ray.remote(num_cpus=1)(Worker).remote(shared) for _ in range(min(count, max(len(wanted), 1)))]
    size = max(1, min(32, len(wanted) // (len(actors) * 4)))
    chunks = [list(wanted[start : start + size]) for start in range(0, len(wanted), size)]
    pool = ray.util.ActorPool(actors)
    found = pool.map(lambda actor, chunk: actor.attempt.remote(chunk), chunks)
    return list(told((item for chunk in found for item in chunk), len(wanted), progress))


class Worker:
    """Lives in a Ray process."""

    def __init__(self, shared: tuple[Snapshot, Intent, date]) -> None:
        from seakeep.app.rehearse_base import prepare

        self._base = prepare(*shared)

    def attempt(self, wanted: Sequence[Disruption]) -> list[Outcome]:
        from seakeep.app.survive import attempt

        return [attempt(self._base, item) for item in wanted]
