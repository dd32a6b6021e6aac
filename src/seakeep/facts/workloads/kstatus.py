"""When an object has reached its wished state, by the rules of kstatus (sigs.k8s.io/cli-utils, pkg/kstatus/status: core.go and generic.go), which kapp, Flux and kpt wait by as well.

Where we differ: a claim whose class waits for its first pod is not waited for, because its pod may come in a later wave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seakeep.facts.workloads.podstate import condition
from seakeep.model.commands import Condition, Health
from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    KubeObject,
    Namespace,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    Service,
    StatefulSet,
    StorageClass,
    Unstructured,
    Workload,
)

Judgement = tuple[Condition, str]
_CURRENT: Judgement = (Condition.CURRENT, "")


def health(item: KubeObject, *, waits_for_pod: bool = False) -> Health:
    """`waits_for_pod`: of a claim, that its StorageClass binds at the first use."""
    status, message = _judge(item, waits_for_pod=waits_for_pod)
    return Health(item.ref, status, message, _ready(item))


def binds_at_first_use(storage_class: StorageClass | None) -> bool:
    return storage_class is not None and storage_class.volume_binding_mode == "WaitForFirstConsumer"


def _judge(item: KubeObject, *, waits_for_pod: bool) -> Judgement:
    if item.metadata.deletion_timestamp is not None:
        return Condition.TERMINATING, "it is being deleted"
    seen = _observed(item)
    if seen is not None and seen < item.metadata.generation:
        return _progress(f"its controller has seen generation {seen} of {item.metadata.generation}")
    match item:
        case PersistentVolumeClaim():
            bound = item.status.phase == "Bound" or waits_for_pod
            return _CURRENT if bound else _progress(f"the claim is {item.status.phase or 'new'}")
        case Namespace():
            return _CURRENT if item.status.phase in {"", "Active"} else (Condition.TERMINATING, item.status.phase)
        case Unstructured():
            return _custom(item)
    rule = _RULES.get(type(item))
    return rule(item) if rule is not None else _CURRENT


def _observed(item: KubeObject) -> int | None:
    """The generation that the controller has seen, for kinds whose status tells it."""
    if isinstance(item, Workload | PodDisruptionBudget):
        return item.status.observed_generation
    if isinstance(item, Unstructured) and isinstance(item.status, Mapping):
        seen = item.status.get("observedGeneration")
        return seen if isinstance(seen, int) else None
    return None


def _ready(item: KubeObject) -> int | None:
    match item:
        case DaemonSet():
            return item.status.number_ready
        case Workload():
            return item.status.ready_replicas
        case Pod():
            return int(condition(item, "Ready") == "True")
    return None


def _progress(message: str) -> Judgement:
    return Condition.IN_PROGRESS, message


def _deployment(item: Any) -> Judgement:
    spec, status = item.spec, item.status
    wanted = 1 if spec.replicas is None else spec.replicas
    for each in status.conditions:
        if each.type == "Progressing" and each.reason == "ProgressDeadlineExceeded":
            return Condition.FAILED, each.message or each.reason
    return _first(
        (status.replicas < wanted, f"{status.replicas} of {wanted} pods are made"),
        (status.updated_replicas < wanted, f"{status.updated_replicas} of {wanted} pods are updated"),
        (status.replicas > status.updated_replicas, f"{status.replicas - status.updated_replicas} old pods are left"),
        (status.available_replicas < status.updated_replicas, f"{status.available_replicas} of {wanted} are available"),
        (status.ready_replicas < wanted, f"{status.ready_replicas} of {wanted} pods are ready"),
        (
            any(each.type == "Available" and each.status == "False" for each in status.conditions),
            "it is not available",
        ),
    )


def _stateful_set(item: Any) -> Judgement:
    spec, status = item.spec, item.status
    strategy = spec.update_strategy
    if strategy is not None and strategy.type == "OnDelete":
        return _CURRENT  # pods are replaced when somebody deletes them
    wanted = 1 if spec.replicas is None else spec.replicas
    partition = strategy.rolling_update.partition if strategy is not None and strategy.rolling_update else 0
    new = max(wanted - partition, 0)
    return _first(
        (status.replicas < wanted, f"{status.replicas} of {wanted} pods are made"),
        (status.ready_replicas < wanted, f"{status.ready_replicas} of {wanted} pods are ready"),
        (status.replicas > wanted, f"{status.replicas - wanted} pods too many are left"),
        (bool(partition) and status.updated_replicas < new, f"{status.updated_replicas} of {new} pods are updated"),
        (
            not partition and wanted > 0 and status.current_revision != status.update_revision,
            f"{status.updated_replicas} of {wanted} pods are updated",
        ),
    )


def _daemon_set(item: Any) -> Judgement:
    status = item.status
    wanted = status.desired_number_scheduled
    return _first(
        (status.observed_generation == 0 and item.metadata.generation > 0, "its controller has not seen it"),
        (status.current_number_scheduled < wanted, f"{status.current_number_scheduled} of {wanted} pods are made"),
        (status.updated_number_scheduled < wanted, f"{status.updated_number_scheduled} of {wanted} pods are updated"),
        (status.number_available < wanted, f"{status.number_available} of {wanted} pods are available"),
        (status.number_ready < wanted, f"{status.number_ready} of {wanted} pods are ready"),
    )


def _replica_set(item: Any) -> Judgement:
    wanted, status = 1 if item.spec.replicas is None else item.spec.replicas, item.status
    return _first(
        (status.replicas != wanted, f"{status.replicas} of {wanted} pods are made"),
        (status.available_replicas < wanted, f"{status.available_replicas} of {wanted} pods are available"),
        (status.ready_replicas < wanted, f"{status.ready_replicas} of {wanted} pods are ready"),
    )


def _job(item: Any) -> Judgement:
    for each in item.status.conditions:
        if each.status == "True" and each.type == "Failed":
            return Condition.FAILED, each.message or each.reason or "it failed"
        if each.status == "True" and each.type in {"Complete", "Suspended"}:
            return _CURRENT
    # A Job that runs is where it should be: when it ends is its own affair.
    return _CURRENT if item.status.start_time is not None or item.spec.suspend else _progress("it has not started")


def _pod(item: Any) -> Judgement:
    if item.status.phase == "Succeeded":
        return _CURRENT
    if item.status.phase == "Failed":
        return Condition.FAILED, item.status.reason or "its containers failed"
    return _CURRENT if condition(item, "Ready") == "True" else _progress("it is not ready")


def _service(item: Any) -> Judgement:
    waits = item.spec.type == "LoadBalancer" and not item.spec.cluster_ip
    return _progress("it has no address yet") if waits else _CURRENT


def _custom(item: Unstructured) -> Judgement:
    """CustomResourceDefinitions, and whatever follows the API conventions: Stalled, Reconciling, Ready."""
    status = item.status if isinstance(item.status, Mapping) else {}
    conditions = [each for each in status.get("conditions") or () if isinstance(each, Mapping)]
    by_type = {str(each.get("type")): each for each in conditions}

    def shows(name: str, value: str) -> bool:
        return name in by_type and by_type[name].get("status") == value

    def message(name: str) -> str:
        return str(by_type[name].get("message") or by_type[name].get("reason") or name)[:200]

    if item.kind == "CustomResourceDefinition":
        if shows("NamesAccepted", "False"):
            return Condition.FAILED, message("NamesAccepted")
        return _CURRENT if shows("Established", "True") else _progress("it is not established")
    if shows("Stalled", "True"):
        return Condition.FAILED, message("Stalled")
    if shows("Reconciling", "True"):
        return _progress(message("Reconciling"))
    if shows("Ready", "False") or shows("Ready", "Unknown"):
        return _progress(message("Ready"))
    return _CURRENT


def _first(*checks: tuple[bool, str]) -> Judgement:
    return next((_progress(message) for holds, message in checks if holds), _CURRENT)


_RULES: Mapping[type[KubeObject], Callable[[Any], Judgement]] = {
    Deployment: _deployment,
    StatefulSet: _stateful_set,
    DaemonSet: _daemon_set,
    ReplicaSet: _replica_set,
    Job: _job,
    CronJob: lambda _: _CURRENT,
    Pod: _pod,
    Service: _service,
}
