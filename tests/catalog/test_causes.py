"""Every leaf against its cases: it fires where it should, on the object it should, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.catalog.loader import services
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.testing.cases import load_cases, parse_ref, snapshot_of
from tests.catalog.cause_cases import CASES, HERE, LEAVES

RECOGNISE = recognising(services())


@pytest.mark.parametrize(("leaf_id", "case"), CASES, ids=[f"{leaf_id}: {case['name']}" for leaf_id, case in CASES])
def test_leaf(leaf_id: str, case: dict[str, Any]) -> None:
    found = list(LEAVES[leaf_id].find(Index(snapshot_of(case), RECOGNISE)))
    wanted = [] if case["expect"] == "none" else [parse_ref(item["object"]) for item in case["expect"]]
    assert sorted({item.object for item in found}) == sorted(wanted)
    for item in found:
        assert item.id == leaf_id
        assert item.evidence, "a cause without evidence"
        assert item.repair.summary.endswith((".", "?"))
    told = {item.object: item for item in found}
    for wish in case["expect"] if wanted else ():
        item = told[parse_ref(wish["object"])]
        assert wish.get("says", "") in f"{item.summary} {item.settled_by}"
        assert wish.get("confidence", item.confidence) == item.confidence
        if "affects" in wish:
            assert list(item.affects) == [parse_ref(ref) for ref in wish["affects"]]


@pytest.mark.parametrize("leaf_id", LEAVES)
def test_cases_of_both_kinds(leaf_id: str) -> None:
    path = HERE / f"{leaf_id}.cases.yaml"
    assert path.exists(), "write the leaf's cases"
    kinds = {case["expect"] == "none" for case in load_cases(path)}
    assert kinds == {True, False}, "cases of both kinds are wanted: it fires, and it must not"


@pytest.mark.parametrize("leaf_id", LEAVES)
def test_page_sections(leaf_id: str) -> None:
    from seakeep.catalog.loader import page

    text = page(leaf_id) or ""
    for section in ("What:", "Why:", "Bad:", "Good:", "Ignore when:"):
        assert section in text
