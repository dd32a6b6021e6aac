"""The shipped roles and what the live source asks for say the same."""

from __future__ import annotations

from pathlib import Path

import yaml

from seakeep.adapters.kube import wanted
from seakeep.adapters.kube.wanted import OPERATORS

DEPLOY = Path(__file__).parents[3] / "deploy" / "rbac"
# Usage is asked for apart from the lists.
_USAGE = {("metrics.k8s.io", "nodes"), ("metrics.k8s.io", "pods")}


def _rules(name: str) -> list[dict[str, list[str]]]:
    documents = yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8"))
    return [rule for item in documents if item["kind"] == "ClusterRole" for rule in item["rules"]]


def _plural(kind: str) -> str:
    word = kind.lower()
    if word == "endpoints":
        return word
    return (
        f"{word[:-1]}ies" if word.endswith(("cy", "ty")) else f"{word}es" if word.endswith(("s", "ss")) else f"{word}s"
    )


def test_every_kind_that_is_read_is_allowed() -> None:
    rules = [*_rules("read.yaml"), *_rules("read-secret-names.yaml")]
    allowed = {
        (group, name)
        for rule in rules
        if "list" in rule["verbs"]
        for group in rule["apiGroups"]
        for name in rule["resources"]
    }
    # The group extensions is gone from every Kubernetes that is still served.
    read = {(group, _plural(kind)) for group, kind in wanted._KNOWN if group != "extensions"}
    assert read | _USAGE | {(group, "*") for group in OPERATORS} == allowed


def test_secrets_are_apart() -> None:
    names = {name for rule in _rules("read.yaml") for name in rule["resources"]}
    assert "secrets" not in names
    assert {verb for rule in _rules("read.yaml") for verb in rule["verbs"]} == {"get", "list"}
    groups = {group for rule in _rules("read.yaml") if "*" in rule["resources"] for group in rule["apiGroups"]}
    assert groups == OPERATORS, "everything of a group is allowed for operators' groups only"
