"""The namespace has no storage or claims left in its quota.

What: the API server refuses to create objects with "exceeded quota: …" for requests.storage, persistentvolumeclaims, ephemeral-storage or a class of them. The pods do not exist at all: their owner says FailedCreate or ReplicaFailure.

Why: a StatefulSet was scaled up, old claims were never deleted, or the quota was set below what the namespace needs.

Bad:
    hard: {persistentvolumeclaims: "2"}     # while the StatefulSet wants 3

Good:
    hard: {persistentvolumeclaims: "10"}

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
    return quota_causes(index, Kind.STORAGE, "quota-exceeded-storage")


CAUSE = CauseLeaf(
    id="quota-exceeded-storage", title="Storage quota is used up", reads=(ResourceQuota, Event, ReplicaSet), find=find
)
