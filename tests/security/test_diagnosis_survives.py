"""Masking costs no diagnosis: every leaf finds the same with and without it, in all its cases that masking changes at all."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.adapters import redact
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate
from seakeep.model.snapshot import Snapshot
from seakeep.testing.cases import snapshot_of
from tests.catalog.cause_cases import CASES, LEAVES


def _found(leaf_id: str, snapshot: Snapshot) -> list[tuple[object, float]]:
    candidates: Iterator[Candidate] = iter(LEAVES[leaf_id].find(Index(snapshot)))
    return sorted((item.object, item.confidence) for item in candidates)


def test_every_leaf_finds_the_same() -> None:
    changed = 0
    for leaf_id, case in CASES:
        snapshot = snapshot_of(case)
        masked = redact.snapshot(snapshot)
        if masked != snapshot:
            changed += 1
            assert _found(leaf_id, masked) == _found(leaf_id, snapshot), f"{leaf_id}: {case['name']}"
    assert changed, "no case holds a secret any more: this test shows nothing"
