"""What the API server answered to a write that it refused: kept as an event about the object, as a controller would have left one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from seakeep.adapters.transcript.commands import Command, kind_of
from seakeep.adapters.transcript.gathered import Raw
from seakeep.model.pattern import late

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
    r'^[^\S\n]*(?:Error from server|error:|The request is invalid|The (?=[A-Z]\w+ "[^"]+" is invalid:))(?P<text>.*(?:is forbidden:|is invalid:|failed calling (?:admission )?webhook|denied the request).*)$',
    re.MULTILINE,
)
# The same with no command in sight: whatever stands before it, somebody's write or a controller's was refused.
_FORBIDDEN = late(
    r"^(?P<lead>.{0,160}?)(?P<text>[a-z][\w.-]{2,80} \"[^\"\n]{1,253}\" is forbidden: (?!User ).+)$", re.MULTILINE
)
# A row of events or of a listing says so too, and is read as what it is.
_ROW = late(r"\s*(?:Normal|Warning)\s|.*\s(?:Normal|Warning)\s+[A-Z]\w+\s")
_MOST_LINES = 8
_EVICTION = re.compile(
    r"error when evicting pods?/?\s*\"(?P<name>[^\"]+)\"(?: -n \"(?P<namespace>[^\"]+)\")?[^:]*: (?P<text>Cannot evict pod.*)"
)
_EVICTED = late(r"^pod/([\w.-]+) evicted", re.MULTILINE)
# kubectl before 1.18 names them below.
_PENDING = late(r"There are pending pods.*(?P<text>Cannot evict pod.*)\n(?P<names>(?:pod/[\w.-]+\s*)+)")
_NAMED = re.compile(r'(?<![\w.-])(?P<kind>[A-Za-z][\w.-]*) "(?P<name>[^"]*)" is (?P<why>forbidden|invalid):')


def is_refusal(text: str) -> bool:
    """Whether the text says that admission or a budget refused something."""
    return any(form.search(text) for form in (_FORBIDDEN, _PENDING, _EVICTION))


def refused_writes(command: Command, text: str, now: datetime) -> Iterator[Raw]:
    """One event per refusal of admission in what a writing command printed, and per pod that a drain could not evict."""
    if command.verb in {"", "drain", "evict"}:
        yield from _not_evicted(text, now)
    wrote = command.verb in _WRITES
    if not wrote and command.verb not in {"", "describe"}:
        return
    for number, match in enumerate((_REFUSAL if wrote else _FORBIDDEN).finditer(text)):
        if not wrote and _ROW.match(match["lead"]):
            continue
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
            # An object that is there does not tell that an invalid one of its name was taken.
            "reason": "FailedCreate" if named and named["why"] == "forbidden" else "FailedUpdate",
            "message": _whole(match, text).lstrip("(): "),
            "count": 1,
            "firstTimestamp": stamp,
            "lastTimestamp": stamp,
            "source": {"component": WRITER},
        }


def _whole(match: re.Match[str], text: str) -> str:
    """A message that a narrow window or an editor broke goes on up to the next empty line, or what begins something else."""
    found = match["text"].rstrip()
    for line in text[match.end() :].split("\n")[1:_MOST_LINES]:
        if not line.strip() or re.match(r"\s*(?:#|Error|error:|[\w./-]+ (?:created|configured|unchanged)$)", line):
            break
        found += f" {line.strip()}"
    return found


def _not_evicted(text: str, now: datetime) -> Iterator[Raw]:
    told = {(match["namespace"] or "default", match["name"], match["text"]) for match in _EVICTION.finditer(text)}
    for match in _PENDING.finditer(text):
        told |= {("default", name.removeprefix("pod/"), match["text"]) for name in match["names"].split()}
    # A drain tries again every five seconds.
    gone = set(_EVICTED.findall(text))
    for namespace, name, why in sorted(item for item in told if item[1] not in gone):
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
