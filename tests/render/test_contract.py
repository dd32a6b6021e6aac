"""The JSON contract: what is written is what the types, and the schema made from them, promise."""

from __future__ import annotations

import json

import msgspec
import pytest

from seakeep.model.refs import UNNAMED, Ref
from seakeep.render.formats import render_diagnosis, render_report, render_services
from seakeep.render.report import types as wire_types
from seakeep.render.report.wire import object_ref
from tests.render.sample import report


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (wire_types.Report, render_report(report("kafka"), "json")),
        (wire_types.Diagnosis, render_diagnosis(report("kafka").diagnosis, report("kafka").snapshot, "json")),
        (wire_types.Services, render_services(report("kafka"), "json")),
    ],
)
def test_written_as_promised(kind: type[wire_types.Wire], text: str) -> None:
    again = msgspec.json.decode(text, type=kind)
    assert json.loads(msgspec.json.encode(again)) == json.loads(text)


# Fields of version seakeep/v1 as first released: more may come, none may go.
FIRST = {
    "Report": {"apiVersion", "kind", "snapshot", "scores", "naive", "services", "findings", "causes"},
    "Diagnosis": {"apiVersion", "kind", "causes", "unexplained", "insufficient"},
    "Cause": {"rank", "id", "confidence", "object", "summary", "evidence", "affects", "repair", "settledBy"},
    "Evidence": {"object", "path", "value", "time", "current"},
    "Service": {"id", "name", "namespace", "criticality", "ready", "intended", "state", "waiver"},
    "Score": {"value", "formula", "parts"},
    "SnapshotSummary": {"source", "takenAt", "objects", "pods", "unread"},
}


@pytest.mark.parametrize("name", sorted(FIRST))
def test_no_field_is_renamed(name: str) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(getattr(wire_types, name))}
    assert fields >= FIRST[name]


def test_a_name_that_nobody_told_is_null() -> None:
    assert object_ref(Ref("Pod", "shop", UNNAMED)).name is None
    assert object_ref(Ref("Pod", "shop", "web-0")).name == "web-0"
