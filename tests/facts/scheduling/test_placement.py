"""What the scheduler reserves for a pod, and what a taint lets through."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from seakeep.facts.scheduling.placement import requests_of, tolerates
from seakeep.model.objects import Taint
from seakeep.model.objects.pods import PodSpec, Toleration


def spec(**fields: Any) -> PodSpec:
    return msgspec.convert(fields, PodSpec)


def container(cpu: str, **more: Any) -> dict[str, Any]:
    return {"name": "a", "resources": {"requests": {"cpu": cpu}}, **more}


def test_the_largest_init_container_counts_where_it_is_larger() -> None:
    assert requests_of(spec(containers=[container("1"), container("1")], initContainers=[container("3")])) == {
        "cpu": 3000,
        "pods": 1,
    }


def test_sidecars_run_beside_containers_and_later_init_containers() -> None:
    sidecar = container("500m", restartPolicy="Always")
    assert requests_of(spec(containers=[container("1")], initContainers=[sidecar, container("2")])) == {
        "cpu": 2500,
        "pods": 1,
    }


def test_a_limit_without_a_request_is_one() -> None:
    assert requests_of(spec(containers=[{"name": "a", "resources": {"limits": {"memory": "1Gi"}}}])) == {
        "memory": 1024**3,
        "pods": 1,
    }


@pytest.mark.parametrize(
    ("toleration", "answer"),
    [
        (Toleration(operator="Exists"), True),
        (Toleration(key="team", operator="Exists"), True),
        (Toleration(key="team", value="x"), True),
        (Toleration(key="team", value="y"), False),
        (Toleration(key="team", value="x", effect="NoExecute"), False),
    ],
)
def test_tolerations(toleration: Toleration, answer: bool) -> None:
    assert tolerates([toleration], Taint(key="team", value="x", effect="NoSchedule")) is answer
