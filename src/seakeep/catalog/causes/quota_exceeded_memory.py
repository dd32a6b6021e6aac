"""The namespace has no memory left in its quota.

What: the API server refuses to create objects with "exceeded quota: …" for requests.memory or limits.memory. The pods do not exist at all: their owner says FailedCreate or ReplicaFailure.

Why: requests or limits were raised, replicas added, or the quota was set below what the namespace needs.

Bad:
    hard: {limits.memory: 2Gi}     # while the pods ask for 6Gi

Good:
    hard: {limits.memory: 8Gi}

Ignore when: the quota is meant to hold the namespace at its present size.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.resources.quota import Kind, quota_causes
from seakeep.model.cause import Candidate
from seakeep.model.objects import Event, ReplicaSet, ResourceQuota


def find(index: Index) -> Iterable[Candidate]:
    return quota_causes(index, Kind.MEMORY, "quota-exceeded-memory")


CAUSE = CauseLeaf(
    id="quota-exceeded-memory", title="Memory quota is used up", reads=(ResourceQuota, Event, ReplicaSet), find=find
)
