"""Diagnosis of what people and programs saw at a terminal: filtered, cut, with other troubles in sight. No control plane is needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from seakeep.adapters.transcript import read_transcript
from seakeep.app.check import diagnose_snapshot
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref

TODAY = date(2026, 11, 25)
CASES = yaml.safe_load((Path(__file__).parent / "told.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_first_cause_is_right(case: dict[str, Any]) -> None:
    causes = diagnose_snapshot(read_transcript(case["transcript"], "told"), Intent(), TODAY).causes
    found = [f"{cause.candidate.id} {_named(cause.candidate.object)}" for cause in causes]
    if case["expect"] == "none":
        assert found == []
    else:
        assert found[:1], "no cause"
        assert found[0] in case["expect"]


def _named(ref: Ref) -> str:
    return "/".join(part for part in (ref.kind, ref.namespace, ref.name) if part)
