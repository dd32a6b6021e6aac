"""Probes whose timing turns one slow answer into a restart or an outage."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.probes.probe_actions import action_of, patience, persistence, start_of
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container, Probe

# A stop-the-world collection, a slow disk or a throttled CPU takes seconds; so many of silence are no reason to kill.
_BRIEF = 15
_ENOUGH = 30
# With a single try, an answer may take so long.
_SHORT_ANSWER = 10
_ANSWER, _TRIES = 5, 3
# Readiness first: it takes a pod out of its Services for this many times as long before liveness ends it.
_LATER = 2


class Harsh(Struct, frozen=True):
    """`kind` is liveness, readiness or startup; `better` the fields to set."""

    kind: str
    why: str
    better: dict[str, Any]


def harsh_probes(index: Index, entry: Judged, container: Container) -> list[Harsh]:
    found = [
        _liveness(container.liveness_probe, container.readiness_probe) if container.liveness_probe else None,
        _readiness(container.readiness_probe) if container.readiness_probe else None,
        _startup(index, entry, container, container.startup_probe) if container.startup_probe else None,
    ]
    return [item for item in found if item is not None]


def _liveness(probe: Probe, ready: Probe | None) -> Harsh | None:
    lasts = persistence(probe)
    same = ready is not None and lasts <= persistence(ready) and action_of(ready) == action_of(probe)
    if probe.failure_threshold == 1 and probe.timeout_seconds < _SHORT_ANSWER:
        why = f"one answer slower than {probe.timeout_seconds} s ends it"
    elif lasts < _BRIEF:
        why = f"{lasts} s of silence end it"
    elif same and ready is not None:
        why = f"it asks the same as readiness, and ends the container after {lasts} s where readiness only takes it out of its Services after {persistence(ready)} s"
    else:
        return None
    wanted = max(_ENOUGH, lasts, _LATER * persistence(ready) if ready is not None and same else 0)
    return Harsh("liveness", why, _better(probe, wanted))


def _readiness(probe: Probe) -> Harsh | None:
    if probe.failure_threshold > 1 or probe.timeout_seconds > 1:
        return None
    why = "one answer slower than 1 s takes it out of its Services"
    return Harsh("readiness", why, _better(probe, persistence(probe)))


def _startup(index: Index, entry: Judged, container: Container, probe: Probe) -> Harsh | None:
    start = start_of(index, entry, container)
    if start is None or patience(probe) >= start.seconds:
        return None
    why = f"it ends the container {patience(probe)} s after its start, and {start.why}"
    return Harsh("startup", why, {"failureThreshold": -(-start.seconds // max(probe.period_seconds, 1))})


def _better(probe: Probe, wanted: int) -> dict[str, Any]:
    """So many seconds of misses, of which one may be slow. An answer gets no longer than until the next question."""
    found: dict[str, Any] = {}
    answer = max(probe.timeout_seconds, min(_ANSWER, probe.period_seconds))
    tries = max(_TRIES, probe.failure_threshold, -(-wanted // max(probe.period_seconds, 1)))
    if answer != probe.timeout_seconds:
        found["timeoutSeconds"] = answer
    if tries != probe.failure_threshold:
        found["failureThreshold"] = tries
    return found
