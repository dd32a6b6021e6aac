"""What the API server refuses of a manifest on reading it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.app.reading import Reading
from tests.twin.builders import Object, snapshot
from tests.twin.platforms import platform, workload

READING = Reading(replace(snapshot([]), server_version="v1.37.2"))


def deployment(*, spec: Object | None = None, **container: Any) -> Object:
    found = workload("Deployment", "web", 1)
    found["spec"]["template"]["spec"]["containers"][0] |= container
    found["spec"] |= spec or {}
    return found


def secret(kind: str = "Opaque", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "type": kind, "data": data}


def claim(**spec: Any) -> Object:
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}


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
    "keys of its type": (secret("kubernetes.io/tls", **{"tls.crt": "YQ=="}), 'Secret "keys" is invalid: data[tls.key]'),
    "access modes": (claim(resources=SIZE), "spec.accessModes: missing, and required"),
    "a word that is none": (
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web"},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "maxReplicas": 3,
                "metrics": [{"type": "Cpu"}],
            },
        },
        "type: no Cpu is known: it is one of Resource",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    raw, text = REFUSED[name]
    assert text in READING(raw, new=True)


@pytest.mark.parametrize(
    "raw",
    [
        deployment(),
        secret(key="YQ=="),
        claim(resources=SIZE, accessModes=["ReadWriteOnce"]),
        {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"replica": 1}},
        {**deployment(), "status": {}},
    ],
)
def test_taken(raw: Object) -> None:
    assert not READING(raw, new=True)


def test_what_is_there_need_not_be_said_again() -> None:
    assert not READING(claim(resources=SIZE), new=False)
    assert READING(secret(key="not base64!"), new=False)


def test_what_the_twin_says_is_left_to_it() -> None:
    """In the API server's own words."""
    below = {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}
    assert not READING(deployment(resources=below, imagePullPolicy="Often"), new=True)


def test_a_version_that_went_from_newer_servers_only() -> None:
    assert not Reading(snapshot([]))({**deployment(), "apiVersion": "apps/v1beta1"}, new=True)
    assert Reading(replace(platform(), server_version="v1.16.0"))(
        {**deployment(), "apiVersion": "apps/v1beta1"}, new=True
    )
