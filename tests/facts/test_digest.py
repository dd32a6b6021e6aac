"""Who puts a plan back can make it again: what the server counts on the way is no change of an object."""

from __future__ import annotations

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.facts.digest import digest


def _set(annotations: dict[str, str], image: str = "example/agent:1") -> str:
    template = {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    metadata = {"name": "agent", "namespace": "ops", "annotations": annotations}
    spec = {"selector": {"matchLabels": {"app": "agent"}}, "template": template}
    return digest(from_mapping({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": spec}))


@pytest.mark.parametrize(
    "name", ["deprecated.daemonset.template.generation", "deployment.kubernetes.io/revision", "seakeep.dev/plan"]
)
def test_what_keepers_count_is_no_change(name: str) -> None:
    assert _set({name: "1"}) == _set({name: "3"}) == _set({})


def test_what_people_write_is_one() -> None:
    assert len({_set({}), _set({"team": "data"}), _set({"team": "ops"}), _set({}, "example/agent:2")}) == 4
