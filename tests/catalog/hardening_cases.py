"""The hardening rules and their cases."""

from __future__ import annotations

from pathlib import Path

from seakeep.catalog.loader import hardenings
from seakeep.testing.cases import load_cases

HERE = Path(__file__).parent
LEAVES = {leaf.id: leaf for leaf in hardenings()}
CASES = [(leaf_id, case) for leaf_id in LEAVES for case in load_cases(HERE / f"{leaf_id}.cases.yaml")]
