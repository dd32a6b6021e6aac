"""What grep, head and tail left of a description: the command says whose it is, and each line's indentation where in it it stood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from seakeep.adapters.transcript.describe import certificates, event_rows, events, objects, pods, workloads
from seakeep.adapters.transcript.describe.sections import Section, Sections, pairs, split, text

Raw = dict[str, Any]
# In a container's block, at indentation 4.
_CONTAINER_KEYS = frozenset(
    {
        *("Container ID", "Image", "Image ID", "Port", "Ports", "Host Port", "Host Ports", "Command", "Args"),
        *("State", "Last State", "Ready", "Restart Count", "Limits", "Requests", "Liveness", "Readiness", "Startup"),
        *("Environment", "Environment Variables from", "Mounts"),
    }
)
# In a volume's block, at the same indentation.
_VOLUME_KEYS = {"ClaimName": "PersistentVolumeClaim", "SecretName": "Secret", "ConfigMapName": "Projected"}
# Lines of a state, in the order in which describe prints them: an earlier one after a later begins another state.
_STATE_KEYS = ("Reason", "Message", "Signal", "Exit Code", "Started", "Finished")
_LINE = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z][\w ]*):(?:\s+(?P<value>.*))?$")
_ABOUT = (
    re.compile(r"Successfully assigned [^\s/]+/(?P<name>[\w.-]+) to "),
    re.compile(r" in pod (?P<name>[a-z0-9][\w.-]*)_[a-z0-9-]+\("),
)
_SET = (re.compile(r" in StatefulSet (?P<name>[a-z0-9][\w.-]*) (?:failed|successful)"),)
_TOLD_BY = {"Pod": _ABOUT, "StatefulSet": _SET}


def fragment(output: str, kinds: Sequence[str], name: str, namespace: str, now: datetime) -> Iterator[Raw]:
    """The object as far as the lines show it, and its events. Without a name the events themselves may tell it (`Successfully assigned shop/web-0 to node-1`)."""
    if len(kinds) != 1:
        return
    kind, name = kinds[0], name or _told(output, kinds[0])
    if not name:
        return
    rows, lines = event_rows.taken_out([line for line in output.splitlines() if line.strip() != "--"])
    sections = split(_in_place(lines))
    if rows:
        sections["Events"] = Section(lines=rows)
    found = certificates.certificate(lines) if kind == "Certificate" else _object(kind, sections)
    if found:
        yield {"kind": kind, **found, "metadata": {**found.get("metadata", {}), "name": name, "namespace": namespace}}
    yield from events.events(sections, kind, namespace, name, now)


def _told(output: str, kind: str) -> str:
    """The pod, or the set, that the first event names."""
    forms = _TOLD_BY.get(kind, ())
    first = min(
        (match for form in forms if (match := form.search(output))), key=lambda match: match.start(), default=None
    )
    return first["name"] if first else ""


def _object(kind: str, sections: Sections) -> Raw:
    if kind == "Pod":
        found = pods.pod(sections)
    elif "Pod Template" in sections or "Containers" in sections:
        found = {"spec": {"template": workloads.template(sections)}}
    elif convert := _WHOLE.get(kind):
        found = convert(sections)
    else:
        found = {}
    found.setdefault("status", {}).setdefault("conditions", pods.conditions(sections))
    metadata = found.setdefault("metadata", {})
    for key, mark in (("Labels", "="), ("Annotations", ":")):
        metadata.setdefault(key.lower(), pairs(sections.get(key), mark))
    if kind == "Pod" and not text(sections, "Status"):
        found["status"].pop("phase", None)
    shown: Raw = _shown(found)
    return shown


def _shown(raw: Any) -> Any:
    """Without what the lines do not show: an empty field of a fragment means nothing."""
    if isinstance(raw, dict):
        return {key: kept for key, value in raw.items() if (kept := _shown(value)) not in (None, "", [], {})}
    return [_shown(item) for item in raw] if isinstance(raw, list) else raw


def _in_place(lines: list[str]) -> list[str]:
    """The lines that stand alone put under headings of their own: a container's under `Containers`, a volume's under `Volumes`, a state's under `State`."""
    kept: list[str] = []
    loose = _Loose()
    section = ""
    for line in lines:
        match = _LINE.match(line)
        indent = len(line) - len(line.lstrip())
        if indent == 0:
            section = match["key"] if match else ""
            loose.closed()
            kept.append(line)
        elif section in {
            "Containers",
            "Init Containers",
            "Volumes",
            "Pod Template",
            "Events",
            "Conditions",
        } or not loose.takes(line, match["key"] if match else "", indent):
            kept.append(line)
    return [*kept, *loose.lines()]


class _Loose:
    """Containers and volumes whose names were cut away: `#0`, `#1` in their order."""

    def __init__(self) -> None:
        self._containers: list[list[str]] = []
        self._volumes: list[list[str]] = []
        self._seen: set[str] = set()
        self._below: list[str] | None = None
        self._states: list[tuple[int, list[str]]] = []

    def closed(self) -> None:
        self._below = None

    def takes(self, line: str, key: str, indent: int) -> bool:
        if indent == 4 and key in _CONTAINER_KEYS:
            if self._containers and key in self._seen:
                self._finish()
                self._containers.append([])
                self._seen = set()
            elif not self._containers:
                self._containers.append([])
            self._seen.add(key)
            self._below = self._containers[-1]
            self._below.append(line)
        elif indent == 4 and key in _VOLUME_KEYS:
            kind = _VOLUME_KEYS[key]
            self._below = [f"    Type: {kind}", line]
            self._volumes.append(self._below)
        elif indent == 6 and key in _STATE_KEYS and not self._under_state():
            self._state(key, line)
        elif self._below is not None and indent > 4:
            self._below.append(line)
        else:
            return False
        return True

    def _under_state(self) -> bool:
        above = [line for line in self._below or () if len(line) - len(line.lstrip()) == 4]
        return bool(above) and above[-1].strip().partition(":")[0] in {"State", "Last State"}

    def _state(self, key: str, line: str) -> None:
        rank = _STATE_KEYS.index(key)
        if not self._states or rank <= self._states[-1][0]:
            self._states.append((rank, [line]))
        else:
            self._states[-1] = (rank, [*self._states[-1][1], line])

    def _finish(self) -> None:
        """The states that were met since the last container began, the present one first; a single one that has ended is the last one."""
        if not self._states or "State" in self._seen or "Last State" in self._seen:
            self._states = []
            return
        if not self._containers:
            self._containers.append([])
        words = [_word(lines) for _, lines in self._states]
        heads = ["Last State"] if len(words) == 1 and words[0] == "Terminated" else ["State", "Last State"]
        for head, word, (_, lines) in zip(heads, words, self._states, strict=False):
            self._containers[-1] += [f"    {head}:  {word}", *lines]
        self._states = []

    def lines(self) -> list[str]:
        self._finish()
        found: list[str] = []
        for head, groups in (("Containers", self._containers), ("Volumes", self._volumes)):
            if groups:
                found.append(f"{head}:")
                for number, group in enumerate(groups):
                    found += [f"  #{number}:", *group]
        return found


def _word(lines: list[str]) -> str:
    keys = {line.strip().partition(":")[0] for line in lines}
    return "Terminated" if keys & {"Exit Code", "Finished", "Signal"} else "Running" if "Started" in keys else "Waiting"


# Kinds whose descriptions are flat: what is shown is read as always, and nothing is concluded from the rest.
_WHOLE: dict[str, Callable[[Sections], Raw]] = {
    kind: objects.CONVERT[kind]
    for kind in ("Service", "Node", "PersistentVolumeClaim", "PersistentVolume", "StorageClass")
}
