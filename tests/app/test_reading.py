"""What the API server refuses of a manifest on reading it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.app.reading import Reading
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.validation import everything
from tests.twin.builders import Object, snapshot
from tests.twin.platforms import platform, workload

SERVER = Reading(replace(snapshot([]), server_version="v1.37.2"))


def read(raw: Object, old: Object | None = None) -> str:
    return SERVER(raw, from_mapping(raw), from_mapping(old) if old is not None else None)


def deployment(*, spec: Object | None = None, **container: Any) -> Object:
    found = workload("Deployment", "web", 1)
    found["spec"]["template"]["spec"]["containers"][0] |= container
    found["spec"] |= spec or {}
    return found


def secret(kind: str = "Opaque", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "type": kind, "data": data}


def claim(**spec: Any) -> Object:
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}


def pod(**spec: Any) -> Object:
    containers = [{"name": "a", "image": "a:1"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": containers, **spec}}


def autoscaler(metric: Object) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 3, "metrics": [metric]}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": spec,
    }


def binding(**metadata: Any) -> Object:
    """To an account of which it is not said where it is."""
    subjects = [{"kind": "ServiceAccount", "name": "robot"}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    found: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "a"},
    }
    found["metadata"] |= metadata
    return {**found, "roleRef": role, "subjects": subjects}


SIZE = {"requests": {"storage": "1Gi"}}
REFUSED: dict[str, tuple[Object, str]] = {
    "a field that slipped": (
        deployment(spec={"replica": 3}),
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica" (spec.replicas?)',
    ),
    "a number as text": (deployment(env=[{"name": "PORT", "value": 587}]), "a number where text belongs"),
    "no base64": (secret(key="not base64!"), 'Secret in version "v1" cannot be handled as a Secret: data.key: '),
    "a version that went": (
        {**deployment(), "apiVersion": "apps/v1beta1"},
        'no matches for kind "Deployment" in version "apps/v1beta1"',
    ),
    "a version that never was": (
        {**deployment(), "apiVersion": "apps/v3"},
        'no matches for kind "Deployment" in version "apps/v3"',
    ),
    "an account of no namespace": (binding(), "subjects[0].namespace: missing, and required"),
}
LEFT: dict[str, tuple[Object, str]] = {
    "keys of its type": (secret("kubernetes.io/tls", **{"tls.crt": "YQ=="}), "data[tls.key]: Required value"),
    "access modes": (claim(resources=SIZE), "spec.accessModes: Required value: at least 1 access mode is required"),
    "a resource of no name": (deployment(resources={"requests": {"cpus": "1"}}), "must be a standard resource type"),
    "half a device": (deployment(resources={"limits": {"example.com/disk": "500m"}}), "must be an integer"),
    "less than nothing": (deployment(resources={"requests": {"cpu": "-1"}}), "must be greater than or equal to 0"),
    "privileged and not": (
        deployment(securityContext={"privileged": True, "allowPrivilegeEscalation": False}),
        "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    ),
    "nobody at all": (
        deployment(securityContext={"runAsUser": -1}),
        "runAsUser: Invalid value: -1: must be between 0 and 2147483647",
    ),
    "a key with a blank": (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a b": "x"}},
        'data[a b]: Invalid value: "a b": a valid config key must consist of',
    ),
    "no one to ask for names": (pod(dnsPolicy="None"), "spec.dnsConfig: Required value: must provide `dnsConfig`"),
    "a metric without a figure": (
        autoscaler({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}),
        "must set either a target raw value or a target utilization",
    ),
    "a metric of another type": (
        autoscaler({"type": "Pods", "resource": {"name": "cpu", "target": {"type": "Value", "value": "1"}}}),
        "spec.metrics[0].pods: Required value: must populate information for the given metric source",
    ),
    "a word that is none": (autoscaler({"type": "Cpu"}), 'spec.metrics[0].type: Unsupported value: "Cpu"'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    raw, text = REFUSED[name]
    assert text in read(raw)


@pytest.mark.parametrize("name", LEFT)
def test_what_validation_says_is_said_once(name: str) -> None:
    """By the twin."""
    raw, text = LEFT[name]
    assert not read(raw)
    assert text in "".join(everything(defaulted(from_mapping(raw))))


@pytest.mark.parametrize(
    "raw",
    [
        deployment(),
        secret(key="YQ=="),
        claim(resources=SIZE, accessModes=["ReadWriteOnce"]),
        {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"replica": 1}},
        {**deployment(), "status": {}},
        deployment(
            resources={"limits": {"example.com/disk": "2", "hugepages-2Mi": "4Mi", "memory": "1Gi", "cpu": "1"}}
        ),
        pod(dnsPolicy="None", dnsConfig={"nameservers": ["10.0.0.10"]}),
        deployment(securityContext={"allowPrivilegeEscalation": False, "runAsUser": 0}),
        autoscaler(
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
            }
        ),
        autoscaler(
            {
                "type": "Object",
                "object": {
                    "describedObject": {"kind": "Ingress", "name": "a"},
                    "metric": {"name": "r"},
                    "target": {"type": "Value", "value": "2k", "averageValue": "1"},
                },
            }
        ),
    ],
)
def test_taken(raw: Object) -> None:
    assert not read(raw)


def test_what_is_there_need_not_be_said_again() -> None:
    whole = claim(resources=SIZE, accessModes=["ReadWriteOnce"])
    assert not SERVER(claim(resources=SIZE), from_mapping(whole), from_mapping(whole))
    assert read(secret(key="not base64!"), secret(key="YQ=="))


def test_what_was_wrong_before_is_no_reason_to_refuse_a_change() -> None:
    assert not read(binding(labels={"a": "b"}), binding())


def test_what_the_twin_says_is_left_to_it() -> None:
    """In the API server's own words."""
    below = {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}
    assert not read(deployment(resources=below, imagePullPolicy="Often"))


def test_a_version_that_went_from_newer_servers_only() -> None:
    raw = {**deployment(), "apiVersion": "apps/v1beta1"}
    assert not Reading(snapshot([]))(raw, from_mapping(raw), None)
    assert Reading(replace(platform(), server_version="v1.16.0"))(raw, from_mapping(raw), None)
