"""What controllers write into the status of custom resources that fail: the trace of a connector's task, the reason of a condition or a phase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.containers.logs import Topic, topic_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.cause import Evidence
from seakeep.model.objects import Unstructured
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Kafka Connect's tasks, Spark's and Flink's applications, CloudNativePG's clusters: fields that name a state.
_PHASE = "phase"
_STATES = ("state", _PHASE, "lifecycleState", "jobDeploymentStatus")
_FAILING = late(
    r"(?:\w+[_ ])?(?:failed|failing|error|unhealthy|degraded)\b.*|(?:not enough|unable to|invalid) .*", re.IGNORECASE
)
_REASONS = ("trace", "errorMessage", "error", "phaseReason", "message", "reason")
# Conditions that say so when they are False, and those that say so when they are True.
_GOOD, _BAD = (
    frozenset({"Ready", "Available", "Succeeded"}),
    frozenset({"NotReady", "Failed", "Stalled", "Error", "Degraded"}),
)
# Of a specification that the controller does not take.
_REFUSED_SPEC = late(r"(?:Invalid|Unsupported|Illegal|Malformed|Validation|BadSpec|Config\w*(?:Error|Invalid))\w*$")
_FRAME = late(r"\s*(?:at [\w.$<>/]+\(|\.\.\. \d+ (?:more|common)).*")
_DEEPEST = 6


class Told(Struct, frozen=True):
    """`path` is of the field. `line` is the newest that is on a topic, else the first; `topic` None where none is."""

    resource: Ref
    path: str
    line: str
    topic: Topic | None
    text: str

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.resource, self.path, self.line[:300])


@once
def told_statuses(index: Index) -> tuple[Told, ...]:
    """Sorted by resource; none of what lies in a status that is well."""
    if index.snapshot.intent_only:
        return ()
    return tuple(
        found
        for kind in sorted(index.snapshot.objects)
        for item in index.snapshot.of_kind(kind)
        if isinstance(item, Unstructured) and isinstance(item.status, Mapping)
        for found in _of(item)
    )


def _of(item: Unstructured) -> Iterator[Told]:
    seen: set[str] = set()
    for path, text, reason in _reasons(item.status, "status", 0):
        lines = [line.strip() for line in text.splitlines() if line.strip() and not _FRAME.match(line)]
        on_topic = next((line for line in reversed(lines) if topic_of(line)), "")
        line = on_topic or (lines[0] if lines else "")
        if line and line not in seen:
            seen.add(line)
            topic = topic_of(line) or (Topic.SETTING if _REFUSED_SPEC.match(reason) else None)
            yield Told(item.ref, path, line, topic, "\n".join(lines))


def _reasons(value: Any, path: str, depth: int) -> Iterator[tuple[str, str, str]]:
    """Path, text, and the reason in one word that stands beside it."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _reasons(each, f"{path}[{number}]", depth + 1)
    if not isinstance(value, Mapping):
        return
    if _fails(value):
        told = [name for name in _REASONS if isinstance(value.get(name), str) and value[name]][:1]
        phase = [_PHASE] if isinstance(value.get(_PHASE), str) and _FAILING.fullmatch(value[_PHASE]) else []
        yield from ((f"{path}.{name}", value[name], str(value.get("reason") or "")) for name in (*phase, *told))
    for name, each in value.items():
        if not isinstance(each, str):
            yield from _reasons(each, f"{path}.{name}", depth + 1)


def _fails(value: Mapping[str, Any]) -> bool:
    kind, status = value.get("type"), value.get("status")
    if isinstance(kind, str) and isinstance(status, str):
        return (kind in _GOOD and status == "False") or (kind in _BAD and status == "True")
    return any(isinstance(value.get(name), str) and _FAILING.fullmatch(value[name]) for name in _STATES)
