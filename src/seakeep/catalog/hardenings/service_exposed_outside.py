"""A database or broker can be reached from outside the cluster.

What: a Service of type LoadBalancer or NodePort, or with externalIPs, leads to a data store, and no source ranges bound it.

Why: they trust whoever reaches their port far more than a web server does, and are found by scanners within hours.

Bad:
    kind: Service
    spec: {type: LoadBalancer, ports: [{port: 5432}], selector: {app: postgres}}

Good:
    spec: {type: ClusterIP, ports: [{port: 5432}], selector: {app: postgres}}

Ignore when: clients outside are meant to connect, with TLS and accounts: bound it by loadBalancerSourceRanges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.shell_words import named
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import Service
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

RULE = Rule("service-exposed-outside")
_STORES = frozenset(
    {
        "cassandra",
        "clickhouse",
        "cockroachdb",
        "doris",
        "elasticsearch",
        "hive-metastore",
        "kafka",
        "memcached",
        "milvus",
        "mongodb",
        "mysql",
        "nats",
        "neo4j",
        "opensearch",
        "pgbouncer",
        "postgresql",
        "pulsar",
        "qdrant",
        "rabbitmq",
        "redis",
        "starrocks",
        "zookeeper",
    }
)
_OPEN = frozenset({"LoadBalancer", "NodePort"})
# What keeps a cloud's load balancer within its private network.
_INSIDE = ("internal", "scheme", "load-balancer-type")


def judge(index: Index) -> Iterable[Finding]:
    led: dict[Ref, set[str]] = {}
    for ref, services in services_by_backend(index).items():
        traits = index.traits.get(ref)
        for service in services if traits is not None and traits.service in _STORES else ():
            led.setdefault(service.ref, set()).add(traits.service if traits else "")
    for item in index.snapshot.all(Service):
        kinds = led.get(item.ref)
        if not kinds:
            continue
        is_open = item.spec.type in _OPEN or bool(item.spec.external_ips)
        if not is_open or item.spec.load_balancer_source_ranges or _is_private(item):
            yield RULE.passes(item.ref)
        elif index.snapshot.depth(item.ref) < Depth.FULL:
            yield RULE.cannot_see(item.ref, "which addresses its load balancer admits")
        else:
            how = item.spec.type if item.spec.type in _OPEN else "externalIPs"
            detail = f"{how} opens {', '.join(sorted(kinds))} to whoever reaches the nodes or the load balancer"
            repair = "Make it a ClusterIP, or bound it by loadBalancerSourceRanges."
            yield RULE.fails(item.ref, detail, "spec.type", repair)


def _is_private(item: Service) -> bool:
    return item.spec.type == "LoadBalancer" and any(
        any(word in key for word in _INSIDE) and str(value).lower() in {"true", "internal", "0.0.0.0/0"}
        for key, value in item.metadata.annotations.items()
    )


def propose(_: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Who connects from outside shows in no object; closing the port would cut them off."""
    ref = finding.object
    return Advice(
        f"Who outside the cluster connects to Service {ref.name} of namespace {ref.namespace}, and from which addresses?",
        f"kubectl get service {named(ref)} -o wide",
    )


HARDENING = RULE.leaf("Data store open to the outside", judge, propose)
