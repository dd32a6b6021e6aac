"""Who has changed a field, by managedFields."""

from __future__ import annotations

import pytest

from seakeep.engine.apply.others import others
from seakeep.model.fields import path_of

RAW = {
    "metadata": {
        "managedFields": [
            {"manager": "kubectl-patch", "operation": "Update", "fieldsV1": {"f:spec": {"f:selector": {}}}},
            {"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {"f:type": {}}}},
            {
                "manager": "seakeep",
                "operation": "Apply",
                "fieldsV1": {"f:spec": {"f:selector": {}}, "f:data": {"f:a": {}}},
            },
        ]
    }
}


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("spec.selector", "kubectl-patch"),
        ("spec.selector.app", "kubectl-patch"),
        ("spec.type", "helm"),
        ("data.a", "somebody"),
        ("status.x.y", "somebody"),
    ],
)
def test_the_manager_of_a_field_or_of_the_whole_that_it_is_part_of(path: str, who: str) -> None:
    assert others(RAW, path_of(path)) == who
