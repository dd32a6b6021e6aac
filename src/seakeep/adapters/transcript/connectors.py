"""What Kafka Connect's REST API answers of a connector: the same as its operator writes into the status of a KafkaConnector."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from seakeep.adapters.transcript.gathered import Raw

_ASKED = re.compile(r"/connectors/[^/\s?]+/status|/connectors/?\?.*\bexpand=status")


def connectors_told(line: str, text: str, namespace: str) -> Iterator[Raw]:
    """`line` is the command that was run, `text` what it printed."""
    if not _ASKED.search(line):
        return
    start = text.find("{")
    try:
        value = msgspec.json.decode(text[start : text.rfind("}") + 1]) if start >= 0 else None
    except (msgspec.DecodeError, RecursionError):
        return
    entries = (
        [value, *(each.get("status") for each in value.values() if isinstance(each, dict))]
        if isinstance(value, dict)
        else []
    )
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and isinstance(entry.get("tasks"), list):
            yield {
                "kind": "KafkaConnector",
                "apiVersion": "kafka.strimzi.io/v1beta2",
                "metadata": {"name": entry["name"], "namespace": namespace},
                "status": {"connectorStatus": entry},
            }
