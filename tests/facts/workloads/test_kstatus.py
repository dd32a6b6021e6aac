"""When an object is where it should be. The cases follow kstatus's own (cli-utils, pkg/kstatus/status/status_compute_test.go)."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.facts.workloads.kstatus import health
from seakeep.model.commands import Condition

CURRENT, PROGRESS, FAILED = Condition.CURRENT, Condition.IN_PROGRESS, Condition.FAILED


def _object(kind: str, version: str, spec: Any, status: Any, generation: int = 1, **metadata: Any) -> dict[str, Any]:
    named = {"name": "x", "namespace": "n", "generation": generation, **metadata}
    return {"apiVersion": version, "kind": kind, "metadata": named, "spec": spec, "status": status}


def _deployment(**status: Any) -> dict[str, Any]:
    whole = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
    return _object("Deployment", "apps/v1", {"replicas": 2}, whole | status)


def _stateful_set(spec: Any = None, **status: Any) -> dict[str, Any]:
    whole = {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2, "currentRevision": "a", "updateRevision": "a"}  # fmt: skip
    return _object("StatefulSet", "apps/v1", {"replicas": 2, **(spec or {})}, whole | status)


def _daemon_set(**status: Any) -> dict[str, Any]:
    whole = {"observedGeneration": 1, "desiredNumberScheduled": 3, "currentNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3, "numberReady": 3}  # fmt: skip
    return _object("DaemonSet", "apps/v1", {}, whole | status)


def _condition(kind: str, status: str, reason: str = "") -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status, "reason": reason}]}


_CUSTOM = ("Kafka", "kafka.strimzi.io/v1beta2", {})
_CRD = ("CustomResourceDefinition", "apiextensions.k8s.io/v1", {})
_PARTITION = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (_deployment(), CURRENT),
        (_deployment(observedGeneration=0), PROGRESS),
        (_deployment(replicas=1), PROGRESS),
        (_deployment(updatedReplicas=1), PROGRESS),
        (_deployment(replicas=3), PROGRESS),
        (_deployment(availableReplicas=1), PROGRESS),
        (_deployment(readyReplicas=1), PROGRESS),
        (_deployment(**_condition("Available", "False")), PROGRESS),
        (_deployment(**_condition("Progressing", "False", "ProgressDeadlineExceeded")), FAILED),
        (_object("Deployment", "apps/v1", {"replicas": 0}, {"observedGeneration": 1}), CURRENT),
        (_stateful_set(), CURRENT),
        (_stateful_set(readyReplicas=1), PROGRESS),
        (_stateful_set(updateRevision="b"), PROGRESS),
        (_stateful_set(_PARTITION, updateRevision="b", updatedReplicas=1), CURRENT),
        (_stateful_set(_PARTITION, updateRevision="b", updatedReplicas=0), PROGRESS),
        (_stateful_set({"updateStrategy": {"type": "OnDelete"}}, updateRevision="b"), CURRENT),
        (_daemon_set(), CURRENT),
        (_daemon_set(updatedNumberScheduled=2), PROGRESS),
        (_daemon_set(numberReady=2), PROGRESS),
        (_daemon_set(observedGeneration=0), PROGRESS),
        (_object("ReplicaSet", "apps/v1", {"replicas": 1}, {"observedGeneration": 1, "replicas": 1}), PROGRESS),
        (_object("Job", "batch/v1", {}, {}), PROGRESS),
        (_object("Job", "batch/v1", {}, {"startTime": "2026-01-01T00:00:00Z"}), CURRENT),
        (_object("Job", "batch/v1", {}, _condition("Complete", "True")), CURRENT),
        (_object("Job", "batch/v1", {}, _condition("Failed", "True")), FAILED),
        (_object("PersistentVolumeClaim", "v1", {}, {"phase": "Bound"}), CURRENT),
        (_object("PersistentVolumeClaim", "v1", {}, {"phase": "Pending"}), PROGRESS),
        (_object("Pod", "v1", {}, {"phase": "Running", **_condition("Ready", "True")}), CURRENT),
        (_object("Pod", "v1", {}, {"phase": "Running", **_condition("Ready", "False")}), PROGRESS),
        (_object("Pod", "v1", {}, {"phase": "Succeeded"}), CURRENT),
        (_object("Pod", "v1", {}, {"phase": "Failed"}), FAILED),
        (_object("PodDisruptionBudget", "policy/v1", {}, {"observedGeneration": 1}), CURRENT),
        (_object("PodDisruptionBudget", "policy/v1", {}, {}), PROGRESS),
        (_object("Service", "v1", {"type": "LoadBalancer"}, {}), PROGRESS),
        (_object("Service", "v1", {"type": "ClusterIP"}, {}), CURRENT),
        (_object("ConfigMap", "v1", None, None), CURRENT),
        (_object(*_CRD, {}), PROGRESS),
        (_object(*_CRD, _condition("Established", "True")), CURRENT),
        (_object(*_CRD, _condition("NamesAccepted", "False")), FAILED),
        (_object(*_CUSTOM, {}), CURRENT),
        (_object(*_CUSTOM, {"observedGeneration": 1}, 2), PROGRESS),
        (_object(*_CUSTOM, _condition("Ready", "True")), CURRENT),
        (_object(*_CUSTOM, _condition("Ready", "False")), PROGRESS),
        (_object(*_CUSTOM, _condition("Reconciling", "True")), PROGRESS),
        (_object(*_CUSTOM, _condition("Stalled", "True")), FAILED),
        (_object("ConfigMap", "v1", None, None, deletionTimestamp="2026-01-01T00:00:00Z"), Condition.TERMINATING),
    ],
)
def test_status(raw: dict[str, Any], wanted: Condition) -> None:
    found = health(from_mapping(raw))
    assert found.status is wanted
    assert bool(found.message) == (wanted is not CURRENT)


def test_a_claim_that_waits_for_its_pod_is_not_waited_for() -> None:
    claim = from_mapping(_object("PersistentVolumeClaim", "v1", {}, {"phase": "Pending"}))
    assert health(claim, waits_for_pod=True).status is CURRENT
