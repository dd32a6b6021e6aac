"""Figures that are proposed: never below what was measured, and as a person would write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.facts.index import Index
from seakeep.facts.resources.measured_use import uses
from seakeep.facts.resources.sizing import amount_text, beside, cpu_text, rounded_cpu, rounded_memory, size_of
from seakeep.model.objects import StatefulSet
from seakeep.model.quantity import milli, value
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of

MI, GI = 1024**2, 1024**3
DB = Ref("StatefulSet", "default", "db")


def _index(container: dict[str, Any], pod: dict[str, Any] | None = None, **more: Any) -> Index:
    template = {"spec": {"containers": [{"name": "a", **container}]}}
    owner = [{"kind": "StatefulSet", "name": "db", "controller": True}]
    objects = [
        {"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {"template": template}},
        {
            "kind": "Pod",
            "metadata": {"name": "db-0", "ownerReferences": owner},
            "spec": template["spec"],
            "status": {"phase": "Running", **(pod or {})},
        },
    ]
    return Index(snapshot_of({"objects": objects, **more}))


def _size(index: Index) -> tuple[int | None, int | None, int | None]:
    item = index.snapshot.get(StatefulSet, "default", "db")
    assert item is not None
    size = size_of(index, DB, item.spec.template.spec.containers[0])
    return size.cpu, size.memory, size.limit


@given(st.integers(0, 200_000))
def test_cpu_is_rounded_up_and_written_as_the_api_server_writes_it(amount: int) -> None:
    found = rounded_cpu(amount)
    assert amount <= found <= max(amount * 1.5, amount + 50)
    assert milli(cpu_text(found)) == found
    assert "." not in cpu_text(found)


@given(st.integers(0, 10**13))
def test_memory_is_rounded_up_and_written_exactly(amount: int) -> None:
    found = rounded_memory(amount)
    assert amount <= found <= max(amount * 1.35, amount + 32 * MI)
    assert value(amount_text(found)) == found
    assert value(amount_text(amount)) == amount


@given(st.integers(64 * MI, 2000 * GI))
def test_beside_a_heap_is_always_a_tenth_of_the_limit(heap: int) -> None:
    assert heap <= (heap + beside(heap)) * 0.9


@pytest.mark.parametrize("container", [{}, {"resources": {"requests": {"memory": "1Gi"}}}])
def test_nothing_is_known_of_what_nobody_measured(container: dict[str, Any]) -> None:
    assert _size(_index(container)) == (None, None, None)


def test_one_reading_gets_room() -> None:
    usage = [{"namespace": "default", "name": "db-0", "container": "a", "cpu": 500, "memory": 1000 * MI}]
    assert _size(_index({}, usage=usage)) == (600, 1152 * MI, 1344 * MI)


def test_a_history_counts_more_than_the_moment() -> None:
    labels = {"namespace": "default", "pod": "db-0", "container": "a"}
    usage = [{"namespace": "default", "name": "db-0", "container": "a", "cpu": 900, "memory": 100 * MI}]
    samples = [
        {"name": "container_cpu_p95_7d_cores", "labels": labels, "value": 0.3},
        {"name": "container_memory_max_7d_bytes", "labels": labels, "value": 1000 * MI},
        {"name": "container_measured_7d_seconds", "labels": labels, "value": 7200},
    ]
    index = _index({}, usage=usage, samples=samples)
    assert _size(index) == (300, 1152 * MI, 1344 * MI)
    assert uses(index)[DB, "a"].hours == 2


def test_a_limit_that_killed_it_was_too_low() -> None:
    ended = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
    pod = {"containerStatuses": [{"name": "a", "lastState": ended}]}
    usage = [{"namespace": "default", "name": "db-0", "container": "a", "cpu": 10, "memory": 100 * MI}]
    index = _index({"resources": {"limits": {"memory": "1000Mi"}}}, pod, usage=usage)
    assert _size(index)[2] == 1344 * MI


def test_a_heap_needs_its_room_whatever_was_measured() -> None:
    usage = [{"namespace": "default", "name": "db-0", "container": "a", "cpu": 10, "memory": 100 * MI}]
    index = _index({"env": [{"name": "JAVA_OPTS", "value": "-Xmx3g"}]}, usage=usage)
    assert _size(index)[1:] == (4 * GI, 4 * GI)


def test_the_processor_time_of_the_first_minutes_says_nothing() -> None:
    pod = {"containerStatuses": [{"name": "a", "state": {"running": {"startedAt": "2026-03-02T11:59:30Z"}}}]}
    usage = [{"namespace": "default", "name": "db-0", "container": "a", "cpu": 3000, "memory": 100 * MI}]
    assert _size(_index({}, pod, usage=usage))[0] is None
