"""A JSON Patch leads from one object to the other, and fails where something else stands there."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.adapters.kube.jsonpatch import patch

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b/c", "~d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b/c", "~d"]), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["spec", "data", "x/y"]), VALUES, max_size=3)


class TestFailedError(Exception):
    __test__ = False


def applied(old: Any, operations: list[dict[str, Any]]) -> Any:
    """RFC 6902, as far as it is used."""
    found = deepcopy(old)
    for item in operations:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in item["path"].split("/")[1:]]
        holder = found
        for step in steps[:-1]:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        last: Any = int(steps[-1]) if isinstance(holder, list) else steps[-1]
        if item["op"] == "test":
            if holder[last] != item["value"] or type(holder[last]) is not type(item["value"]):
                raise TestFailedError(item["path"])
        elif item["op"] == "remove":
            del holder[last]
        else:
            holder[last] = deepcopy(item["value"])
    return found


@given(OBJECTS, OBJECTS)
def test_it_leads_there(old: dict[str, Any], new: dict[str, Any]) -> None:
    base = {"metadata": {"resourceVersion": "7"}}
    assert applied({**base, **old}, patch({**base, **old}, {**base, **new})) == {**base, **new}


def test_nothing_to_do_is_nothing_sent() -> None:
    item = {"metadata": {"resourceVersion": "7"}, "data": {"a": "b"}}
    assert patch(item, deepcopy(item)) == []


def test_it_tests_what_it_replaces() -> None:
    old = {"metadata": {"resourceVersion": "7"}, "spec": {"list": [{"name": "x", "value": "1"}], "gone": True}}
    new = {"metadata": {"resourceVersion": "7"}, "spec": {"list": [{"name": "x", "value": "2"}], "made": 1}}
    assert patch(old, new) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "test", "path": "/spec/gone", "value": True},
        {"op": "remove", "path": "/spec/gone"},
        {"op": "test", "path": "/spec/list/0/value", "value": "1"},
        {"op": "replace", "path": "/spec/list/0/value", "value": "2"},
        {"op": "add", "path": "/spec/made", "value": 1},
    ]
    other = deepcopy(old)
    other["spec"]["list"][0]["value"] = "3"  # type: ignore[index]
    with pytest.raises(TestFailedError):
        applied(other, patch(old, new))
