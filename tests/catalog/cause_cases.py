"""The causes and their cases."""

from __future__ import annotations

from pathlib import Path

from seakeep.catalog.loader import causes
from seakeep.testing.cases import load_cases

HERE = Path(__file__).parent
LEAVES = {leaf.id: leaf for leaf in causes()}
CASES = [
    (leaf_id, case)
    for leaf_id in LEAVES
    if (HERE / f"{leaf_id}.cases.yaml").exists()
    for case in load_cases(HERE / f"{leaf_id}.cases.yaml")
]
