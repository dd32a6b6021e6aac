"""What speaks against a plan, on small clusters: admission, want of room, a blocked drain, a barred connection."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.app.judged import Judged
from seakeep.app.rehearse_base import prepare
from seakeep.engine.plan.rehearse import Rehearser, Trial
from seakeep.engine.plan.waves import Write, planned
from seakeep.model.change import Risk
from seakeep.model.plan import Planned, Reason, Wave
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of

Object = dict[str, Any]
WEB, DB = Ref("Deployment", "shop", "web"), Ref("Deployment", "shop", "db")
CALL = (WEB, ("db", 5432, "TCP"))


def _node(name: str) -> Object:
    room = {"cpu": "2", "memory": "4Gi", "pods": "20"}
    status = {"allocatable": room, "capacity": room, "conditions": [{"type": "Ready", "status": "True"}]}
    return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name}, "status": status}


def _deployment(name: str, replicas: int, port: int) -> Object:
    container = {"name": name, "image": f"{name}:1", "ports": [{"containerPort": port}], "resources": {"requests": {"cpu": "500m"}}}  # fmt: skip
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": name, "namespace": "shop", "uid": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


OBJECTS: list[Object] = [
    _node("a"),
    _node("b"),
    {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}},
    {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "default", "namespace": "shop"}},
    _deployment("web", 2, 80),
    _deployment("db", 1, 5432),
    {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"selector": {"app": "db"}, "ports": [{"port": 5432}], "clusterIP": "10.96.0.9"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def stage() -> Rehearser:
    base = prepare(FOUND, Intent(), date(2026, 1, 1))
    judged = Judged(FOUND, Intent(), date(2026, 1, 1))
    return Rehearser(FOUND, base.twin, base.board, base.platform, judged.twin, from_mapping, [CALL])


FOUND = snapshot_of({"objects": OBJECTS})


def _planned(target: Ref, patch: Object, version: str) -> Planned:
    reason = Reason("a-rule", target, "")
    return planned(FOUND, Write(target, version, patch, (), Risk.LOW, (reason,), repair=False))


def _played(stage: Rehearser, *changes: Planned) -> Trial:
    return stage.played([Wave("one", changes)])


def _told(trial: Trial) -> list[tuple[str, Ref | None]]:
    return [(item.text, item.culprit) for item in trial.refusals]


def test_nothing_speaks_against_what_does_no_harm(stage: Rehearser) -> None:
    budget = _planned(Ref("PodDisruptionBudget", "shop", "web"), {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}}, "policy/v1")  # fmt: skip
    trial = _played(stage, budget)
    assert _told(trial) == []
    assert [item.entry.state for item in trial.recorded if item.entry.kind == "wave"] == ["started", "passed"]


def test_admission_has_its_say(stage: Rehearser) -> None:
    quota = Ref("ResourceQuota", "nowhere", "q")
    trial = _played(stage, _planned(quota, {"spec": {"hard": {"pods": "1"}}}, "v1"))
    assert _told(trial) == [('ResourceQuota nowhere/q: namespaces "nowhere" not found', quota)]


def test_a_change_that_finds_no_room(stage: Rehearser) -> None:
    large = {"spec": {"template": {"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "3"}}}]}}}}
    trial = _played(stage, _planned(WEB, large, "apps/v1"))
    assert [culprit for _, culprit in _told(trial)] == [WEB]
    assert "Insufficient cpu" in trial.refusals[0].text


def test_a_budget_that_would_hold_up_every_drain(stage: Rehearser) -> None:
    target = Ref("PodDisruptionBudget", "shop", "db")
    budget = _planned(target, {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "db"}}}}, "policy/v1")
    trial = _played(stage, budget)
    assert [culprit for _, culprit in _told(trial)] == [target]
    assert trial.refusals[0].text.startswith("a drain of node")
    assert trial.notes == ()


def test_a_policy_that_bars_what_is_relied_on(stage: Rehearser) -> None:
    target = Ref("NetworkPolicy", "shop", "db")
    closed = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"]}
    trial = _played(stage, _planned(target, {"spec": closed}, "networking.k8s.io/v1"))
    assert _told(trial) == [("Deployment shop/web no longer reaches db:5432: dropped", target)]
    admits = {**closed, "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}]}
    assert _told(_played(stage, _planned(target, {"spec": admits}, "networking.k8s.io/v1"))) == []
