"""The one place where a twin is put together: admission, controllers, kubelets, names."""

from __future__ import annotations

from datetime import UTC, datetime

from seakeep.model.snapshot import Snapshot
from seakeep.twin.admission.chain import admit
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.claims import Claims, failing_classes
from seakeep.twin.controllers.cron_job import CronJobs
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.controllers.endpoint_slice import EndpointSlices
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.job import Jobs
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.controllers.pod_gc import PodCollector
from seakeep.twin.controllers.quota import Quotas
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.controllers.taint_eviction import TaintEviction
from seakeep.twin.faults import Recorded
from seakeep.twin.kubelet import Kubelet
from seakeep.twin.names import Suffixes
from seakeep.twin.observed import Observed
from seakeep.twin.settings import Settings

# The clock of a snapshot that does not say when it was taken.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def controllers(snapshot: Snapshot) -> tuple[Controller, ...]:
    """In the order in which they look at a change. What the snapshot shows as failing goes on failing until its cause is repaired."""
    return (
        Quotas(),
        Deployments(),
        ReplicaSets(),
        StatefulSets(),
        DaemonSets(),
        CronJobs(),
        Jobs(),
        Claims(failing_classes(snapshot)),
        Disruptions(),
        EndpointSlices(),
        GarbageCollector(),
        NodeLifecycle(),
        TaintEviction(),
        PodCollector(),
        Kubelet(faults=Recorded(snapshot)),
    )


def build(
    snapshot: Snapshot, *, now: datetime | None = None, seed: int = 0, settings: Settings | None = None
) -> Observed:
    """Controllers have been started and have done nothing yet. `now` is the snapshot's own time where it is not given."""
    twin = Observed(
        snapshot,
        controllers(snapshot),
        now=now or snapshot.taken_at or _NO_TIME,
        suffix=Suffixes(seed),
        admit=admit,
        settings=settings,
    )
    twin.start_controllers()
    return twin
