"""Argo Rollouts: changed in manifests, where whole lists are written out, and left to whoever keeps the manifests where a cluster shows them."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from seakeep.app.plan import plan
from seakeep.engine.plan.choose import Options
from seakeep.model.change import Risk
from seakeep.model.platform import Intent
from seakeep.render.plan.gitops import files
from seakeep.testing.cases import snapshot_of

RULES = ("privilege-escalation-allowed", "seccomp-profile-missing")
CONTAINERS = [{"name": "web", "image": "shop/web:1.4", "ports": [{"containerPort": 8080}]}, {"name": "log", "image": "shop/log:1"}]  # fmt: skip
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": CONTAINERS}}
ROLLOUT: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Rollout",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "strategy": {"canary": {}}, "template": TEMPLATE},
}  # fmt: skip


def test_the_overlay_writes_whole_lists_of_a_rollout() -> None:
    found = plan(snapshot_of({"objects": [ROLLOUT], "manifests": True}), Intent(), date(2026, 11, 25), Options(only=RULES, max_risk=Risk.HIGH))  # fmt: skip
    written = files(found, {"web.yaml": (ROLLOUT,)})
    operations = {
        each["path"]: each["value"] for each in yaml.safe_load(written["overlay/patches/rollout-shop-web.yaml"])
    }
    containers = operations["/spec/template/spec/containers"]
    assert [each["image"] for each in containers] == ["shop/web:1.4", "shop/log:1"]
    assert {each["securityContext"]["allowPrivilegeEscalation"] for each in containers} == {False}
    assert operations["/spec/template/spec/securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    (applied,) = [yaml.safe_load(text) for path, text in written.items() if path == "applied/web.yaml"]
    assert applied["spec"]["strategy"] == {"canary": {}}


def test_in_a_cluster_a_person_is_asked() -> None:
    owner = {"apiVersion": "apps/v1", "controller": True}
    sets = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "b", "ownerReferences": [{**owner, "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "web", "uid": "a"}]},
        "spec": {"replicas": 1, "template": TEMPLATE},
    }  # fmt: skip
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1-x", "namespace": "shop", "labels": {"app": "web"}, "ownerReferences": [{**owner, "kind": "ReplicaSet", "name": "web-1", "uid": "b"}]},
        "spec": {"containers": CONTAINERS},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }  # fmt: skip
    seen = {**ROLLOUT, "metadata": {**ROLLOUT["metadata"], "uid": "a"}}
    found = plan(snapshot_of({"objects": [seen, sets, pod]}), Intent(), date(2026, 11, 25), Options(only=RULES, max_risk=Risk.HIGH))  # fmt: skip
    assert found.changes == ()
    assert {rule for item in found.asked for rule, _ in item.settles} == set(RULES)
