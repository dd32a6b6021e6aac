"""What repairs set, with the figures; and that none is proposed once its ground is taken away."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from seakeep.catalog.loader import causes, services
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.model.change import Change
from seakeep.model.fields import leaves, text_of
from seakeep.testing.cases import snapshot_of
from tests.catalog.cause_cases import CASES

LEAVES = {leaf.id: leaf for leaf in causes()}
RECOGNISE = recognising(services())
Object = dict[str, Any]
MAIN = "spec.template.spec.containers[name=main]"


def _case(leaf_id: str, name: str) -> Object:
    return deepcopy(next(case for known, case in CASES if known == leaf_id and case["name"] == name))


def _changes(leaf_id: str, case: Object) -> list[Change]:
    found = LEAVES[leaf_id].find(Index(snapshot_of(case), RECOGNISE))
    return [change for item in found for change in item.repair.changes]


def _the(case: Object, kind: str, name: str = "") -> Object:
    return next(raw for raw in case["objects"] if raw["kind"] == kind and raw["metadata"]["name"].startswith(name))


@pytest.mark.parametrize(
    ("leaf_id", "name", "sets", "removes"),
    [
        ("app-config-error", "the revision before had another value for the variable that the log names", {f"{MAIN}.env[name=LOG_LEVEL].value": "info"}, ()),
        ("heap-exceeds-limit", "heap as large as the limit", {f"{MAIN}.resources.limits.memory": "2816Mi"}, ()),
        ("image-not-found", "the revision before had another tag", {f"{MAIN}.image": "acme/web:1.4"}, ()),
        ("insufficient-memory", "the revision before asked for what a node has", {f"{MAIN}.resources.requests.memory": "400Mi"}, ()),
        ("liveness-wrong-protocol", "HTTP to gRPC, and readiness asks by gRPC", {f"{MAIN}.livenessProbe.grpc.port": 50051}, (f"{MAIN}.livenessProbe.httpGet",)),
        ("liveness-wrong-protocol", "HTTP to a port that speaks TLS", {f"{MAIN}.livenessProbe.httpGet.scheme": "HTTPS"}, ()),
        ("oom-killed", "its Deployment was read, and the node has room", {f"{MAIN}.resources.limits.memory": "96Mi"}, ()),
        ("quota-blocks-rollout", "the same, and the nodes have room", {'spec.hard["requests.cpu"]': "3"}, ()),
        ("quota-exceeded-memory", "the ReplicaSet's event, the quota was read", {'spec.hard["limits.memory"]': "5Gi"}, ()),
        ("readiness-wrong-port", "its Deployment was read, and the container has one port", {f"{MAIN}.readinessProbe.httpGet.port": 8080}, ()),
        ("service-port-mismatch", "the Service's own port moved, three callers use the old one", {"spec.ports[port=9555,protocol=TCP].targetPort": 9555}, ("spec.ports[port=9666,protocol=TCP]",)),
        ("service-protocol-mismatch", "SCTP in front of a named TCP port", {"spec.ports[port=80,protocol=TCP].targetPort": "grpc"}, ("spec.ports[port=80,protocol=SCTP]",)),
        ("volume-full", "its class allows expansion", {"spec.resources.requests.storage": "2Gi"}, ()),
    ],
)  # fmt: skip
def test_what_is_set(leaf_id: str, name: str, sets: Object, removes: tuple[str, ...]) -> None:
    (change,) = _changes(leaf_id, _case(leaf_id, name))
    assert {text_of(path): value for path, value in leaves(change.patch)} == sets
    assert change.remove == removes


def _node(case: Object, **allocatable: str) -> None:
    _the(case, "Node")["status"]["allocatable"].update(allocatable)


def _gone(case: Object, kind: str, name: str = "") -> None:
    case["objects"].remove(_the(case, kind, name))


def _before(case: Object, **fields: Any) -> None:
    """Of the container in the revision before."""
    _the(case, "ReplicaSet", "web-5d5d5d5d5d")["spec"]["template"]["spec"]["containers"][0].update(fields)


def _value(case: Object, value: str) -> None:
    for raw in case["objects"]:
        for item in raw["spec"].get("template", {}).get("spec", {}).get("containers", ()):
            for variable in item.get("env", ()):
                variable["value"] = value


def _second_user(case: Object) -> None:
    other = deepcopy(_the(case, "Deployment", "api"))
    other["metadata"]["name"] = "batch"
    other["spec"]["template"]["spec"]["securityContext"]["runAsUser"] = 2002
    case["objects"].append(other)


def _mounted(case: Object) -> None:
    spec = {"containers": [{"name": "a"}], "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "web-data"}}]}  # fmt: skip
    case["objects"].append({"kind": "Pod", "metadata": {"name": "backup"}, "spec": spec, "status": {"phase": "Running"}})  # fmt: skip


def _routed(case: Object) -> None:
    backend = {"service": {"name": "ads", "port": {"number": 9666}}}
    case["objects"].append({"kind": "Ingress", "metadata": {"name": "ads", "namespace": "shop"}, "spec": {"defaultBackend": backend}})  # fmt: skip


@pytest.mark.parametrize(
    ("leaf_id", "name", "spoil"),
    [
        ("oom-killed", "its Deployment was read, and the node has room", lambda case: _node(case, memory="80Mi")),
        ("oom-killed", "the limit was raised since, and the node has no room for the old pods", lambda _: None),
        ("oom-killed", "the namespace's quota holds no larger limit", lambda _: None),
        ("quota-blocks-rollout", "the same, and the nodes have room", lambda case: _node(case, cpu="500m")),
        ("image-not-found", "the revision before had another tag", lambda case: _gone(case, "ReplicaSet", "web-5d")),
        ("app-config-error", "the revision before had another value for the variable that the log names", lambda case: _before(case, env=[{"name": "LOG_LEVEL", "value": "<redacted>"}])),
        ("command-not-runnable", "the revision before ran another program", lambda case: _before(case, image="acme/web:0")),
        ("readiness-failing", "the revision before asked another path", lambda case: _before(case, image="acme/web:0")),
        ("host-port-conflict", "a Service leads to the port as well", lambda case: _gone(case, "Service")),
        ("volume-full", "its class allows expansion", lambda case: _the(case, "StorageClass").update(allowVolumeExpansion=False)),
        ("stale-secret", "rotated after the start, its Deployment was read", lambda case: _the(case, "Secret")["metadata"].pop("resourceVersion")),
        ("run-as-non-root-conflict", "another workload runs the image with a user", _second_user),
        ("pvc-missing", "a claim that nobody mounts is nearly called so", _mounted),
        ("service-port-mismatch", "the Service's own port moved, three callers use the old one", _routed),
        ("service-port-mismatch", "the Service's own port moved, three callers use the old one", lambda case: _the(case, "Service")["spec"].update(type="NodePort")),
        ("service-address-wrong", "a typing error in the host", lambda case: _value(case, "http://app:<redacted>@productcatlog:3550")),
    ],
)  # fmt: skip
def test_no_ground_no_change(leaf_id: str, name: str, spoil: Callable[[Object], None]) -> None:
    case = _case(leaf_id, name)
    spoil(case)
    found = list(LEAVES[leaf_id].find(Index(snapshot_of(case), RECOGNISE)))
    assert found, "the cause is there still"
    assert not [change for item in found for change in item.repair.changes]
