"""Lists of objects, one a line, and what is said of each one's pending pods."""

from __future__ import annotations

import json

import pytest

from seakeep.adapters.errors import SourceError
from seakeep.app.rehearse import schedule_stream
from tests.twin.builders import Object, node


def pod(name: str, namespace: str = "shop") -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": {}}


def line(*items: Object) -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode() + b"\n"


def test_pods_are_answered_in_the_order_of_their_list() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "z", "namespace": "shop"}, "spec": {}}
    (answer,) = schedule_stream([line(pod("z"), pod("b"), node("a"), pod("y", "data"), service)])
    assert [item.pod for item in answer] == ["shop/z", "shop/b", "data/y"]


def test_a_list_may_be_empty_or_null_and_lines_may_be_blank() -> None:
    found = schedule_stream([b"\n", line(), b"  \r\n", b'{"kind": "List", "items": null}', line(node("a"), pod("web"))])
    assert [len(answer) for answer in found] == [0, 0, 1]


@pytest.mark.parametrize("text", [b"{}", b"[]", b"web", b'{"items": [1]}', b'{"items": [{"kind": "Pod"}]}'])
def test_what_is_no_list_is_refused_by_its_number(text: bytes) -> None:
    found = schedule_stream([line(), text])
    assert next(found) == []
    with pytest.raises(SourceError, match="line 2 is no v1 List"):
        next(found)
