"""The time of a transcript is that of its newest date, however it is quoted."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from seakeep.adapters.transcript.read import read_transcript

POD = {
    "kind": "Pod",
    "metadata": {"name": "web-0", "namespace": "shop", "creationTimestamp": "2026-11-25T13:39:05Z"},
    "status": {"phase": "Running", "startTime": "2026-11-25T13:40:10Z"},
}
YAML = "kind: Pod\nmetadata:\n  name: web-0\n  creationTimestamp: '2026-11-25T13:40:10Z'\n"
NEWEST = datetime(2026, 11, 25, 13, 40, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"kubectl get pod web-0 -n shop -o json": json.dumps(POD)}),
        json.dumps({"kubectl get pod web-0 -n shop -o json": POD}),
        json.dumps({"kubectl get pod web-0 -n shop -o yaml": YAML}),
        f"$ kubectl get pod web-0 -n shop -o json\n{json.dumps(POD, indent=4)}\n",
        f"$ kubectl get pod web-0 -n shop -o yaml\n{YAML}",
    ],
)
def test_newest_date(text: str) -> None:
    assert read_transcript(text, "pasted").taken_at == NEWEST
