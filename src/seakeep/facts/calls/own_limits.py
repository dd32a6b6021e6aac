"""Servers that refuse because a limit of their own is reached: in their callers' logs, and in their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.calls.dependencies import Edge, edges_of
from seakeep.facts.containers.logs import standing_lines
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref


class Limit(Struct, frozen=True):
    """`services` are the ids of profiles whose setting it is, `ports` those that such servers listen on by custom."""

    setting: str
    services: tuple[str, ...]
    ports: tuple[int, ...]
    form: re.Pattern[str]
    repair: str


_FEWER = "or let its callers keep fewer connections (smaller pools, or a pooler before it)"
# ZooKeeper's words hold MySQL's.
_LIMITS = (
    Limit(
        "maxClientCnxns",
        ("zookeeper",),
        (2181,),
        late(r"Too many connections from /\S+ - max is \d+"),
        _FEWER,
    ),
    Limit(
        "max_connections",
        ("postgresql",),
        (5432,),
        late(r"sorry, too many clients already|remaining connection slots are reserved|too many connections for (?:role|database) "),
        _FEWER,
    ),
    Limit("max_client_conn", ("pgbouncer",), (6432,), late(r"no more connections allowed \(max_client_conn\)"), _FEWER),
    Limit(
        "max_connections",
        ("mysql",),
        (3306,),
        late(r"\bToo many connections\b|has exceeded the 'max_user_connections'|already has more than 'max_user_connections'"),
        _FEWER,
    ),
    Limit(
        "maxmemory",
        ("redis",),
        (6379,),
        late(r"OOM command not allowed when used memory > 'maxmemory'"),
        "and its container's memory limit with it, or let it drop keys (maxmemory-policy)",
    ),
    Limit("maxclients", ("redis",), (6379,), late(r"max number of clients reached"), _FEWER),
    Limit(
        "cluster.max_shards_per_node",
        ("elasticsearch", "opensearch"),
        (9200,),
        late(r"this action would add \[\d+\][^\n]{0,40}shards?, but this cluster currently has \[\d+\]/\[\d+\] maximum"),
        "or delete indices, or give them fewer shards",
    ),
    Limit(
        "indices.breaker.total.limit",
        ("elasticsearch", "opensearch"),
        (9200,),
        late(r"\[parent\] Data too large, data for|circuit_breaking_exception"),
        "which is a share of its heap, or send it smaller requests",
    ),
    Limit(
        "net.maxIncomingConnections",
        ("mongodb",),
        (27017,),
        late(r"connection refused because (?:there are )?too many open connections", re.IGNORECASE),
        _FEWER,
    ),
    Limit(
        "max_concurrent_queries",
        ("clickhouse",),
        (8123, 9000),
        late(r"TOO_MANY_SIMULTANEOUS_QUERIES|Too many simultaneous queries"),
        "or let its callers ask one after the other",
    ),
    Limit(
        "vm_memory_high_watermark",
        ("rabbitmq",),
        (5672,),
        late(r"memory resource limit alarm set on node|connection\.blocked.{0,40}low on memory", re.IGNORECASE),
        "and its container's memory limit with it, or let consumers empty its queues",
    ),
)  # fmt: skip


_NAME = late(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


class AtLimit(Struct, frozen=True):
    """`users` are the workloads that it refused, empty where only its own log tells."""

    server: Ref
    limit: Limit
    users: tuple[Ref, ...]
    evidence: tuple[Evidence, ...]


def at_limit(index: Index) -> Iterator[AtLimit]:
    """By server and limit. Where it cannot be seen which server a caller means, nothing is said."""
    found: dict[tuple[Ref, str], list[tuple[Limit, Ref, Evidence]]] = {}
    for pod in index.pods if index.snapshot.logs else ():
        told = None if is_ended(pod) else _told(index, pod)
        workload = workload_of(index, pod)
        server = _server(index, workload, told[0], told[1].value) if told else None
        if told and server:
            found.setdefault((server, told[0].setting), []).append((told[0], workload, told[1]))
    for (server, _), items in sorted(found.items(), key=lambda entry: entry[0]):
        users = tuple(sorted({workload for _, workload, _ in items} - {server}))
        evidence = sorted((proof for *_, proof in items), key=lambda proof: proof.object)
        yield AtLimit(server, items[0][0], users, tuple(evidence[:4]))


def limit_of(line: str) -> Limit | None:
    return next((limit for limit in _LIMITS if limit.form.search(line[:2000])), None)


def _told(index: Index, pod: Pod) -> tuple[Limit, Evidence] | None:
    """The newest such line."""
    for line in standing_lines(index, pod):
        if limit := limit_of(line):
            return limit, Evidence(pod.ref, "log", line[:300])
    return None


def _server(index: Index, workload: Ref, limit: Limit, line: str) -> Ref | None:
    """Itself, or the one server of that sort which its configuration names, or else what it says."""
    traits = index.traits.get(workload)
    if traits and traits.service in limit.services:
        return workload
    backends = {ref for edge in edges_of(index, workload) for ref in edge.backends if _is_such(index, edge, ref, limit)}
    if not backends:
        # Whose pods were only listed: by the word, or by the Service that a host of the line means.
        words = set(_NAME.findall(line))
        named = {edge.service[1:] for edge in edges_of(index, workload) if edge.address.host in line}
        near = [
            ref
            for ref in index.pods_by_workload
            if ref[1:] in named or (ref.namespace == workload.namespace and ref.name in words)
        ]
        backends = {ref for ref in near if (traits := index.traits.get(ref)) and traits.service in limit.services}
    return next(iter(backends)) if len(backends) == 1 else None


def _is_such(index: Index, edge: Edge, backend: Ref, limit: Limit) -> bool:
    traits = index.traits.get(backend)
    return traits.service in limit.services if traits else edge.address.port in limit.ports
