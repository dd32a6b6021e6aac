"""Each service before and after, what turned for the worse first; and what is ready to be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seakeep.engine.handoff.seen import Seen, is_gone
from seakeep.engine.platform import WEIGHT
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.handoff import Count, ServiceTurn, Usable
from seakeep.model.objects import Pod, Probe
from seakeep.model.platform import ServiceState

_GOOD = {"down": 0, "stopped": 0, "degraded": 1, "up": 2}
_TURNS = ("gone", "worse", "better", "new", "unknown", "same")
_ASKS = 3


def turns(before: Seen | None, known: Mapping[str, Count], after: Seen) -> tuple[ServiceTurn, ...]:
    """`known` are ready and intended pods by service before, where there is no snapshot: from the plan's rehearsal."""
    old = {item.id: item for item in before.report.platform.services} if before else {}
    new = {item.id: item for item in after.report.platform.services}
    lost = {name for name in old.keys() - new.keys() if is_gone(old[name], after)}
    rows = [
        _turn(old.get(name), new.get(name), known.get(name), compared=before is not None, gone=name in lost)
        for name in old.keys() | new.keys()
    ]
    return tuple(sorted(rows, key=lambda item: (_TURNS.index(item.turn), -WEIGHT[item.criticality], item.id)))


def _turn(
    old: ServiceState | None, new: ServiceState | None, known: Count | None, *, compared: bool, gone: bool
) -> ServiceTurn:
    named = new or old
    assert named is not None  # noqa: S101 - one of both names it
    was, now = _count(old), _count(new)
    state_before, state_after = old.state if old else "", new.state if new else "gone" if gone else "unknown"
    if old is None and known is not None:
        was, state_before = known, _state_of(known)
    if new is None:
        turn = "gone" if gone else "unknown"
    elif old is None and known is None:
        turn = "new" if compared else "unknown"
    else:
        turn = _direction(state_before, state_after, was, now)
    note = new.note if new else "nothing of it is left" if gone else "the snapshot after does not show it"
    if was[1] is not None and now[1] is not None and now[1] < was[1] and state_after != "waived":
        note = "; ".join(filter(None, (note, f"it is meant to run {now[1]} pods now, and was {was[1]}")))
    return ServiceTurn(named.id, named.name, named.namespace, named.criticality, state_before, state_after, was, now, turn, note)  # fmt: skip


def _count(item: ServiceState | None) -> Count:
    return (item.ready, item.intended) if item else (None, None)


def _state_of(count: Count) -> str:
    ready, intended = count
    if ready is None or intended is None:
        return "unknown"
    return "up" if ready >= intended else "degraded" if ready else "down"


def _direction(before: str, after: str, was: Count, now: Count) -> str:
    if before not in _GOOD or after not in _GOOD:
        return "same" if before == after else "unknown"
    if _GOOD[before] != _GOOD[after]:
        return "better" if _GOOD[after] > _GOOD[before] else "worse"
    if before == "degraded" and was[0] is not None and now[0] is not None and was[0] != now[0]:
        return "better" if now[0] > was[0] else "worse"
    return "same"


def usable(after: Seen) -> tuple[Usable, ...]:
    """Services that are up, the critical first: by the readiness of their pods, and what was asked to know it."""
    found = [_usable(after, item) for item in after.report.platform.services if item.state == "up"]
    return tuple(sorted(found, key=lambda item: (-WEIGHT[item.criticality], item.id)))


def _usable(after: Seen, item: ServiceState) -> Usable:
    pods = [pod for ref in item.workloads for pod in after.index.pods_by_workload.get(ref, ()) if is_ready(pod)]
    asks = sorted({text for pod in pods for text in _asked(pod)})
    bare = sum(not any(container.readiness_probe for container in pod.spec.containers) for pod in pods)
    times = [
        entry.last_transition_time
        for pod in pods
        for entry in pod.status.conditions
        if entry.type == "Ready" and entry.last_transition_time
    ]
    if not pods:
        proof = "its workloads' status says so; its pods were not seen" if item.ready else "it needs no pod now"
    elif not asks:
        proof = "its containers run; no readiness probe asks them anything"
    else:
        more = f" and {len(asks) - _ASKS} more" if len(asks) > _ASKS else ""
        proof = f"readiness: {', '.join(asks[:_ASKS])}{more}"
        proof += f"; {bare} of {len(pods)} pods without a probe" if bare else ""
    return Usable(item.id, item.name, item.namespace, item.criticality, _count(item), proof, bool(asks) and not bare, max(times, default=None))  # fmt: skip


def _asked(pod: Pod) -> Iterator[str]:
    for container in pod.spec.containers:
        if container.readiness_probe:
            yield f"{container.name} {_action(container.readiness_probe)}"


def _action(probe: Probe) -> str:
    if probe.http_get:
        return f"GET {probe.http_get.path or '/'} on port {probe.http_get.port}"
    if probe.tcp_socket:
        return f"TCP on port {probe.tcp_socket.port}"
    if probe.grpc:
        return f"gRPC on port {probe.grpc.port}"
    return "by a command in it" if probe.exec else "by a probe"


def critical(services: Sequence[ServiceState]) -> tuple[int, int] | None:
    """Up, of those that are critical and not waived; None where there are none, or one of them is unknown."""
    found = [item for item in services if item.criticality == "critical" and item.state != "waived"]
    if not found or any(item.state == "unknown" for item in found):
        return None
    return sum(item.state == "up" for item in found), len(found)
