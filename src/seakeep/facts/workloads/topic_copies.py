"""Topics that want more copies than Kafka has brokers: KafkaTopic resources of Strimzi, and the brokers' own topics by their log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.autoscaling.scale_targets import replicas_of
from seakeep.facts.containers.logs import lines_of
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import KubeObject, Unstructured
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_CLUSTER = "strimzi.io/cluster"
# Brokers under ZooKeeper, controllers of KRaft (StripedReplicaPlacer), and a broker about the topics that it makes itself (AutoTopicCreationManager).
_FORMS = (
    late(r"[Rr]eplication factor: (?P<wanted>\d{1,4}) larger than available brokers: (?P<brokers>\d{1,4})"),
    late(r"replication factor of (?P<wanted>\d{1,4}) cannot be reached because only (?P<brokers>\d{1,4}) broker"),
    late(
        r"Number of alive brokers '(?P<brokers>\d{1,4})' does not meet the required replication factor '(?P<wanted>\d{1,4})' for the .{0,40}topic \(configured via '(?P<setting>[\w.]+)'\)"
    ),
)


class Unreachable(Struct, frozen=True):
    """`holder` states `wanted` copies, under `setting`; `told` where Kafka or the topic's operator refused them."""

    holder: Ref
    setting: str
    wanted: int
    brokers: int
    evidence: tuple[Evidence, ...]
    told: bool


def unreachable_copies(index: Index) -> Iterator[Unreachable]:
    """Not where brokers are only down for now: then there are to be enough."""
    for item in index.snapshot.of_kind("KafkaTopic"):
        if found := _of_topic(index, item):
            yield found
    yield from _of_logs(index)


def _of_topic(index: Index, topic: KubeObject) -> Unreachable | None:
    if not isinstance(topic, Unstructured) or topic.metadata.deletion_timestamp:
        return None
    wanted = _number(_mapping(topic.spec).get("replicas"))
    ready = next((item for item in _conditions(topic) if item.get("type") == "Ready"), {})
    match = next((match for form in _FORMS if (match := form.search(str(ready.get("message", ""))))), None)
    meant, evidence = _brokers(index, topic.namespace, topic.labels.get(_CLUSTER, ""))
    if match is not None:
        wanted = wanted or int(match["wanted"])
        evidence = (state_evidence(topic, "status.conditions[Ready]", str(ready["message"])[:300]), *evidence)
    brokers = meant if meant is not None else int(match["brokers"]) if match else None
    if brokers is None or wanted <= brokers or (match is None and ready.get("status") == "True"):
        return None
    proof = (state_evidence(topic, "spec.replicas", wanted), *evidence)
    return Unreachable(topic.ref, "spec.replicas", wanted, brokers, proof, match is not None)


def _brokers(index: Index, namespace: str, cluster: str) -> tuple[int | None, tuple[Evidence, ...]]:
    """How many the cluster is to have: of its node pools, else of the Kafka resource."""
    pools = [
        item
        for item in index.snapshot.of_kind("KafkaNodePool")
        if item.namespace == namespace and item.labels.get(_CLUSTER) == cluster and isinstance(item, Unstructured)
    ]
    served = [pool for pool in pools if "broker" in (_mapping(pool.spec).get("roles") or ("broker",))]
    if served:
        counts = [(pool, _number(_mapping(pool.spec).get("replicas"))) for pool in served]
        shown = tuple(state_evidence(pool, "spec.replicas", count) for pool, count in counts)
        return (sum(count for _, count in counts) if all(count for _, count in counts) else None), shown
    kafka = index.snapshot.find(Ref("Kafka", namespace, cluster))
    count = (
        _number(_mapping(_mapping(kafka.spec).get("kafka")).get("replicas")) if isinstance(kafka, Unstructured) else 0
    )
    return (count, (state_evidence(kafka, "spec.kafka.replicas", count),)) if kafka and count else (None, ())


def _of_logs(index: Index) -> Iterator[Unreachable]:
    """Of brokers that run: the newest such line; of one that ends, its configuration is at fault."""
    for workload, pods in sorted(index.pods_by_workload.items()):
        meant = replicas_of(index, workload)
        for pod in pods if meant else ():
            match = _last(line for _, previous, line in lines_of(index, pod) if not previous) if is_ready(pod) else None
            if match and meant and meant < match[1]:
                proof = (Evidence(pod.ref, "log", match[2]), Evidence(workload, "spec.replicas", str(meant)))
                yield Unreachable(workload, match[0], match[1], meant, proof, told=True)
                break


def _last(lines: Iterator[str]) -> tuple[str, int, str] | None:
    form = _FORMS[2]
    found = [(match, line) for line in lines if (match := form.search(line[:2000]))]
    return (found[-1][0]["setting"], int(found[-1][0]["wanted"]), found[-1][1][:300]) if found else None


def _conditions(item: Unstructured) -> list[Mapping[str, Any]]:
    found = _mapping(item.status).get("conditions")
    return [_mapping(part) for part in found] if isinstance(found, list | tuple) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
