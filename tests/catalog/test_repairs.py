"""A repair that is a change of objects removes its cause: on every case of every leaf that proposes one, seen in full."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.catalog.loader import causes, services
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate
from seakeep.model.change import applied
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of
from tests.catalog.cause_cases import CASES

LEAVES = {leaf.id: leaf for leaf in causes()}
RECOGNISE = recognising(services())
Object = dict[str, Any]


def _found(leaf_id: str, case: Object) -> list[Candidate]:
    return [item for item in LEAVES[leaf_id].find(Index(snapshot_of(case), RECOGNISE)) if item.repair.changes]


def _ref(raw: Object) -> Ref:
    metadata = raw["metadata"]
    space = "" if raw["kind"] in CLUSTER_SCOPED else metadata.get("namespace", "default")
    return Ref(raw["kind"], space, metadata["name"])


REPAIRED = [
    pytest.param(leaf_id, case, id=f"{leaf_id}: {case['name']}")
    for leaf_id, case in CASES
    if case["expect"] != "none" and not case.get("transcript") and not case.get("depth") and _found(leaf_id, case)
]


@pytest.mark.parametrize(("leaf_id", "case"), REPAIRED)
def test_the_cause_is_gone(leaf_id: str, case: Object) -> None:
    objects = {_ref(raw): {"apiVersion": "v1", **raw} for raw in case["objects"]}
    repaired = _found(leaf_id, case)
    for item in repaired:
        for change in item.repair.changes:
            assert change.why, "a change says why"
            assert change.target in objects or change.api_version, "an object that is made needs its apiVersion"
            objects[change.target] = applied(objects.get(change.target), change)
    # What has run already keeps its status; a pod is judged by what it would be made of.
    left = {(item.id, item.object) for item in _found(leaf_id, {**case, "objects": list(objects.values())})}
    assert not left & {(item.id, item.object) for item in repaired}
