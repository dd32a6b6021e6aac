"""What is written in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from seakeep.model.comparison import LeftOut
from seakeep.model.objects import (
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    LimitRange,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PriorityClass,
    ReplicaSet,
    ReplicationController,
    ResourceQuota,
    Secret,
    Service,
    ServiceAccount,
    StatefulSet,
    StorageClass,
)
from seakeep.model.snapshot import Depth, Snapshot
from seakeep.testing.testbed.replay.fates import Fates
from seakeep.testing.testbed.replay.plane import Plane
from seakeep.testing.testbed.replay.restore import ground, machines, pods, volumes, workloads
from seakeep.testing.testbed.replay.restore.revisions import Revisions
from seakeep.testing.testbed.replay.restore.writes import Writes
from seakeep.twin.kubelet.faults import Fault

# What controllers make anew, or what tells nothing about the state.
_SILENT = frozenset({"ControllerRevision", "Endpoints", "EndpointSlice", "Event", "Lease", "NodeMetrics", "PodMetrics"})
_ABSENT = {
    "CustomResourceDefinition": "custom resources have no controller there",
    "HorizontalPodAutoscaler": "no metrics API is there",
    "MutatingWebhookConfiguration": "what it calls does not run there",
    "ValidatingWebhookConfiguration": "what it calls does not run there",
}
_RESTORED = frozenset(
    kind.__name__
    for kind in (
        ConfigMap, CronJob, DaemonSet, Deployment, Job, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod,
        PodDisruptionBudget, PriorityClass, ReplicaSet, ReplicationController, ResourceQuota, Secret, Service, ServiceAccount, StatefulSet, StorageClass,
    )
)  # fmt: skip


class Restore:
    """`left_out` grows while it works: what the server refused, and what is not restored at all."""

    def __init__(self, plane: Plane, snapshot: Snapshot, faults: Sequence[tuple[Pod, Fault]]) -> None:
        self._plane, self._snapshot = plane, snapshot
        self._writes = Writes(plane, snapshot)
        self._fates = Fates(snapshot, faults)
        self._revisions = Revisions(self._writes, self._fates)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return self._writes.left_out

    def run(self) -> None:
        """Raises TestbedError where the control plane fails."""
        writes = self._writes
        self._note_kinds()
        ground.restore(writes)
        self._revisions.make()
        with self._plane.stopped():
            machines.restore(writes)
            volumes.restore(writes)
            workloads.restore(writes, self._fates)
            writes.all(Service, skip=lambda item: (item.namespace, item.name) == ("default", "kubernetes"))
            writes.all(PodDisruptionBudget)
            for pod in self._snapshot.all(Pod):
                pods.restore(writes, self._revisions, pod)
            self._revisions.scale()
            writes.all(LimitRange)
            writes.all(ResourceQuota)
            ground.label_namespaces(writes)
        machines.wait(writes)
        self._await_quotas()

    def _note_kinds(self) -> None:
        for kind, group in self._snapshot.objects.items():
            if kind not in _RESTORED | _SILENT:
                self._writes.leave_out(kind, _ABSENT.get(kind, "it decides nothing that is compared"), len(group))
        shallow = Counter(ref.kind for ref, depth in self._snapshot.shallow.items() if depth < Depth.DESCRIBED)
        for kind, count in shallow.items():
            if kind in _RESTORED:
                self._writes.leave_out(kind, "only a table row was seen", count)

    def _await_quotas(self) -> None:
        for item in self._snapshot.all(ResourceQuota):
            if item.ref in self._writes.uids:
                self._writes.wait(item.name, partial(self._used, item))

    def _used(self, item: ResourceQuota) -> object:
        return self._plane.api.get("v1", "ResourceQuota", item.name, item.namespace)["status"].get("used")
