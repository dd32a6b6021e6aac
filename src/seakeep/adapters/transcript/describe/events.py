"""The events at the end of a description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from seakeep.adapters.transcript.describe.sections import Sections, below, table
from seakeep.adapters.transcript.times import ago, fingerprint
from seakeep.model.pattern import late

Raw = dict[str, Any]

# A row whose gaps a chat closed to one space.
_CLOSE_EVENT = late(
    r"\s*(?P<Type>Normal|Warning) (?P<Reason>[A-Z]\w+) (?P<Age>\d\w*(?: \(x\d+ over \w+\))?) (?P<From>\S+) (?P<Message>\S.*)"
)


def events(sections: Sections, kind: str, namespace: str, name: str, now: datetime) -> Iterator[Raw]:
    """The rows of the table at the end of a description."""
    lines = below(sections, "Events")
    close = [match.groupdict() for line in lines if (match := _CLOSE_EVENT.fullmatch(line))]
    for row in close or table(lines):
        seen = row.get("Age", "")
        times = re.search(r"\(x(\d+) over", seen)
        yield {
            "kind": "Event",
            "metadata": {"name": f"{name}.{row.get('Reason', '')}.{fingerprint(row):x}", "namespace": namespace},
            "involvedObject": {"kind": kind, "name": name, "namespace": "" if kind == "Node" else namespace},
            "type": row.get("Type", ""),
            "reason": row.get("Reason", ""),
            "message": row.get("Message", ""),
            "count": int(times[1][:9]) if times else 1,
            "lastTimestamp": ago(now, seen.partition("(")[0]),
            "source": {"component": row.get("From", "").partition(",")[0]},
        }
