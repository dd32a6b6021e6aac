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


ROW = "NAME    READY   STATUS    RESTARTS     AGE\nweb-0   1/1     Running   4 (9d ago)   40d\n"
KILLED = "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n      Finished:     Sun, 16 Nov 2025 05:40:40 +0000\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"$ kubectl get po\n{ROW}$ kubectl describe po web-0 | tail\n{KILLED}", datetime(2025, 11, 25, 5, 40, 40, tzinfo=UTC)),
        (f"{ROW}$ date\nTue Nov 25 15:08:11 UTC 2025\n", datetime(2025, 11, 25, 15, 8, 11, tzinfo=UTC)),
        (f"{ROW}\nName:             web-0\nStart Time:       Thu, 16 Oct 2025 10:00:00 +0000\n", datetime(2025, 11, 25, 10, 0, tzinfo=UTC)),
        (f"$ kubectl get po -n shop\n{ROW}$ kubectl get po web-0 -n shop -o yaml\n{YAML}", datetime(2027, 1, 4, 13, 40, 10, tzinfo=UTC)),
        (f"$ kubectl get po -n shop\n{ROW}$ kubectl get po web-1 -n shop -o yaml\n{YAML.replace('web-0', 'web-1')}", NEWEST),
    ],
)  # fmt: skip
def test_how_long_ago_a_dated_thing_was(text: str, wanted: datetime) -> None:
    assert read_transcript(text, "pasted").taken_at == wanted
