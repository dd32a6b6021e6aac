"""Refusals that an operator wrote into its own log: it creates pods and claims itself, and not all leave an event."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.objects import ResourceQuota
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# How much of a log's end tells what is still refused.
_LAST = 200
_SIGNS = ("is forbidden", "denied the request", "failed calling webhook")
_QUOTED = late(r'"((?:[^"\\]|\\.)*)"')
# controller-runtime's structured fields, as JSON and as logfmt.
_KIND = late(r'"controllerKind": ?"(\w+)"|\bcontrollerKind="?(\w+)')
_NAMESPACE = late(r'"namespace": ?"([a-z0-9-]+)"|\bnamespace="?([a-z0-9-]+)|/namespaces/([a-z0-9-]+)/')
_NAME = late(r'"name": ?"([a-z0-9.-]+)"|\bname="?([a-z0-9.-]+)|pods \\?"([a-z0-9.-]+)\\?" is forbidden')
_QUOTA = late(r"(?:exceeded|failed) quota: ([^,:\s]+)")


class Told(Struct, frozen=True):
    """`owner` is the object that was being reconciled, or the pod whose log it is."""

    owner: Ref
    message: str
    evidence: Evidence


def told_refusals(index: Index) -> Iterator[Told]:
    """The newest of each message's beginning, per log."""
    for log in index.snapshot.logs:
        if log.previous or not any(sign in log.text for sign in _SIGNS):
            continue
        seen: dict[str, Told] = {}
        for line in log.text.splitlines()[-_LAST:]:
            if any(sign in line for sign in _SIGNS):
                message = _message(line)
                about = _owner(index, line, message) or Ref("Pod", log.namespace, log.pod)
                evidence = Evidence(Ref("Pod", log.namespace, log.pod), "log", line.strip()[:300])
                seen[f"{about} {message[:40]}"] = Told(about, message, evidence)
        yield from seen.values()


def _message(line: str) -> str:
    """The refusal itself, out of the quotes that structured logs put around it."""
    for match in _QUOTED.finditer(line):
        if any(sign in match[1] for sign in _SIGNS):
            return match[1].replace('\\"', '"')
    return line.strip().replace('\\"', '"')


def _owner(index: Index, line: str, message: str) -> Ref | None:
    kind, namespace, name = (
        next((group for group in match.groups() if group), "") if (match := form.search(line)) else ""
        for form in (_KIND, _NAMESPACE, _NAME)
    )
    quota = _QUOTA.search(message)
    if quota and not namespace:
        homes = {item.namespace for item in index.snapshot.all(ResourceQuota) if item.name == quota[1]}
        namespace = homes.pop() if len(homes) == 1 else ""
    return Ref(kind or "Pod", namespace, name) if namespace and name else None
