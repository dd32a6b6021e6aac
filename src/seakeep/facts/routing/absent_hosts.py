"""Addresses of Services that do not exist: is the name wrong, or does the Service lack?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.calls.dependencies import Edge, edges
from seakeep.facts.index import Index
from seakeep.facts.routing.absent_in_manifests import is_evident, is_suspect
from seakeep.facts.routing.address_text import Form
from seakeep.facts.routing.address_verdicts import Misaddressed, MissingService
from seakeep.facts.routing.expected_backends import governed, named_alike
from seakeep.facts.routing.intended_services import meant_by_address, meant_by_call
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.facts.workloads.templates import template_of
from seakeep.model.objects import Pod, StatefulSet
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_NOBODYS = late(r"ENOTFOUND|NXDOMAIN|no such host|Name or service not known|Name does not resolve", re.IGNORECASE)
_OF_CLUSTER = late(r"\.svc(?:\.|$)")


def judge_hosts(index: Index) -> tuple[list[Misaddressed], list[MissingService]]:
    wrong: list[Misaddressed] = []
    missing: list[MissingService] = []
    for host in _absent(index):
        if found := list(_wrong(index, host)):
            wrong.extend(found)
        elif lacking := _missing(index, host):
            missing.append(lacking)
    return wrong, missing


class _Absent(Struct, frozen=True):
    """`known` tells that the Service is surely not there; `named` where it is configured, `failed` the calls that got no answer."""

    service: Ref
    known: bool
    named: list[Edge]
    failed: tuple[Call, ...]
    governed: Ref | None
    backend: Ref | None


def _absent(index: Index) -> Iterator[_Absent]:
    absent: dict[Ref, list[Edge]] = {}
    for edge in edges(index):
        if edge.exists is not True:
            absent.setdefault(edge.service, []).append(edge)
    lookups: dict[Ref, list[Call]] = {}
    for call in calls(index):
        if call.service and call.failed and index.snapshot.find(call.service) is None:
            lookups.setdefault(call.service, []).append(call)
    for service in sorted({*absent, *lookups}):
        named = absent.get(service, [])
        known = index.snapshot.is_absent(service) or is_evident(index, service)
        # Of a name that is known to be nobody's, whoever got no answer asked in vain; an answer of any sort was another's.
        telling = {"dns-failure", "waiting", *({"unavailable", "timeout", "failed"} if known else ())}
        failed = tuple(
            call
            for call in lookups.get(service, ())
            if call.outcome in telling and not _goes_on(index, call) and (named or not _is_word(call))
        )
        if not known and not any(call.outcome == "dns-failure" for call in failed):
            continue
        if not failed and _names_pod(index, service):
            continue
        if index.snapshot.intent_only and not is_suspect(index, service, named):
            continue
        owner = governed(index, service)
        yield _Absent(service, known, named, failed, owner, owner or named_alike(index, service))


def _goes_on(index: Index, call: Call) -> bool:
    """`closed connection while waiting for request`: who is ready is not kept by what its log waits for."""
    pod = index.snapshot.find(call.origin)
    return call.outcome == "waiting" and isinstance(pod, Pod) and is_ready(pod)


def _is_word(call: Call) -> bool:
    """`Waiting for migrations... 60 second(s)`: whatever is waited for, if no configuration calls a host so."""
    return call.outcome == "waiting" and not call.port and "." not in call.host


def _names_pod(index: Index, service: Ref) -> bool:
    """A StatefulSet's pod by its own name: more often how its members know each other (`cluster.initial_master_nodes`) than an address."""
    base, _, ordinal = service.name.rpartition("-")
    return ordinal.isdecimal() and index.snapshot.get(StatefulSet, service.namespace, base) is not None


def _wrong(index: Index, host: _Absent) -> Iterator[Misaddressed]:
    """Once per workload that should name another Service."""
    alone = len({edge.address.at for edge in host.named}) == 1
    seen: set[Ref] = set()
    for edge in () if host.governed else host.named:
        verdict = meant_by_address(index, edge, host.failed, alone=alone, backend=host.backend)
        if verdict and verdict.consumer not in seen:
            seen.add(verdict.consumer)
            yield verdict
    if not host.named and host.known and host.backend is None:
        for call in host.failed[:1]:
            if verdict := meant_by_call(index, host.service, call):
                yield verdict


def _missing(index: Index, host: _Absent) -> MissingService | None:
    strong = [edge for edge in host.named if edge.address.form > Form.BARE or host.failed or host.backend]
    if not strong and not (host.failed and (host.known or host.backend or _is_denied(index, host.failed))):
        return None
    consumers = tuple(sorted({edge.consumer for edge in strong} | {call.workload for call in host.failed}))
    waits = any(edge.address.waits and _is_stuck(index, edge.consumer) for edge in strong)
    return MissingService(
        host.service,
        consumers,
        host.backend,
        tuple(edge.address for edge in strong),
        host.failed,
        bool(host.failed) or waits,
        host.known,
        waits,
    )


def _is_denied(index: Index, failed: Sequence[Call]) -> bool:
    """The cluster's DNS answered an unwell caller that nobody has the name, which is one of the cluster's: an answer, where silence would be DNS's own fault."""
    return any(
        _NOBODYS.search(call.evidence.value)
        and ("." not in call.host or _OF_CLUSTER.search(call.host))
        and isinstance(pod := index.snapshot.find(call.origin), Pod)
        and not is_ready(pod)
        and not is_finished(pod)
        for call in failed
    )


def _is_stuck(index: Index, consumer: Ref) -> bool:
    template = template_of(index, consumer)
    return template is not None and bool(template.pods) and not template.ready
