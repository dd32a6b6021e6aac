"""Something else sets the size of a workload that an autoscaler scales.

What: a Deployment was scaled to fewer pods than its HorizontalPodAutoscaler's minReplicas, which the autoscaler never does, and goes up and down again and again.

Why: a manifest states `replicas`, and a GitOps controller or each release puts it back; a script or a second autoscaler by another metric scales it as well.

Bad:
    spec: {replicas: 2}      # in Git, under an autoscaler with minReplicas: 5

Good:
    # no replicas in the manifest, or spec.ignoreDifferences for /spec/replicas in Argo CD

Ignore when: somebody scaled it down once, on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.autoscaling.autoscaled import floor, target_of
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Event, HorizontalPodAutoscaler
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# As long as the API server keeps events by default.
_WINDOW = timedelta(hours=1)
_SCALED = late(r"Scaled (?P<way>up|down) replica ?set (?P<set>\S+)(?: from \d+)? to (?P<size>\d+)")


def find(index: Index) -> Iterable[Candidate]:
    for hpa in index.snapshot.all(HorizontalPodAutoscaler):
        target, least = target_of(hpa), floor(hpa)
        below = [
            event for match, event in _steps(index, target) if match["way"] == "down" and int(match["size"]) < least
        ]
        if not below or _is_younger(hpa, below):
            continue
        yield Candidate(
            id="replicas-contested",
            object=target,
            summary=f"something scales {target.kind} {target.name} to fewer than the {least} pods that HorizontalPodAutoscaler {hpa.name} keeps",
            evidence=(
                *(event_evidence(index, event, current=True) for event in below[:3]),
                state_evidence(hpa, "spec.minReplicas", least),
            ),
            affects=(hpa.ref,),
            repair=Repair(
                f"Take replicas out of the manifest of {target.kind} {target.name}, or tell what applies it to leave them alone, so that HorizontalPodAutoscaler {hpa.name} alone decides."
            ),
            confidence=LIKELY,
        )


def _steps(index: Index, target: Ref) -> Iterator[tuple[re.Match[str], Event]]:
    """Of one ReplicaSet that went down and up: where a second one takes part, it is a rollout, which goes through any size."""
    found = [
        (match, event)
        for event in index.events_about(target)
        if event.reason == "ScalingReplicaSet"
        and is_recent(index, event.last_seen, _WINDOW)
        and (match := _SCALED.search(event.text))
    ]
    if len({match["set"] for match, _ in found}) == 1 and {match["way"] for match, _ in found} == {"up", "down"}:
        yield from found


def _is_younger(hpa: HorizontalPodAutoscaler, events: list[Event]) -> bool:
    """Made after the last of them, when its bounds held for nobody."""
    created, last = (
        hpa.metadata.creation_timestamp,
        max((event.last_seen for event in events if event.last_seen), default=None),
    )
    return created is not None and last is not None and last <= created


CAUSE = CauseLeaf(
    id="replicas-contested",
    title="Two set the size of one workload",
    reads=(HorizontalPodAutoscaler, Event),
    find=find,
    severity=Severity.WARNING,
)
