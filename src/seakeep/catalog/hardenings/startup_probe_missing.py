"""A liveness probe may end a slow start.

What: a container has a livenessProbe and no startupProbe, and initialDelaySeconds + periodSeconds x failureThreshold is less than its start may take.

Why: the kubelet kills it in the middle of its start, and it starts anew: after a crash, with a cold disk or on a busy node, when starts are slowest.

Bad:
    livenessProbe: {tcpSocket: {port: 5432}, initialDelaySeconds: 30}      # 60 s for a recovery that may take ten minutes

Good:
    startupProbe: {tcpSocket: {port: 5432}, periodSeconds: 10, failureThreshold: 60}
    livenessProbe: {tcpSocket: {port: 5432}}

Ignore when: it was measured that no start takes longer.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.probe_actions import Start, action_of, patience, start_of, start_up_probe
from seakeep.facts.proposing import in_containers
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Container

# Whatever starts is up by then, or waits for something that a restart does not bring.
_LONG = 600


def _answer(index: Index, entry: Judged) -> Answer:
    starts = _starts(index, entry)
    slow = [(item, start) for item, start in starts if start and _ends(item) < start.seconds]
    unclear = [item.name for item, start in starts if start is None]
    if slow:
        return "; ".join(_says(item, start) for item, start in slow)
    if unclear:
        return Unseen(f"how long {', '.join(unclear)} takes to start")
    return HOLDS if any(item.liveness_probe for item in entry.spec.containers) else None


def _starts(index: Index, entry: Judged) -> list[tuple[Container, Start | None]]:
    """The containers that liveness may end before they are up, and how long they may take."""
    bare = [item for item in entry.spec.containers if item.liveness_probe and not item.startup_probe]
    known = [(item, start_of(index, entry, item)) for item in bare]
    return [(item, start) for item, start in known if start or _ends(item) < _LONG]


def _ends(container: Container) -> int:
    return patience(container.liveness_probe) if container.liveness_probe else _LONG


def _says(container: Container, start: Start) -> str:
    return f"the livenessProbe of {container.name} ends it {_ends(container)} s after its start, and {start.why}"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """It asks what liveness asks: what answers the one answers the other."""
    ref = finding.object
    probes = {
        item.name: {"startupProbe": start_up_probe(action_of(item.liveness_probe), start.seconds)}
        for item, start in _starts(index, judged_of(index, ref))
        if item.liveness_probe and start and _ends(item) < start.seconds
    }
    return fixed(ref, "a start-up probe") or (Change(ref, in_containers(ref, probes), (), Risk.MEDIUM, finding.detail),)


HARDENING = template_rule(
    "startup-probe-missing",
    "Slow start without a start-up probe",
    _answer,
    alone=True,
    lasting=True,
    needs="seen",
    unseen="its containers",
    path="spec.template.spec.containers[].startupProbe",
    repair="Add a startupProbe that waits for as long as the start may take.",
    propose=propose,
)
