"""Every hardening rule against its cases: what it says of each object, and that it says nothing of those that it does not apply to."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.catalog.loader import page, services
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.model.finding import Outcome
from seakeep.testing.cases import load_cases, parse_ref, snapshot_of
from tests.catalog.hardening_cases import CASES, HERE, LEAVES

RECOGNISE = recognising(services())


@pytest.mark.parametrize(("leaf_id", "case"), CASES, ids=[f"{leaf_id}: {case['name']}" for leaf_id, case in CASES])
def test_leaf(leaf_id: str, case: dict[str, Any]) -> None:
    found = list(LEAVES[leaf_id].judge(Index(snapshot_of(case), RECOGNISE)))
    said = {item.object: item.outcome.value for item in found}
    assert said == {parse_ref(text): outcome for text, outcome in case["expect"].items()}
    assert len(found) == len(said), "one finding per object"
    for item in found:
        assert item.rule == leaf_id
        assert bool(item.detail) is (item.outcome is not Outcome.PASS)
        assert bool(item.repair) is (item.outcome is Outcome.FAIL)


@pytest.mark.parametrize("leaf_id", LEAVES)
def test_cases_of_all_kinds(leaf_id: str) -> None:
    outcomes = {outcome for case in load_cases(HERE / f"{leaf_id}.cases.yaml") for outcome in case["expect"].values()}
    assert outcomes == {"pass", "fail", "skipped"}


@pytest.mark.parametrize("leaf_id", LEAVES)
def test_page_sections(leaf_id: str) -> None:
    for section in ("What:", "Why:", "Bad:", "Good:", "Ignore when:"):
        assert section in (page(leaf_id) or "")
