"""What fails for good is held still beside what is tried, unless that touches it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.app.rehearse_base import prepare
from seakeep.engine.beside import beside, failing
from seakeep.engine.rehearse import settle
from seakeep.model.objects import ConfigMap, Pod
from seakeep.model.platform import Intent
from seakeep.testing.cases import snapshot_of
from seakeep.twin.observed import Observed

_LAST = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T09:59:00Z"}}
_LOOP = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}


def _pod(name: str, status: dict[str, Any], reads: str = "") -> dict[str, Any]:
    container = {"name": "main", "image": "x:1", "envFrom": [{"configMapRef": {"name": reads}}] if reads else []}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": {"app": name}},
        "spec": {"nodeName": "a", "containers": [container]},
        "status": status,
    }


def _status(**fields: Any) -> dict[str, Any]:
    ready = "True" if fields["ready"] else "False"
    return {
        "phase": "Running",
        "startTime": "2026-01-01T08:00:00Z",
        "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [{"name": "main", "image": "x:1", **fields}],
    }


@pytest.fixture(scope="module")
def base() -> Observed:
    room = {"cpu": "4", "memory": "8Gi", "pods": "20"}
    objects = [
        {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "a"}, "status": {"allocatable": room}},
        {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}},
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "set", "namespace": "shop"}, "data": {"a": "b"}},
        _pod("bad", _status(ready=False, restartCount=9, state=_LOOP, lastState=_LAST), "set"),
        _pod("good", _status(ready=True, restartCount=0, state={"running": {"startedAt": "2026-01-01T08:00:00Z"}})),
    ]  # fmt: skip
    return prepare(snapshot_of({"objects": objects}), Intent(), date(2026, 1, 1)).twin


def _waited(twin: Observed) -> Observed:
    twin.settle(1_000.0)
    return twin


def test_a_crash_loop_that_nothing_touches_is_not_played(base: Observed) -> None:
    (bad,) = failing(base)
    assert _waited(base.branch()).state.find(bad.ref) is not bad  # by itself it goes on
    twin = beside(base, [bad], _waited)
    assert twin.state.find(bad.ref) is bad
    assert not any(step.object == bad.ref for step in twin.steps)
    assert base.state.find(bad.ref) is bad


def test_what_is_put_right_gets_well(base: Observed) -> None:
    (bad,) = failing(base)
    tries: list[Observed] = []

    def repair(twin: Observed) -> Observed:
        tries.append(twin)
        settings = twin.state.get(ConfigMap, "shop", "set")
        assert settings is not None
        twin.update(replace(settings, data={"a": "c"}))
        settle(twin, 900.0)
        return twin

    twin = beside(base, [bad], repair)
    assert tries[1:] == [twin]
    assert not failing(twin)
    pod = twin.state.get(Pod, "shop", "bad")
    assert pod is not None
    assert pod.status.container_statuses[0].ready


def test_what_is_deleted_goes(base: Observed) -> None:
    (bad,) = failing(base)

    def delete(twin: Observed) -> Observed:
        twin.delete(bad.ref)
        settle(twin, 900.0)
        return twin

    assert beside(base, [bad], delete).state.find(bad.ref) is None
