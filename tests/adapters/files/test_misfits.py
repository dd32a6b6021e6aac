"""Fields of manifests against what Kubernetes' own OpenAPI has."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.files.misfits import misfits
from seakeep.adapters.files.read import read_bytes
from seakeep.model.refs import Ref


def _deployment(**container: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "web", "image": "web:1", **container}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": pod}},
    }


@pytest.mark.parametrize(
    ("container", "path", "wrong", "meant"),
    [
        ({"livenessProb": {}}, "livenessProb", "no such field", "livenessProbe"),
        ({"imagepullpolicy": "Always"}, "imagepullpolicy", "no such field", "imagePullPolicy"),
        ({"requests": {"cpu": 1}}, "requests", "no such field", "resources.requests"),
        ({"ports": [{"containerPort": "80"}]}, "ports[0].containerPort", "text where a whole number belongs", ""),
        ({"ports": {"containerPort": 80}}, "ports", "a map where a list belongs", ""),
        ({"command": "run"}, "command", "text where a list belongs", ""),
        ({"env": [{"name": "A", "value": True}]}, "env[A].value", "true or false where text belongs", ""),
        ({"volumeMounts": [{"name": "a"}]}, "volumeMounts[a].mountPath", "missing, and required", ""),
        ({"resources": {"limits": {"cpu": "1 core"}}}, "resources.limits.cpu", "what is no quantity where a quantity belongs", ""),
        ({"imagePullPolicy": "IfNotPresnt"}, "imagePullPolicy", "no IfNotPresnt is known: it is one of Always, IfNotPresent, Never", "IfNotPresent"),
    ],
)  # fmt: skip
def test_of_a_container(container: dict[str, Any], path: str, wrong: str, meant: str) -> None:
    (found,) = misfits(_deployment(**container))
    base = "spec.template.spec.containers[web]."
    assert (found.path, found.wrong) == (base + path, wrong)
    assert found.meant.removeprefix(base) == meant


def test_a_field_of_the_level_above() -> None:
    raw = _deployment()
    raw["spec"]["template"]["replicas"] = 3
    (found,) = misfits(raw)
    assert (found.path, found.meant) == ("spec.template.replicas", "spec.replicas")


@pytest.mark.parametrize(
    "raw",
    [
        _deployment(env=[{"name": "A", "value": None}], resources={"limits": {"cpu": 1, "memory": "1Gi"}}),
        {**_deployment(), "apiVersion": "apps/v1beta1", "spec": {"rollbackTo": {}}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"a": "aGVsbG8="}, "stringData": {"b": "x"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"$patch": "x"}, "$patch": "replace"},
    ],
)  # fmt: skip
def test_what_fits(raw: dict[str, Any]) -> None:
    assert misfits(raw) == ()


def test_no_value_is_told() -> None:
    secret = (
        b"apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: hunter2!}\nstringData: {pin: 4711}\n"
    )
    snapshot = read_bytes(secret, "secret.yaml")
    found = snapshot.misfits[Ref("Secret", "", "db")]
    assert [item.path for item in found] == ["data.password", "stringData.pin"]
    assert "hunter2" not in repr(found)
    assert "4711" not in repr(found)


def test_only_of_manifests() -> None:
    stored = b"apiVersion: v1\nkind: Service\nmetadata: {name: a, uid: u, creationTimestamp: 2026-01-01T00:00:00Z}\nspec: {port: 1}\n"
    assert read_bytes(stored, "dump.yaml").misfits == {}
