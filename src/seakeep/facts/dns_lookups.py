"""Look-ups of names that fail now: of what, how, and at which name server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from seakeep.facts.calls import Call, calls
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.routing import has_ready_endpoint
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.refs import Ref

# No answer, or the server's own failure: the name was not judged.
_SILENT = re.compile(
    r"i/o timeout|timed out|no servers could be reached|EAI_AGAIN|temporary failure|server misbehaving|SERVFAIL|:53: .{0,80}(?:refused|no route)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"no such host|NXDOMAIN|ENOTFOUND|name or service not known|does not resolve|nodename nor|unknown ?host|could(?: not|n't) resolve|could not translate|unresolved",
    re.IGNORECASE,
)
_SERVER = re.compile(r"(?: on |->|Server:\s*|SERVER: )(?P<ip>\d{1,3}(?:\.\d{1,3}){3})")
_KUBERNETES = Ref("Service", "default", "kubernetes")


class How(StrEnum):
    SILENT = "no answer"
    DENIED = "no such name"
    VAGUE = "it fails"


@dataclass(frozen=True, slots=True)
class Lookup:
    """`inside` where the name is that of a Service which exists and must resolve; `outside` where it is no name of this cluster."""

    call: Call
    how: How
    server: str
    inside: bool
    outside: bool


@dataclass(frozen=True, slots=True)
class DnsFault:
    """`level` as in `node_signs`. `lookups` are the failed ones that it explains."""

    culprit: Ref
    what: str
    repair: str
    level: int
    evidence: tuple[Evidence, ...]
    lookups: tuple[Lookup, ...] = ()
    sufferers: tuple[Ref, ...] = ()
    settled_by: str = ""


@once
def lookups(index: Index) -> tuple[Lookup, ...]:
    """In the order of the calls; those of nodes, which use another resolver, left out."""
    return tuple(
        _lookup(index, call)
        for call in calls(index)
        if call.failed and (call.outcome == "dns-failure" or call.probe == "dns") and call.origin.kind != "Node"
    )


def _lookup(index: Index, call: Call) -> Lookup:
    text = call.evidence.value
    how = How.SILENT if _SILENT.search(text) else How.DENIED if _DENIED.search(text) else How.VAGUE
    server = _SERVER.search(text)
    outside = call.service is None and "." in call.host
    return Lookup(call, how, server["ip"] if server else "", must_resolve(index, call.service), outside)


def must_resolve(index: Index, ref: Ref | None) -> bool:
    """The Service exists and has a name of its own: a headless one has none while nobody is ready, an ExternalName leads elsewhere."""
    if ref is None:
        return False
    if ref == _KUBERNETES:
        return True
    service = index.snapshot.get(Service, ref.namespace, ref.name)
    if service is None or service.spec.type == "ExternalName":
        return False
    return service.spec.cluster_ip != "None" or has_ready_endpoint(index, service) is True


@once
def lookups_by_workload(index: Index) -> Mapping[Ref, tuple[Lookup, ...]]:
    found: dict[Ref, list[Lookup]] = {}
    for item in lookups(index):
        found.setdefault(item.call.workload, []).append(item)
    return {ref: tuple(items) for ref, items in found.items()}


@once
def resolvers(index: Index) -> frozenset[Ref]:
    """Workloads from which a name of a Service was resolved."""
    return frozenset(
        call.workload
        for call in calls(index)
        if call.service is not None
        and not call.host.replace(".", "").isdigit()
        and (call.outcome == "ok" or (call.probe in {"tcp", "http"} and call.outcome in {"refused", "http-error"}))
    )
