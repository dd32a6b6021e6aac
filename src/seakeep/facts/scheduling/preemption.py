"""Pods that the scheduler ended to make room for others of higher priority."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.disruption.evictions import still_short
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.generated_names import workload_named
from seakeep.facts.owners.ownership import workload_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# "Preempted by NAMESPACE/NAME on node N" until 1.26 or so, "Preempted by pod UID on node N" since.
_BY = late(r"Preempted by (?:pod (?P<uid>[0-9a-f-]{36})|(?:pod )?(?P<namespace>[^/\s]+)/(?P<name>\S+))", re.IGNORECASE)

# A victim has its grace period, by default 30 seconds, before its controller replaces it; a few minutes allow for longer ones.
_REPLACED_WITHIN = timedelta(minutes=5)


class Preemption(Struct, frozen=True):
    """The victims of one workload. `by` is who took their room, where it was told and seen."""

    workload: Ref
    pods: tuple[Ref, ...]
    by: Ref | None
    by_priority: int | None
    evidence: tuple[Evidence, ...]
    current: bool
    waiting: tuple[Ref, ...]


@once
def preemptions(index: Index) -> tuple[Preemption, ...]:
    victims: dict[Ref, list[tuple[Ref, Evidence, str, bool]]] = defaultdict(list)
    for pod in index.pods:
        for item in pod.status.conditions:
            if item.type == "DisruptionTarget" and item.status == "True" and item.reason == "PreemptionByScheduler":
                evidence = state_evidence(
                    pod,
                    "status.conditions[DisruptionTarget].message",
                    item.message[:300] or item.reason,
                    item.last_transition_time,
                )
                victims[workload_of(index, pod)].append(
                    (pod.ref, evidence, item.message, is_recent(index, item.last_transition_time))
                )
    for event in index.events_with("Preempted"):
        if event.about.kind == "Pod":
            known = index.snapshot.get(Pod, event.about.namespace, event.about.name)
            workload = workload_of(index, known) if known else workload_named(index, event.about)
            victims[workload].append(
                (event.about, event_evidence(index, event), event.text, is_recent(index, event.last_seen))
            )
    return tuple(_preemption(index, workload, found) for workload, found in sorted(victims.items()))


def _preemption(index: Index, workload: Ref, found: list[tuple[Ref, Evidence, str, bool]]) -> Preemption:
    by = next((pod for _, _, text, _ in found for pod in [_preemptor(index, text)] if pod), None)
    pending = [pod for pod in index.pods_by_workload.get(workload, ()) if pod.status.phase == "Pending"]
    waiting = tuple(pod.ref for pod in pending)
    fresh = any(recent for _, _, _, recent in found)
    current = (bool(waiting) and fresh) or (still_short(index, workload) and (bool(waiting) or fresh))
    if any(_succeeds(pod, evidence) for pod in pending for _, evidence, _, _ in found):
        # It is told once, and holds as long as the pod that was made in the victim's place waits.
        found = [(pod, replace(evidence, current=True), text, recent) for pod, evidence, text, recent in found]
    return Preemption(
        workload,
        tuple(sorted({pod for pod, _, _, _ in found})),
        workload_of(index, by) if by else None,
        by.spec.priority if by else None,
        tuple(evidence for _, evidence, _, _ in found[:4]),
        current,
        waiting,
    )


def _succeeds(pod: Pod, evidence: Evidence) -> bool:
    """Made when the victim went."""
    made, gone = pod.metadata.creation_timestamp, evidence.time
    return made is not None and gone is not None and abs(made - gone) <= _REPLACED_WITHIN


def _preemptor(index: Index, text: str) -> Pod | None:
    match = _BY.search(text)
    if match is None:
        return None
    if match["uid"]:
        return next((pod for pod in index.pods if pod.metadata.uid == match["uid"]), None)
    return index.snapshot.get(Pod, match["namespace"], match["name"])


def was_preempted(index: Index, workload: Ref) -> bool:
    return any(item.workload == workload and item.current for item in preemptions(index))
