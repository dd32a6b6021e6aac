"""Servers that cannot go on with what lies on their volume: data of another version or cluster, and data that is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import Topic, is_of, lines_of, topic_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref


class Flaw(StrEnum):
    VERSION = "of another version of the server"
    CLUSTER = "of another cluster"
    DAMAGED = "damaged"


# In the servers' own words: PostgreSQL, MySQL and MariaDB, MongoDB, Redis, Elasticsearch and OpenSearch, Kafka, etcd, ZooKeeper, RabbitMQ, Prometheus, ClickHouse, Neo4j.
_FORMS = (
    (
        Flaw.VERSION,
        late(
            r"database files are incompatible with server|data directory was initialized by PostgreSQL version|Invalid (?:MySQL|MariaDB) server (?:up|down)grade|(?:up|down)grade (?:from \S+ to \S+ )?is not supported|redo log (?:was created|format) .{0,40}(?:with|by|version)"
            r"|Invalid featureCompatibilityVersion|UPGRADE PROBLEM|featureCompatibilityVersion document .{0,60}(?:missing|ERROR)|Can't handle RDB format version|cannot (?:up|down)grade a node from version|The index \[.{1,80}\] was created with version .{1,20} but the minimum"
            r"|incompatible (?:store|data|database|storage) (?:version|format)|store version .{0,60}(?:not supported|older|newer)|(?:schema|data|database|format) version .{0,40}(?:is|are) (?:newer|too old|not supported)|written by a newer version",
        ),
    ),
    (
        Flaw.CLUSTER,
        late(
            r"InconsistentClusterIdException|doesn't match stored (?:clusterId|brokerId)|InconsistentBrokerIdException|Invalid cluster\.id in|(?:request )?cluster ID mismatch|belongs to (?:a different|another) cluster|not? part of (?:the same|this) cluster .{0,40}data|system identifiers? (?:differ|does not match)"
        ),
    ),
    (
        Flaw.DAMAGED,
        late(
            r"could not locate a valid checkpoint record|invalid (?:primary )?checkpoint record|Bad file format reading the append only file|Wrong signature trying to load DB|Short read or OOM loading DB|Unable to load database on disk|Corrupt(?:Index|ed|ion)?Exception|CorruptRecordException"
            r"|(?:database|index|log|segment|table|block|file|data|WAL|snapshot|journal) (?:file |page |\S+ )?(?:is |are |was )?(?:corrupt(?:ed)?|damaged|malformed)\b|corruption (?:in|of|on|detected)|checksum mismatch|crc mismatch|InnoDB: (?:Database page corruption|Corrupt)|WT_PANIC|detected data corruption",
        ),
    ),
)


class StoredData(Struct, frozen=True):
    """`claims` are the pod's, empty where its volumes were not shown."""

    flaw: Flaw
    workload: Ref
    pods: tuple[Ref, ...]
    claims: tuple[Ref, ...]
    line: str
    evidence: tuple[Evidence, ...]
    seen: bool


@once
def stored_data(index: Index) -> tuple[StoredData, ...]:
    """One per workload and flaw."""
    found: dict[tuple[Ref, Flaw], StoredData] = {}
    for item in _all(index):
        found.setdefault((item.workload, item.flaw), item)
    return tuple(found[key] for key in sorted(found))


def flaw_of(line: str) -> Flaw | None:
    return next((flaw for flaw, form in _FORMS if form.search(line[:2000])), None)


def _all(index: Index) -> Iterator[StoredData]:
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            told = [line for container, _, line in lines_of(index, crash.pod) if is_of(name, container)]
            if line := _last(told):
                flaw, text = line
                evidence = (Evidence(crash.pod.ref, "log", text[:300]), *crash.evidence[:2])
                pods = tuple(item.pod.ref for item in group)
                yield StoredData(flaw, workload, pods, _claims(crash.pod), text, evidence, True)
    for item in heard(index):
        if line := _last(list(item.lines)):
            flaw, text = line
            yield StoredData(
                flaw, item.workload, (item.pod.ref,), (), text, (Evidence(item.pod.ref, "log", text[:300]),), False
            )


def _last(lines: list[str]) -> tuple[Flaw, str] | None:
    """Nothing of data that cannot be read while the volume is full: then there is no room to open it, and it may be whole."""
    found = next(((flaw, line) for line in reversed(lines) if (flaw := flaw_of(line))), None)
    full = found and found[0] is Flaw.DAMAGED and any(topic_of(line) is Topic.NO_SPACE for line in lines)
    return None if full else found


def _claims(pod: Pod) -> tuple[Ref, ...]:
    return tuple(Ref("PersistentVolumeClaim", pod.namespace, name) for name in sorted(set(claim_names(pod.spec))))
