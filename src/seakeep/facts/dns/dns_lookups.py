"""Look-ups of names that fail now: of what, how, and at which name server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.calls.calls import Call, calls
from seakeep.facts.calls.dependencies import edges_of
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.routing import has_ready_endpoint
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# No answer, or the server's own failure: the name was not judged.
_SILENT = late(
    r"i/o timeout|timed out|no servers could be reached|EAI_AGAIN|temporary failure|server misbehaving|SERVFAIL|:53: .{0,80}(?:refused|no route)",
    re.IGNORECASE,
)
_DENIED = late(
    r"no such host|NXDOMAIN|ENOTFOUND|name or service not known|does not resolve|nodename nor|unknown ?host|could(?: not|n't) resolve|could not translate|unresolved",
    re.IGNORECASE,
)
_SERVER = late(r"(?: on |->|Server:\s*|SERVER: )(?P<ip>\d{1,3}(?:\.\d{1,3}){3})")
_NAMELESS = late(r"temporary failure in name resolution|EAI_AGAIN", re.IGNORECASE)
# Further from its end a log tells of what was.
_RECENT_LINES = 30
_KUBERNETES = Ref("Service", "default", "kubernetes")


class How(StrEnum):
    SILENT = "no answer"
    DENIED = "no such name"
    VAGUE = "it fails"


class Lookup(Struct, frozen=True):
    """`inside` where the name is that of a Service which exists and must resolve; `outside` where it is no name of this cluster."""

    call: Call
    how: How
    server: str
    inside: bool
    outside: bool


class DnsFault(Struct, frozen=True):
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
    named = [
        _lookup(index, call)
        for call in calls(index)
        if call.failed and (call.outcome == "dns-failure" or call.probe == "dns") and call.origin.kind != "Node"
    ]
    told = {item.call.origin for item in named}
    return (*named, *(item for item in _nameless(index) if item.call.origin not in told))


def _nameless(index: Index) -> Iterator[Lookup]:
    """The resolver's own words in the log of a program that does not say which name it asked for (Python's `[Errno -3]`)."""
    for pod in index.pods:
        for log in index.logs_of(pod):
            rows = log.text.splitlines()[-_RECENT_LINES:]
            line = next((row for row in reversed(rows) if _NAMELESS.search(row)), "")
            if not line or (log.previous and is_ready(pod)):
                continue
            workload = workload_of(index, pod)
            evidence = Evidence(pod.ref, "log", line.strip()[:300])
            call = Call(pod.ref, workload, pod.namespace, "", 0, "dns-failure", "log", None, None, evidence)
            inside = any(must_resolve(index, edge.service) for edge in edges_of(index, workload))
            yield Lookup(call, How.SILENT, "", inside, outside=False)
            break


def _lookup(index: Index, call: Call) -> Lookup:
    text = call.evidence.value
    how = How.SILENT if _SILENT.search(text) else How.DENIED if _DENIED.search(text) else How.VAGUE
    server = _SERVER.search(text)
    outside = call.service is None and "." in call.host
    literal = "DiG" in text and ".svc." not in call.host  # dig asks for what it is given, without search domains
    inside = must_resolve(index, call.service) and not literal
    return Lookup(call, how, server["ip"] if server else "", inside, outside)


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


def is_address(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host


def server_fault(
    culprit: Ref,
    what: str,
    repair: str,
    level: int,
    evidence: tuple[Evidence, ...],
    hurt: tuple[Lookup, ...],
    settled_by: str = "",
) -> DnsFault:
    """A fault that whoever looks up names suffers from."""
    return DnsFault(
        culprit,
        what,
        repair,
        level,
        (*evidence, *(item.call.evidence for item in hurt[:4])),
        hurt,
        (),
        settled_by if level < CERTAIN else "",
    )
