"""What each hardening rule proposes: `golden/<id>.input.yaml` (a case, as in `seakeep.testing.cases`) becomes `golden/<id>.output.yaml`.

SEAKEEP_REWRITE=1 writes the outputs anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from seakeep.catalog.loader import hardenings, services
from seakeep.contract.hardening import HardeningLeaf
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.model.change import Advice, Change, applied
from seakeep.model.finding import Finding, Outcome
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.refs import Ref
from seakeep.render.yamls import dump
from seakeep.testing.cases import snapshot_of

GOLDEN = Path(__file__).parent / "golden"
RECOGNISE = recognising(services())
LEAVES = {leaf.id: leaf for leaf in hardenings() if leaf.propose is not None}
Object = dict[str, Any]


def _ref(raw: Object) -> Ref:
    metadata = raw["metadata"]
    return Ref(
        raw["kind"], "" if raw["kind"] in CLUSTER_SCOPED else metadata.get("namespace", "default"), metadata["name"]
    )


def _failed(leaf: HardeningLeaf, index: Index) -> list[Finding]:
    return [item for item in leaf.judge(index) if item.outcome is Outcome.FAIL]


def _played(leaf: HardeningLeaf, case: Object) -> tuple[Object, list[Object], list[Change]]:
    """The case with every proposed change made, what a person is asked, and the changes."""
    index = Index(snapshot_of(case), RECOGNISE)
    objects = {_ref(raw): raw for raw in case["objects"]}
    asked, changes = [], []
    for finding in _failed(leaf, index):
        assert leaf.propose is not None
        proposal = leaf.propose(index, finding)
        if isinstance(proposal, Advice):
            assert proposal.question.endswith("?")
            asked.append({"object": str(finding.object), "question": proposal.question, "lookup": proposal.lookup})
            continue
        assert proposal, "a failed finding gets changes or advice"
        for change in proposal:
            assert change.why, "a change says why"
            assert change.api_version or change.target in objects, "an object that is made needs its apiVersion"
            objects[change.target] = applied(objects.get(change.target), change)
            changes.append(change)
    return {**case, "objects": list(objects.values())}, asked, changes


@pytest.mark.parametrize("leaf_id", LEAVES)
def test_golden(leaf_id: str) -> None:
    leaf = LEAVES[leaf_id]
    case = yaml.safe_load((GOLDEN / f"{leaf_id}.input.yaml").read_text())
    output, asked, changes = _played(leaf, case)
    assert changes or asked
    found = {"objects": output["objects"], "advice": asked}
    path = GOLDEN / f"{leaf_id}.output.yaml"
    if os.environ.get("SEAKEEP_REWRITE"):
        path.write_text(dump(found))
    assert found == yaml.safe_load(path.read_text())
    # What was changed passes now, and changing it again changes nothing.
    again, still_asked, _ = _played(leaf, output)
    assert again["objects"] == output["objects"]
    assert [item["object"] for item in still_asked] == [item["object"] for item in asked]
    left = {str(item.object) for item in _failed(leaf, Index(snapshot_of(output), RECOGNISE))}
    assert left == {item["object"] for item in asked}
