"""Services that are called in vain and of which nothing was shown: neither that they exist nor that they do not."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.objects import Pod, Service
from seakeep.model.refs import Ref

_VAIN = frozenset({"refused", "timeout", "unreachable"})
# Words for anything that is not there yet: what they name is a host where they name its port too.
_VAGUE = frozenset({"waiting", "unavailable"})


class UnseenTarget(Struct, frozen=True):
    """`culprit` is the workload of the Service's name, or the Service where none was shown."""

    service: Ref
    culprit: Ref
    calls: tuple[Call, ...]


def unseen_targets(index: Index) -> Iterator[UnseenTarget]:
    """From pods that are not ready, or whose state nobody showed either."""
    if index.snapshot.intent_only:
        return
    groups: dict[Ref, list[Call]] = {}
    # A line that names an address needs no guess at what its other words mean.
    addressed = {call.evidence for call in calls(index) if call.port and call.service}
    for call in calls(index):
        if not call.port and call.evidence in addressed:
            continue
        vain = call.outcome in _VAIN or (call.outcome in _VAGUE and call.port)
        if call.failed and call.service and vain and _is_unknown(index, call.service):
            pod = index.snapshot.find(call.origin)
            if isinstance(pod, Pod) and not is_ready(pod) and not is_finished(pod) and not _is_own(call):
                groups.setdefault(call.service, []).append(call)
    for service, found in sorted(groups.items()):
        # A log that only waits names many things; one that was refused or got no answer tells which.
        surest = [call for call in found if call.outcome != "waiting"] or found
        yield UnseenTarget(service, _backend(index, service), tuple(surest))


def _is_unknown(index: Index, service: Ref) -> bool:
    return index.snapshot.get(Service, service.namespace, service.name) is None and not index.snapshot.is_absent(
        service
    )


def _is_own(call: Call) -> bool:
    """A set's members call one another by their own Service."""
    one, other = call.workload.name, call.service.name if call.service else ""
    return one.startswith(other) or other.startswith(one)


def _backend(index: Index, service: Ref) -> Ref:
    named = [ref for ref in index.pods_by_workload if (ref.namespace, ref.name) == (service.namespace, service.name)]
    return named[0] if len(named) == 1 else service
