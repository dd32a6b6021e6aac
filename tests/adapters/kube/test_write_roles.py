"""The shipped roles of `check` and `apply` hold what is needed, and nothing that is dangerous."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[3] / "deploy" / "rbac"


def _documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def _rules(name: str, kind: str = "ClusterRole") -> list[dict[str, list[str]]]:
    return [rule for item in _documents(name) if item["kind"] == kind for rule in item["rules"]]


def test_apply_names_every_kind_and_no_dangerous_one() -> None:
    rules = _rules("apply.yaml")
    kinds = {name for rule in rules for name in rule["resources"]}
    assert "*" not in kinds
    assert not kinds & {"secrets", "roles", "clusterroles", "rolebindings", "pods", "pods/exec", "nodes"}
    assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "create", "patch", "delete"}
    assert "delete" not in next(rule["verbs"] for rule in rules if rule["resources"] == ["namespaces"])
    assert {"deployments", "poddisruptionbudgets", "resourcequotas", "limitranges", "networkpolicies"} <= kinds


def test_the_lease_is_one_by_name() -> None:
    rules = _rules("apply.yaml", "Role")
    assert {verb for rule in rules for verb in rule["verbs"] if "resourceNames" not in rule} == {"create"}
    assert [rule["resourceNames"] for rule in rules if "resourceNames" in rule] == [["seakeep"]]


def test_check_only_reads() -> None:
    assert not _rules("check.yaml")
    bindings = [item for item in _documents("check.yaml") if item["kind"] == "ClusterRoleBinding"]
    assert [item["roleRef"]["name"] for item in bindings] == ["seakeep-read"]
