"""What rules take for a masked secret is what opening a source writes."""

from __future__ import annotations

from seakeep.adapters import redact, secret_text
from seakeep.facts.masked import MASK, holds_secret
from seakeep.testing.cases import snapshot_of


def test_one_mark() -> None:
    assert secret_text.MASK == MASK


def test_opened_sources_are_recognised() -> None:
    container = {
        "name": "a",
        "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}],
        "args": ["--ca-secret-namespace=cert-manager", "--url=postgresql://me:hunter2@db/x"],
    }
    raw = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}
    (pod,) = redact.snapshot(snapshot_of({"objects": [raw]})).of_kind("Pod")
    (found,) = pod.spec.containers  # type: ignore[attr-defined]
    assert [holds_secret(item.value) for item in found.env] == [True, False]
    assert [holds_secret(word) for word in found.args] == [False, True]
