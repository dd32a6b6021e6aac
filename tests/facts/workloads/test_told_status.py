"""What custom resources say of themselves when they fail."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.facts.containers.logs import Topic
from seakeep.facts.index import Index
from seakeep.facts.workloads.told_status import told_statuses

TRACE = "org.acme.ConnectException: task ends\n\tat org.acme.Task.run(Task.java:7)\nCaused by: java.net.ConnectException: Failed to connect to store/10.0.0.1:9200: Connection refused\n"


def told(status: Any, kind: str = "KafkaConnector") -> list[tuple[str, str, Topic | None]]:
    assembly = Assembly("test")
    assembly.add(from_mapping({"apiVersion": "acme.io/v1", "kind": kind, "metadata": {"name": "x", "namespace": "n", "uid": "1"}, "status": status}))  # fmt: skip
    return [(item.path, item.line, item.topic) for item in told_statuses(Index(assembly.snapshot()))]


def test_of_a_trace_the_last_line_that_names_a_trouble_counts() -> None:
    found = told({"connectorStatus": {"connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "FAILED", "trace": TRACE}]}})  # fmt: skip
    assert found == [("status.connectorStatus.tasks[0].trace", TRACE.splitlines()[-1], Topic.REFUSED)]


@pytest.mark.parametrize(
    ("status", "path"),
    [
        ({"phase": "Not enough disk space", "instances": 3}, "status.phase"),
        ({"applicationState": {"state": "FAILED", "errorMessage": "driver ended"}}, "status.applicationState.errorMessage"),
        ({"applicationState": {"state": "SUBMISSION_FAILED", "errorMessage": "no"}}, "status.applicationState.errorMessage"),
        ({"conditions": [{"type": "Ready", "status": "False", "message": "bad value"}]}, "status.conditions[0].message"),
        ({"conditions": [{"type": "NotReady", "status": "True", "reason": "Timeout"}]}, "status.conditions[0].reason"),
    ],
)  # fmt: skip
def test_fields_of_those_that_fail(status: Any, path: str) -> None:
    assert [item[0] for item in told(status, "Cluster")] == [path]


@pytest.mark.parametrize(
    "status",
    [
        None,
        {"phase": "Cluster in healthy state", "phaseReason": "all is well"},
        {"conditions": [{"type": "Ready", "status": "True", "message": "password authentication failed once"}]},
        {"conditions": [{"type": "Degraded", "status": "False", "message": "connection refused"}]},
        {"connectorStatus": {"tasks": [{"id": 0, "state": "RUNNING", "trace": TRACE}]}},
        {"applicationState": {"state": "COMPLETED", "errorMessage": ""}},
    ],
)
def test_nothing_of_those_that_are_well(status: Any) -> None:
    assert told(status) == []
