"""Connectors, as Kafka Connect itself answers for them."""

from __future__ import annotations

import json

from seakeep.adapters.transcript import read_transcript
from seakeep.model.objects.base import Unstructured

STATUS = {"name": "ledger", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "FAILED", "trace": "org.acme.Refused: Connection refused"}]}  # fmt: skip


def connectors(text: str) -> list[tuple[str, str, str]]:
    found = []
    for item in read_transcript(text, "test").of_kind("KafkaConnector"):
        assert isinstance(item, Unstructured)
        found.append((item.namespace, item.name, item.status["connectorStatus"]["tasks"][0]["state"]))
    return found


def test_status_of_one_and_of_all() -> None:
    asked = "$ kubectl exec -n flow connect-0 -- curl -s localhost:8083/connectors"
    assert connectors(f"{asked}/ledger/status\n{json.dumps(STATUS)}\n") == [("flow", "ledger", "FAILED")]
    every = json.dumps({"ledger": {"status": STATUS}, "other": {"status": {**STATUS, "name": "other"}}}, indent=2)
    assert [name for _, name, _ in connectors(f"{asked}?expand=status\n{every}\n")] == ["ledger", "other"]


def test_other_answers_are_none() -> None:
    asked = "$ kubectl exec -n flow connect-0 -- curl -s localhost:8083/connectors"
    assert connectors(f'{asked}\n["ledger"]\n') == []
    assert connectors(f"{asked}/ledger/status\ncurl: (7) Failed to connect\n") == []


def test_a_document_was_answered_whatever_it_tells() -> None:
    (check,) = read_transcript(
        f"$ kubectl exec -n flow connect-0 -- curl -s localhost:8083/connectors/ledger/status\n{json.dumps(STATUS)}\n",
        "test",
    ).checks
    assert check.outcome == "ok"
