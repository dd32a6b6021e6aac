"""Topic wants more copies than Kafka has brokers.

What: a KafkaTopic is not Ready, or brokers log that "the required replication factor" of the topics for offsets or transactions is not met, and the cluster is not meant to have that many brokers. Everything is Running; consumers of groups wait for ever.

Why: a manifest or default for three brokers (replicas: 3, offsets.topic.replication.factor=3) on a cluster of one.

Bad:
    kind: KafkaTopic
    spec: {replicas: 3}                    # and Kafka: spec.kafka.replicas: 1

Good:
    kind: KafkaTopic
    spec: {replicas: 1}                    # or three brokers

Ignore when: brokers are being added.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.topic_copies import unreachable_copies
from seakeep.model.cause import Candidate, Repair


def find(index: Index) -> Iterable[Candidate]:
    for item in unreachable_copies(index):
        who = f"{item.holder.kind} {item.holder.name}"
        brokers = "1 broker" if item.brokers == 1 else f"{item.brokers} brokers"
        yield Candidate(
            id="topic-copies-unreachable",
            object=item.holder,
            summary=f"{who} wants {item.wanted} copies ({item.setting}) of {brokers}",
            evidence=item.evidence,
            affects=(item.holder,),
            repair=Repair(f"Lower {item.setting} of {who} to {item.brokers}, or let Kafka have {item.wanted} brokers."),
            confidence=PROVEN if item.told else LIKELY,
            settled_by="" if item.told else f"kubectl get {typed(item.holder)} -o yaml",
        )


CAUSE = CauseLeaf(
    id="topic-copies-unreachable", title="Topic wants more copies than Kafka has brokers", reads=(), find=find
)
