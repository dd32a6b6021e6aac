"""What the API server answered to a write that it refused: kept as an event about the object, as a controller would have left one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from seakeep.adapters.transcript.commands import Command, kind_of
from seakeep.adapters.transcript.gathered import Raw

# The component that such an event names: no controller goes on trying, so that nothing heals it by itself.
WRITER = "kubectl"
_WRITES = {
    "apply",
    "create",
    "replace",
    "patch",
    "scale",
    "rollout",
    "set",
    "edit",
    "expose",
    "run",
    "label",
    "annotate",
}
_REFUSAL = re.compile(
    r"^\s*(?:Error from server|error:|The request is invalid)(?P<text>.*(?:is forbidden:|failed calling (?:admission )?webhook|denied the request).*)$",
    re.MULTILINE,
)
_EVICTION = re.compile(
    r"error when evicting pods?/?\s*\"(?P<name>[^\"]+)\"(?: -n \"(?P<namespace>[^\"]+)\")?[^:]*: (?P<text>Cannot evict pod.*)"
)
_NAMED = re.compile(r'(?P<kind>[a-z][\w.-]*) "(?P<name>[^"]*)" is forbidden:')


def refused_writes(command: Command, text: str, now: datetime) -> Iterator[Raw]:
    """One event per refusal of admission in what a writing command printed, and per pod that a drain could not evict."""
    if command.verb in {"drain", "evict"}:
        yield from _not_evicted(text, now)
    if command.verb not in _WRITES:
        return
    for number, match in enumerate(_REFUSAL.finditer(text)):
        named = _NAMED.search(match["text"])
        if named:
            kind, name = kind_of(named["kind"]), named["name"]
        elif command.names:
            kind, name = command.names[0]
        else:
            kind, name = "", ""
        namespace = command.place
        stamp = now.isoformat()
        yield {
            "kind": "Event",
            "metadata": {"name": f"{name or command.verb}.refused-{number}", "namespace": namespace},
            "involvedObject": {"kind": kind, "namespace": namespace, "name": name},
            "type": "Warning",
            "reason": "FailedCreate" if named else "FailedUpdate",
            "message": match["text"].lstrip("(): "),
            "count": 1,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
            "source": {"component": WRITER},
        }


def _not_evicted(text: str, now: datetime) -> Iterator[Raw]:
    for namespace, name, why in sorted(
        {(match["namespace"] or "default", match["name"], match["text"]) for match in _EVICTION.finditer(text)}
    ):
        yield {
            "kind": "Event",
            "metadata": {"name": f"{name}.not-evicted", "namespace": namespace},
            "involvedObject": {"kind": "Pod", "namespace": namespace, "name": name},
            "type": "Warning",
            "reason": "FailedEviction",
            "message": why.strip(),
            "count": 1,
            "firstTimestamp": now.isoformat(),
            "lastTimestamp": now.isoformat(),
            "source": {"component": WRITER},
        }
