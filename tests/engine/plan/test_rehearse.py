"""What speaks against a plan, on small clusters: admission, want of room, a blocked drain, a barred connection."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.app.rehearse_base import prepare
from seakeep.engine.plan.rehearse import Rehearser, Trial
from seakeep.model.change import Risk
from seakeep.model.plan import Base, Outcome, Planned, Undo
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
    base = prepare(snapshot_of({"objects": OBJECTS}), Intent(), date(2026, 1, 1))
    outcome = Outcome({"health": 100.0}, {})
    return Rehearser(base.twin, base.board, lambda _: outcome, from_mapping, [CALL])


def _planned(target: Ref, patch: Object, version: str, *, exists: bool = False) -> Planned:
    base = Base("u", "1", "d") if exists else Base()
    return Planned(str(target), target, version, patch, (), Risk.LOW, (), base, Undo())


def _told(trial: Trial) -> list[tuple[str, Ref | None]]:
    return [(item.text, item.culprit) for item in trial.refusals]


def test_nothing_speaks_against_what_does_no_harm(stage: Rehearser) -> None:
    budget = _planned(Ref("PodDisruptionBudget", "shop", "web"), {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}}, "policy/v1")  # fmt: skip
    assert _told(stage.played([[budget]])) == []


def test_admission_has_its_say(stage: Rehearser) -> None:
    quota = Ref("ResourceQuota", "nowhere", "q")
    trial = stage.played([[_planned(quota, {"spec": {"hard": {"pods": "1"}}}, "v1")]])
    assert _told(trial) == [('ResourceQuota nowhere/q: namespaces "nowhere" not found', quota)]


def test_a_change_that_finds_no_room(stage: Rehearser) -> None:
    large = {"spec": {"template": {"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "3"}}}]}}}}
    trial = stage.played([[_planned(WEB, large, "apps/v1", exists=True)]])
    assert [culprit for _, culprit in _told(trial)] == [WEB]
    assert "Insufficient cpu" in trial.refusals[0].text


def test_a_budget_that_would_hold_up_every_drain(stage: Rehearser) -> None:
    target = Ref("PodDisruptionBudget", "shop", "db")
    budget = _planned(target, {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "db"}}}}, "policy/v1")
    trial = stage.played([[budget]])
    assert [culprit for _, culprit in _told(trial)] == [target]
    assert trial.refusals[0].text.startswith("a drain of node")
    assert trial.notes == ()
    assert stage.played([[budget]], drains=False).refusals == ()


def test_a_policy_that_bars_what_is_relied_on(stage: Rehearser) -> None:
    target = Ref("NetworkPolicy", "shop", "db")
    closed = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"]}
    trial = stage.played([[_planned(target, {"spec": closed}, "networking.k8s.io/v1")]])
    assert _told(trial) == [("Deployment shop/web no longer reaches db:5432: dropped", target)]
    admits = {**closed, "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}]}
    assert _told(stage.played([[_planned(target, {"spec": admits}, "networking.k8s.io/v1")]])) == []
