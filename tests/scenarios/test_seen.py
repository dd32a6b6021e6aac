"""Diagnosis of objects as a cluster gives them, and of manifests: one answer each, with the symptoms under it. No control plane is needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from seakeep.app.check import diagnose_snapshot
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.testing.cases import load_cases, snapshot_of

TODAY = date(2026, 3, 2)
CASES = list(load_cases(Path(__file__).parent / "seen.yaml"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_only_cause_is_right(case: dict[str, Any]) -> None:
    causes = diagnose_snapshot(snapshot_of(case), Intent(), TODAY).causes
    found = [f"{cause.candidate.id} {_named(cause.candidate.object)}" for cause in causes]
    assert found == ([] if case["expect"] == "none" else case["expect"])


def _named(ref: Ref) -> str:
    return "/".join(part for part in (ref.kind, ref.namespace, ref.name) if part)
