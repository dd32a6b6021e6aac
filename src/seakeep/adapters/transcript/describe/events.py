"""The events at the end of a description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from seakeep.adapters.transcript.describe import event_rows
from seakeep.adapters.transcript.describe.sections import Sections, below, table
from seakeep.adapters.transcript.times import ago, fingerprint

Raw = dict[str, Any]


def events(sections: Sections, kind: str, namespace: str, name: str, now: datetime) -> Iterator[Raw]:
    """The rows of the table at the end of a description."""
    lines = below(sections, "Events")
    for row in list(event_rows.read(lines)) or table(lines):
        seen = row.get("Age", "")
        times = re.search(r"\(x(\d+) over", seen)
        part = event_rows.PART.match(row.get("Message", ""))
        path = {"fieldPath": part["path"]} if part else {}
        yield {
            "kind": "Event",
            "metadata": {"name": f"{name}.{row.get('Reason', '')}.{fingerprint(row):x}", "namespace": namespace},
            "involvedObject": {"kind": kind, "name": name, "namespace": "" if kind == "Node" else namespace, **path},
            "type": row.get("Type", ""),
            "reason": row.get("Reason", ""),
            "message": row.get("Message", "")[part.end() if part else 0 :],
            "count": int(times[1][:9]) if times else 1,
            "lastTimestamp": ago(now, seen.partition("(")[0]),
            "source": dict(zip(("component", "host"), row.get("From", "").split(", ", 1), strict=False)),
        }
