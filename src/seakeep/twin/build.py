"""The one place where a twin is put together: admission, controllers, kubelets, names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from seakeep.model.objects import KubeObject, Namespace, Pod
from seakeep.model.quantity import QuantityError
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.clock import taken
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.claims import Claims, failing_classes
from seakeep.twin.controllers.cron_job import CronJobs
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.controllers.endpoint_slice import EndpointSlices
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.hpa import Autoscalers
from seakeep.twin.controllers.job import Jobs
from seakeep.twin.controllers.namespaces import Namespaces, finalized, stuck
from seakeep.twin.controllers.node_lifecycle import NodeLifecycle
from seakeep.twin.controllers.pod_gc import PodCollector
from seakeep.twin.controllers.quota import Quotas
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.service_accounts import ServiceAccounts
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.controllers.taint_eviction import TaintEviction
from seakeep.twin.kubelet.blame import Blame
from seakeep.twin.kubelet.dependencies import Needs, rooted
from seakeep.twin.kubelet.faults import Recorded
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.kubelet.life import is_of_job
from seakeep.twin.kubelet.measured import Measured
from seakeep.twin.names import Suffixes
from seakeep.twin.observed import Observed
from seakeep.twin.settings import Settings

_STEPS, _STEPS_PER_POD = 20_000, 100
# Their templates are compared with those of what they own.
_TEMPLATED = ("CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet")


def stored(snapshot: Snapshot) -> Snapshot:
    """Namespaces with the finalizer that is theirs, and workloads with the API server's defaults, which a trimmed dump or a manifest leaves out: without them a Deployment's template would never be that of the ReplicaSet that it makes."""
    changed: dict[str, dict[tuple[str, str], KubeObject]] = {}
    for kind in _TEMPLATED:
        group = dict(snapshot.objects.get(kind, {}))
        for key, item in group.items():
            if snapshot.depth(item.ref) is Depth.FULL:
                with suppress(QuantityError):  # taken as found
                    group[key] = defaulted(item)
        if group:
            changed[kind] = group
    spaces = {("", item.name): finalized(item) for item in snapshot.all(Namespace)}
    if spaces:
        changed["Namespace"] = {**spaces}
    return replace(snapshot, objects={**snapshot.objects, **changed})


def controllers(
    snapshot: Snapshot,
    needs: Needs | None = None,
    blames: Mapping[Ref, Blame] | None = None,
    *,
    applications: bool = True,
) -> tuple[Controller, ...]:
    """In the order in which they look at a change. What the snapshot shows as failing goes on failing until its cause is repaired. See `build`."""
    faults = Recorded(snapshot, blames)
    lasting = frozenset(pod.ref for pod in snapshot.all(Pod) if pod.status.phase == "Running" and is_of_job(pod))
    always = (
        ServiceAccounts(),
        Quotas(),
        Deployments(),
        ReplicaSets(),
        StatefulSets(),
        DaemonSets(),
        Jobs(),
        Claims(failing_classes(snapshot)),
        Disruptions(),
        EndpointSlices(),
        GarbageCollector(),
        Namespaces(stuck(snapshot)),
        NodeLifecycle(),
        TaintEviction(),
        PodCollector(),
    )
    if not applications:
        return (*always, Kubelet(faults=faults, lasting=lasting))
    measured = Measured(snapshot)
    return (
        *always,
        CronJobs(),
        Autoscalers(measured),
        Kubelet(faults=faults, needs=needs or {}, memory=measured.memory, lasting=lasting),
    )


def build(
    snapshot: Snapshot,
    *,
    now: datetime | None = None,
    seed: int = 0,
    settings: Settings | None = None,
    needs: Needs | None = None,
    blames: Mapping[Ref, Blame] | None = None,
    applications: bool = True,
) -> Observed:
    """Controllers have been started and have done nothing yet. `now` is the snapshot's own time where it is not given (see `taken`). The bound on steps grows with the pods, each of which may move a few times.

    `needs` are the Services without which a workload is not ready, `blames` what a diagnosis says of the faults. Without `applications` nobody knows what containers do: no needs, no measured usage and so no autoscaler, and no
    CronJob, whose schedule goes by the time of day.
    """
    snapshot = stored(snapshot)
    twin = Observed(
        snapshot,
        controllers(snapshot, rooted(snapshot, needs or {}), blames, applications=applications),
        now=now or taken(snapshot),
        suffix=Suffixes(seed),
        admit=admit,
        settings=settings or Settings(most_steps=_STEPS + _STEPS_PER_POD * len(snapshot.objects.get("Pod", ()))),
    )
    twin.start_controllers()
    return twin
