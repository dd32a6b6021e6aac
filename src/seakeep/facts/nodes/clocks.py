"""Clocks of nodes that differ from the others': seen in what their kubelets write down, and in what their pods refuse."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import CLOCKS_APART, ENOUGH_CLOCKS, Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK, Sign
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.objects import Node
from seakeep.model.pattern import late

# node-problem-detector's conditions.
_CONDITIONS = frozenset({"NTPProblem", "ClockSkew", "ClockNotSynchronized"})
_CURRENT = late(r"current time (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) is before", re.IGNORECASE)


@once
def clock_signs(index: Index) -> Mapping[str, Sequence[Sign]]:
    """By node, the most telling first."""
    found: dict[str, list[Sign]] = defaultdict(list)
    for name, sign in (*_told(index), *_heartbeats(index), *_refusals(index)):
        found[name].append(sign)
    return {name: sorted(signs, key=lambda sign: -sign.level) for name, signs in sorted(found.items())}


def _told(index: Index) -> Iterator[tuple[str, Sign]]:
    for node in index.snapshot.all(Node):
        for item in node.status.conditions:
            if item.type in _CONDITIONS and item.status == "True":
                text = f"True {item.reason}: {item.message}"[:300]
                path = f"status.conditions[{item.type}]"
                yield node.name, Sign(CERTAIN, state_evidence(node, path, text, item.last_transition_time))


def _heartbeats(index: Index) -> Iterator[tuple[str, Sign]]:
    """The kubelet stamps them by its own clock, while the API server counts a node as ready by the server's."""
    beats: dict[str, tuple[Node, datetime]] = {}
    for node in index.snapshot.all(Node):
        ready = [item for item in node.status.conditions if item.type == "Ready" and item.status == "True"]
        if ready and ready[0].last_heartbeat_time:
            beats[node.name] = (node, ready[0].last_heartbeat_time)
    if len(beats) < ENOUGH_CLOCKS:
        return
    # The middle one, the lower of two: `statistics` takes longer to import than this.
    usual = sorted(time for _, time in beats.values())[(len(beats) - 1) // 2]
    apart = {name for name, (_, time) in beats.items() if abs(time - usual) > CLOCKS_APART}
    if len(apart) * 2 >= len(beats):
        return
    for name in sorted(apart):
        node, time = beats[name]
        text = f"{time:%Y-%m-%d %H:%M:%S}, where the other nodes say {usual:%Y-%m-%d %H:%M:%S}"
        yield name, Sign(FAIR, state_evidence(node, "status.conditions[Ready].lastHeartbeatTime", text))


def _refusals(index: Index) -> Iterator[tuple[str, Sign]]:
    """What is not yet valid to a pod has been made by a clock that is ahead of its node's."""
    for pod in index.pods:
        if is_finished(pod) or not pod.spec.node_name:
            continue
        for hit in hits(index, pod, Topic.CLOCK)[:1]:
            match = _CURRENT.search(hit.line)
            behind = (
                match is not None and index.now - datetime.fromisoformat(match["time"]).astimezone(UTC) > CLOCKS_APART
            )
            yield pod.spec.node_name, Sign(FAIR if behind else WEAK, hit.evidence)
