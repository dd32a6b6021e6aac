"""Pods whose ConfigMaps, Secrets or keys are not there."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.twin.builders import Object, node
from tests.twin.platforms import namespace, settled, whole, workload

ALL = {"envFrom": [{"configMapRef": {"name": "settings"}}]}
KEY = {"env": [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]}
SECRET_KEY = {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "access", "key": "token"}}}]}


def config(**data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}, "data": data}  # fmt: skip


def secret(**data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "access", "namespace": "shop"}, "data": data}


def web(container: dict[str, Any], volumes: list[Object] | None = None) -> Object:
    made = workload("Deployment", "web", 1)
    spec = made["spec"]["template"]["spec"]
    spec["containers"][0] |= container
    spec["volumes"] = volumes or []
    return made


def played(*objects: Object) -> tuple[Observed, Pod]:
    twin = build(whole([node("a"), *namespace(), *objects]))
    twin.settle(within=300)
    return twin, next(iter(twin.state.all(Pod)))


def waits(pod: Pod) -> tuple[str, str]:
    waiting = pod.status.container_statuses[0].state.waiting
    return (waiting.reason, waiting.message) if waiting else ("", "")


@pytest.mark.parametrize(
    ("container", "there", "told"),
    [
        (ALL, [], 'configmap "settings" not found'),
        (KEY, [], 'configmap "settings" not found'),
        (KEY, [config(level="1")], "couldn't find key mode in ConfigMap shop/settings"),
        (SECRET_KEY, [], 'secret "access" not found'),
        (SECRET_KEY, [secret(user="YQ==")], "couldn't find key token in Secret shop/access"),
    ],
)
def test_a_container_without_its_environment_is_not_made(container: Object, there: list[Object], told: str) -> None:
    _, pod = played(web(container), *there)
    assert waits(pod) == ("CreateContainerConfigError", told)
    assert not is_ready(pod)


@pytest.mark.parametrize(
    "volume",
    [
        {"name": "conf", "configMap": {"name": "settings"}},
        {"name": "conf", "projected": {"sources": [{"configMap": {"name": "settings"}}]}},
    ],
)
def test_a_pod_without_what_it_mounts_does_not_start(volume: Object) -> None:
    made = web({}, [volume])
    made["spec"]["template"]["spec"]["initContainers"] = [{"name": "first", "image": "acme/init:1"}]
    _, pod = played(made)
    first = pod.status.init_container_statuses[0].state.waiting
    assert first is not None
    assert (first.reason, first.message) == (
        "ContainerCreating",
        'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found',
    )
    assert not is_ready(pod)


@pytest.mark.parametrize(
    ("container", "there"),
    [
        (ALL, [config(mode="fast")]),
        (KEY, [config(mode="fast")]),
        (SECRET_KEY, [secret(token="YQ==")]),
        ({"envFrom": [{"configMapRef": {"name": "settings", "optional": True}}]}, []),
        # A source that shows no keys says nothing of which there are.
        (KEY, [config()]),
    ],
)
def test_what_is_there_or_need_not_be_keeps_nothing(container: Object, there: list[Object]) -> None:
    _, pod = played(web(container), *there)
    assert is_ready(pod)


def test_it_starts_once_what_was_missing_is_made() -> None:
    twin, pod = played(web(ALL))
    assert not is_ready(pod)
    twin.create(from_mapping(config(mode="fast")))
    twin.settle(within=60)
    assert is_ready(next(iter(twin.state.all(Pod))))


def test_a_pod_that_runs_goes_on_without_it() -> None:
    twin = build(settled([node("a"), *namespace(), web(ALL), config(mode="fast")]))
    twin.delete(Ref("ConfigMap", "shop", "settings"))
    twin.settle(within=60)
    (pod,) = twin.state.all(Pod)
    assert is_ready(pod)
    twin.delete(pod.ref)
    twin.settle(within=300)
    (new,) = twin.state.all(Pod)
    assert waits(new) == ("CreateContainerConfigError", 'configmap "settings" not found')
