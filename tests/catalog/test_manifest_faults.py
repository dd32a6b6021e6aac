"""Of manifests written alike one is judged for all; what differs where it matters is judged by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.catalog import manifest_faults
from seakeep.catalog.manifest_faults import ManifestFaults
from seakeep.model.objects import Deployment, KubeObject
from tests.catalog import cause_cases, hardening_cases

_Change = Callable[[dict[str, Any]], object]


def _deployment(name: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name, "tier": "api"}
    container = {
        "name": "web",
        "image": f"registry.example.com/{name}:1",
        "args": ["serve", name],
        "env": [{"name": "SELF", "value": name}],
        "ports": [{"name": "http", "containerPort": 8000 + len(name)}],
        "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": 1}},
        "readinessProbe": {"httpGet": {"port": "http"}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    pod = {"serviceAccountName": name, "containers": [container], "volumes": [{"name": "tmp", "emptyDir": {}}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": name, "labels": labels},
        "spec": {
            "replicas": len(name),
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _service(name: str) -> dict[str, Any]:
    spec = {"selector": {"app.kubernetes.io/name": name}, "ports": [{"name": "http", "port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def _pod(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["spec"]["template"]["spec"]
    return found


def _web(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _pod(raw)["containers"][0]
    return found


_WRONG: list[tuple[_Change, str]] = [
    (lambda raw: raw["metadata"].update(name="Web"), "metadata.name"),
    (lambda raw: raw["metadata"].update(name="w" * 300), "metadata.name"),
    (lambda raw: raw["metadata"]["labels"].update(tier="-"), "metadata.labels"),
    (lambda raw: raw["metadata"]["labels"].update({"a/b/c": "d"}), "metadata.labels"),
    (lambda raw: raw["spec"]["selector"].update(matchLabels={"tier": "ui"}), "spec.template.metadata.labels"),
    (lambda raw: raw["spec"].update(selector={}), "spec.selector"),
    (lambda raw: raw["spec"].update(selector=None), "spec.selector"),
    (lambda raw: raw["spec"].update(strategy={"type": "Recreate", "rollingUpdate": {}}), "spec.strategy.rollingUpdate"),
    (lambda raw: _pod(raw).update(volumes=[]), "spec.template.spec.containers[0].volumeMounts[0].name"),
    (lambda raw: _pod(raw).update(restartPolicy="Never"), "spec.template.spec.restartPolicy"),
    (lambda raw: _pod(raw)["containers"].append(dict(_web(raw))), "spec.template.spec.containers[1].name"),
    (lambda raw: _pod(raw).update(initContainers=[{"name": "init"}]), "spec.template.spec.initContainers[0].image"),
    (lambda raw: _web(raw).pop("image"), "spec.template.spec.containers[0].image"),
    (lambda raw: _web(raw)["env"][0].update(valueFrom={"fieldRef": {}}), "spec.template.spec.containers[web].env[SELF]"),
    (lambda raw: _web(raw)["ports"][0].update(containerPort=70_000), "spec.template.spec.containers[0].ports[0].containerPort"),
    (lambda raw: _web(raw)["ports"][0].update(containerPort=0), "spec.template.spec.containers[0].ports[0].containerPort"),
    (lambda raw: _web(raw)["ports"].append({"name": "http", "containerPort": 9}), "spec.template.spec.containers[0].ports[1].name"),
    (lambda raw: _web(raw)["resources"]["requests"].update(cpu=2), "spec.template.spec.containers[0].resources.requests"),
    (lambda raw: _web(raw)["readinessProbe"].update(tcpSocket={"port": 1}), "spec.template.spec.containers[web].readinessProbe"),
]  # fmt: skip
_WRONG_SERVICES: list[tuple[_Change, str]] = [
    (lambda raw: raw["metadata"].update(name="a.b"), "metadata.name"),
    (lambda raw: raw["spec"].update(ports=[]), "spec.ports"),
    (lambda raw: raw["spec"].update(type="ExternalName"), "spec.externalName"),
    (lambda raw: raw["spec"].update(clusterIP="None", type="NodePort"), "spec.clusterIP"),
    (lambda raw: raw["spec"]["ports"].append({"name": "http", "port": 81}), "spec.ports[].name"),
]


@pytest.mark.parametrize(
    ("made", "change", "path"),
    [(_deployment, *wrong) for wrong in _WRONG] + [(_service, *wrong) for wrong in _WRONG_SERVICES],
)
def test_what_differs_is_judged(made: Callable[[str], dict[str, Any]], change: _Change, path: str) -> None:
    faults = ManifestFaults(placed=True)
    assert [faults.of(from_mapping(made(name))) for name in ("a", "shop", "shop-2")] == [[], [], []]
    raw = deepcopy(made("checkout"))
    change(raw)
    found = faults.of(from_mapping(raw))
    assert path in [where for where, _ in found]
    assert found == ManifestFaults(placed=True).of(from_mapping(raw))
    assert faults.of(from_mapping(made("later"))) == []


def test_one_form_is_kept_for_all() -> None:
    faults = ManifestFaults(placed=True)
    for number in range(50):
        for made in (_deployment, _service):
            assert not faults.of(from_mapping(made(f"app-{number}")))
    assert [len(known) for known in faults._right.values()] == [1, 1]


def _of_all_cases() -> Iterator[KubeObject]:
    for _, case in (*cause_cases.CASES, *hardening_cases.CASES):
        for raw in case.get("objects", ()):
            try:
                yield from_mapping(deepcopy(raw))
            except DecodeError:
                continue


def test_the_same_is_said_of_each_as_by_itself() -> None:
    """A rule that needs what is taken out finds less here than of the whole: its first case, of whatever leaf, tells."""
    faults = ManifestFaults(placed=True)
    items = list(_of_all_cases())
    wrong = 0
    for item in (*items, *reversed(items)):
        whole = [] if manifest_faults._is_unfinished(item) else list(faults._judged(item))
        assert faults.of(item) == whole, item.ref
        wrong += bool(whole)
    assert wrong > 20


def test_a_rule_is_shown_nothing_that_was_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its answer would depend on what was judged before."""
    seen: list[tuple[str, ...]] = []

    def rule(item: KubeObject, *, placed: bool) -> Iterator[tuple[str, str]]:
        assert placed
        assert isinstance(item, Deployment)
        seen.append(item.spec.template.spec.containers[0].args)
        return iter(())

    monkeypatch.setattr(manifest_faults, "broken_rules", rule)
    ManifestFaults(placed=True).of(from_mapping(_deployment("shop")))
    assert seen == [()]
