"""Containers whose liveness probe ends them before they are up."""

from __future__ import annotations

from datetime import timedelta

from seakeep.facts.containers.logs import hits
from seakeep.facts.index import Index
from seakeep.facts.probes.probes import ProbeTrouble, Trouble
from seakeep.facts.workloads.podstate import statuses
from seakeep.model.objects import ContainerStatus
from seakeep.model.pattern import late

_REFUSED = late(r"connection refused|failed to connect")
_ENDED = late(r"failed (?:liveness|startup) probe, will be restarted")
# What the kubelet's SIGTERM and SIGKILL leave; many a program ends on SIGTERM in good order.
_KILLED = {0, 137, 143}
# A server that has told that it is up was refusing for another reason.
_IS_UP = late(
    r"\bStarted \w+ in \d|started in \d|(?:now |is )?(?:listening|serving|accepting connections|ready)\b|startup complete|Tomcat started",
)


def ended_by_probe(index: Index, item: ProbeTrouble) -> bool:
    """The kubelet tells that it ends the container for a probe that is refused."""
    return _is_ended(index, item) and _REFUSED.search(item.detail) is not None


def ended_unwell(index: Index, item: ProbeTrouble) -> bool:
    """The kubelet tells that it ends the container, whose application answers the probe that it is not well, or not yet."""
    return item.trouble is Trouble.STATUS and item.kind != "readiness" and _is_ended(index, item)


def _is_ended(index: Index, item: ProbeTrouble) -> bool:
    return any(_ENDED.search(event.text) for event in index.events_about(item.pod.ref) if event.reason == "Killing")


def is_refused_unseen(item: ProbeTrouble) -> bool:
    """Nobody listened, and what is asked, of what, was not shown."""
    return item.container is None and _REFUSED.search(item.detail) is not None


def killed_while_starting(index: Index, item: ProbeTrouble, patience: int) -> bool:
    """The probe is refused, or told to wait, each run lasts as long as the probe's patience and the grace period after it, and the log tells of no trouble and of no end of the start-up."""
    container = item.container
    waits = item.kind == "startup" and item.trouble is Trouble.STATUS
    if container is None or not (waits or _REFUSED.search(item.detail)):
        return False
    status = next((each for each in statuses(item.pod) if each.name == container.name), None)
    if status is None or not _lasts(status, patience, item.pod.spec.termination_grace_period_seconds or 30):
        return False
    if any(not hit.container or hit.container == container.name for hit in hits(index, item.pod)):
        return False
    return not any(_IS_UP.search(log.text) for log in index.logs_of(item.pod) if log.container in {"", container.name})


def _lasts(status: ContainerStatus, patience: int, grace: int) -> bool:
    ended = status.last_state.terminated or status.state.terminated
    if not status.restart_count or ended is None or ended.exit_code not in _KILLED:
        return False
    if ended.started_at is None or ended.finished_at is None:
        return False
    lasted = ended.finished_at - ended.started_at
    return timedelta(seconds=patience - 10) <= lasted <= timedelta(seconds=patience + grace + 15)
