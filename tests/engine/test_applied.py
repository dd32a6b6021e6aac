"""A manifest applied to what is there. What each of the three-way cases gives is what kubectl 1.37 and a real API server gave for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seakeep.engine.applied import applied

Object = dict[str, Any]
LAST = "kubectl.kubernetes.io/last-applied-configuration"


def deployment(pod: Object, **spec: Any) -> Object:
    meta = {"name": "web", "namespace": "shop"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {"template": {"spec": pod}, **spec},
    }


APP: Object = {"name": "app", "image": "app:1"}
CASES: dict[str, tuple[Object, Object, Object, Object]] = {
    # The pod as it was applied, as it is, as it is applied now, and as it is then.
    "what is no longer said goes": (
        {"containers": [APP], "nodeSelector": {"disk": "ssd"}, "tolerations": [{"operator": "Exists"}]},
        {"containers": [APP], "nodeSelector": {"disk": "ssd", "mine": "1"}, "tolerations": [{"operator": "Exists"}]},
        {"containers": [APP]},
        {"containers": [APP]},
    ),
    "what nobody applied stays": (
        {"containers": [APP], "nodeSelector": {"disk": "ssd"}},
        {"containers": [APP], "nodeSelector": {"disk": "ssd", "mine": "1"}, "priorityClassName": "high"},
        {"containers": [APP], "nodeSelector": {"disk": "hdd"}},
        {"containers": [APP], "nodeSelector": {"disk": "hdd", "mine": "1"}, "priorityClassName": "high"},
    ),
    "containers are merged by name": (
        {"containers": [APP, {"name": "old", "image": "old:1"}]},
        {
            "containers": [
                {**APP, "imagePullPolicy": "Always"},
                {"name": "old", "image": "old:1"},
                {"name": "side", "image": "side:1"},
            ]
        },
        {"containers": [{"name": "app", "image": "app:2"}]},
        {
            "containers": [
                {"name": "app", "image": "app:2", "imagePullPolicy": "Always"},
                {"name": "side", "image": "side:1"},
            ]
        },
    ),
    "variables too": (
        {"containers": [{**APP, "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]},
        {
            "containers": [
                {
                    **APP,
                    "env": [
                        {"name": "A", "value": "1"},
                        {"name": "B", "value": "2"},
                        {"name": "C", "value": "3"},
                    ],
                }
            ]
        },
        {"containers": [{**APP, "env": [{"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}]},
        {
            "containers": [
                {
                    **APP,
                    "env": [
                        {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                        {"name": "C", "value": "3"},
                    ],
                }
            ]
        },
    ),
    "a volume has one source": (
        {"containers": [APP], "volumes": [{"name": "data", "emptyDir": {}}]},
        {"containers": [APP], "volumes": [{"name": "data", "hostPath": {"path": "/data"}}]},
        {"containers": [APP], "volumes": [{"name": "data", "configMap": {"name": "settings"}}]},
        {"containers": [APP], "volumes": [{"name": "data", "configMap": {"name": "settings"}}]},
    ),
    "what was added stays in its place": (
        {"containers": [APP, {"name": "b", "image": "b:1"}]},
        {"containers": [APP, {"name": "side", "image": "side:1"}, {"name": "b", "image": "b:1"}]},
        {"containers": [{"name": "b", "image": "b:1"}, APP, {"name": "c", "image": "c:1"}]},
        {
            "containers": [
                {"name": "side", "image": "side:1"},
                {"name": "b", "image": "b:1"},
                APP,
                {"name": "c", "image": "c:1"},
            ]
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_three_ways(name: str) -> None:
    before, old, new, wanted = map(deployment, CASES[name])
    found = applied(old, new, before)
    assert found["spec"] == wanted["spec"]
    assert json.loads(found["metadata"]["annotations"][LAST]) == new


def test_two_ports_of_one_number_are_taken_as_they_are() -> None:
    """Ports are merged by their number by kubectl, which so loses one of them, which nobody wants to rehearse."""
    udp, tcp = ({"containerPort": 53, "protocol": each} for each in ("UDP", "TCP"))
    before = deployment({"containers": [{**APP, "ports": [udp]}]})
    found = applied(before, deployment({"containers": [{**APP, "ports": [udp, tcp]}]}), before)
    assert found["spec"]["template"]["spec"]["containers"][0]["ports"] == [udp, tcp]


def test_replicas_that_the_manifest_leaves_to_others_from_now_on() -> None:
    """The API server then takes one."""
    pod = {"containers": [APP]}
    found = applied(deployment(pod, replicas=3), deployment(pod), deployment(pod, replicas=3))
    assert "replicas" not in found["spec"]
    found = applied(deployment(pod, replicas=3), deployment(pod), deployment(pod))
    assert found["spec"]["replicas"] == 3


def test_an_object_stays_itself() -> None:
    before: Object = {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "shop", "annotations": {}, "labels": {"x": "1"}},
    }
    old = {"kind": "ConfigMap", "metadata": {**before["metadata"], "uid": "u", "annotations": {"by": "hand"}}}
    found = applied(
        {**old, "data": {"k": "v"}}, {"kind": "ConfigMap", "metadata": {"name": "a"}}, {**before, "data": {}}
    )
    assert "data" not in found
    assert "labels" not in found["metadata"]
    assert found["metadata"] | {"annotations": {}} == {"name": "a", "namespace": "shop", "uid": "u", "annotations": {}}
    assert found["metadata"]["annotations"]["by"] == "hand"


def test_of_what_was_applied_nothing_is_known() -> None:
    """A merge: maps by key, lists as a whole."""
    old = deployment({"containers": [APP, {"name": "side"}], "nodeSelector": {"disk": "ssd"}})
    found = applied(old, deployment({"containers": [APP]}), {})
    assert found["spec"]["template"]["spec"] == {"containers": [APP], "nodeSelector": {"disk": "ssd"}}
    assert "annotations" not in found["metadata"]


def test_a_custom_resources_lists_are_its_own() -> None:
    """Nobody has said by what they would be merged."""
    kind = {"apiVersion": "example.com/v1", "kind": "App", "metadata": {"name": "a"}}
    old = {**kind, "spec": {"containers": [APP, {"name": "side"}]}}
    new = {**kind, "spec": {"containers": [APP]}}
    assert applied(old, new, new)["spec"] == new["spec"]
