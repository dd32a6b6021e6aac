from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.model.change import Change, applied
from seakeep.model.fields import PathError, has, leaves, merged, path_of, placed, text_of, undo, value_at, without
from seakeep.model.refs import Ref

WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app.kubernetes.io/name": "web"}},
    "spec": {
        "replicas": 2,
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "a",
                        "ports": [{"containerPort": 80}],
                        "env": [{"name": "A", "value": "1"}],
                    },
                    {"name": "log", "image": "b", "args": ["-v", "-f"]},
                ],
                "tolerations": [{"key": "a"}],
            }
        },
    },
}
CONTAINER = ("spec", "template", "spec", "containers", (("name", "web"),))


def test_lists_are_merged_by_their_keys() -> None:
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "B", "value": "2"}]}]}}}}
    found = merged(WEB, patch)
    web, log = found["spec"]["template"]["spec"]["containers"]
    assert web["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert web["image"] == "a"
    assert log == WEB["spec"]["template"]["spec"]["containers"][1]


def test_ports_are_told_apart_by_what_holds_them() -> None:
    named = {"containers": [{"name": "web", "ports": [{"containerPort": 80, "protocol": "TCP", "name": "http"}]}]}
    found = merged(WEB, {"spec": {"template": {"spec": named}}})
    assert value_at(found, (*CONTAINER, "ports")) == [{"containerPort": 80, "protocol": "TCP", "name": "http"}]
    policy = {"spec": {"ingress": [{"ports": [{"port": 1}, {"port": 2}]}]}}
    assert merged(policy, {"spec": {"ingress": [{"ports": [{"port": 2}]}]}})["spec"]["ingress"] == [
        {"ports": [{"port": 2}]}
    ]
    service = {"spec": {"ports": [{"port": 80, "targetPort": 1}, {"port": 81}]}}
    fixed = merged(service, {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}})
    assert fixed["spec"]["ports"] == [{"port": 80, "targetPort": 8080}, {"port": 81}]


def test_other_lists_are_replaced_as_a_whole() -> None:
    found = merged(WEB, {"spec": {"template": {"spec": {"tolerations": [{"key": "b"}]}}}})
    assert found["spec"]["template"]["spec"]["tolerations"] == [{"key": "b"}]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "replicas"), "spec.replicas"),
        (("metadata", "labels", "app.kubernetes.io/name"), 'metadata.labels["app.kubernetes.io/name"]'),
        ((*CONTAINER, "env", (("name", "A"),)), "spec.template.spec.containers[name=web].env[name=A]"),
        (
            ("spec", "ports", (("port", 80), ("protocol", "TCP")), "targetPort"),
            "spec.ports[port=80,protocol=TCP].targetPort",
        ),
        (("data", 'a"b\\c'), 'data["a\\"b\\\\c"]'),
    ],
)
def test_paths_as_text(path: Any, text: str) -> None:
    assert text_of(path) == text
    assert path_of(text) == path


@pytest.mark.parametrize("text", ["a b", "a[", "a[0]", 'a["b]', "a..b"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(PathError):
        path_of(text)


def test_removal() -> None:
    found = without(WEB, path_of("spec.template.spec.containers[name=web].env[name=A]"))
    assert value_at(found, (*CONTAINER, "env")) == []
    assert without(WEB, path_of("spec.nothing.here")) is WEB
    assert not has(without(WEB, ("spec", "replicas")), ("spec", "replicas"))


def test_leaves_name_what_is_set() -> None:
    patch = {
        "spec": {
            "replicas": 3,
            "template": {"spec": {"containers": [{"name": "web", "resources": {"limits": {"memory": "1Gi"}}}]}},
        }
    }
    assert [text_of(path) for path, _ in leaves(patch)] == [
        "spec.replicas",
        "spec.template.spec.containers[name=web].resources.limits.memory",
    ]


def test_a_patch_that_sets_nothing_has_nothing_to_undo() -> None:
    assert list(leaves({})) == []
    assert undo(WEB, {}, ("spec.replicas",)) == ({"spec": {"replicas": 2}}, ())


def test_a_created_object_says_what_it_is() -> None:
    change = Change(Ref("PodDisruptionBudget", "shop", "web"), {"spec": {"maxUnavailable": 1}}, api_version="policy/v1")
    assert applied(None, change) == {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"maxUnavailable": 1},
    }


_KEYS = st.sampled_from(["a", "b", "x.y/z", "name", "spec"])
_VALUES = st.recursive(
    st.integers(0, 3) | st.sampled_from(["", "u", "v"]) | st.booleans(),
    lambda inner: st.dictionaries(_KEYS, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)
_CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("pqr")}, optional={"image": st.sampled_from("uv"), "env": _VALUES}),
    max_size=3,
    unique_by=lambda item: item["name"],
)
_OBJECTS = st.fixed_dictionaries({}, optional={"spec": _VALUES, "containers": _CONTAINERS, "labels": _VALUES})


@given(old=_OBJECTS, patch=_OBJECTS)
def test_undo_leads_back(old: dict[str, Any], patch: dict[str, Any]) -> None:
    before = copy.deepcopy(old)
    back, gone = undo(old, patch)
    changed = merged(old, patch)
    assert old == before, "the old object is left alone"
    for text in gone:
        changed = without(changed, path_of(text))
    assert merged(changed, back) == old


@given(old=_OBJECTS, patch=_OBJECTS)
def test_applied_twice_is_applied_once(old: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merged(old, patch)
    assert merged(once, patch) == once


@given(patch=_OBJECTS)
def test_the_leaves_are_the_patch(patch: dict[str, Any]) -> None:
    found: Any = {}
    for path, value in leaves(patch):
        found = merged(found, placed(path, value))
    assert merged({}, found) == merged({}, patch)
