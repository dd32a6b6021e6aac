"""The one place where a twin is put together: admission, controllers, kubelets, names."""

from __future__ import annotations

from datetime import UTC, datetime

from seakeep.model.snapshot import Snapshot
from seakeep.twin.admission.chain import admit
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.controllers.endpoint_slice import EndpointSlices
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.controllers.pod_gc import PodCollector
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.controllers.taint_eviction import TaintEviction
from seakeep.twin.kubelet import Kubelet
from seakeep.twin.names import Suffixes
from seakeep.twin.observed import Observed
from seakeep.twin.settings import Settings

# The clock of a snapshot that does not say when it was taken.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def controllers() -> tuple[Controller, ...]:
    """In the order in which they look at a change."""
    return (
        Deployments(),
        ReplicaSets(),
        StatefulSets(),
        DaemonSets(),
        Disruptions(),
        EndpointSlices(),
        GarbageCollector(),
        NodeLifecycle(),
        TaintEviction(),
        PodCollector(),
        Kubelet(),
    )


def build(
    snapshot: Snapshot, *, now: datetime | None = None, seed: int = 0, settings: Settings | None = None
) -> Observed:
    """Controllers have been started and have done nothing yet. `now` is the snapshot's own time where it is not given."""
    twin = Observed(
        snapshot,
        controllers(),
        now=now or snapshot.taken_at or _NO_TIME,
        suffix=Suffixes(seed),
        admit=admit,
        settings=settings,
    )
    twin.start_controllers()
    return twin
