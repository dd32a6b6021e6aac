"""The namespace may not have more objects of a kind.

What: the API server refuses to create objects with "exceeded quota: …" for configmaps, secrets, count/jobs.batch and the like. The pods do not exist at all: their owner says FailedCreate or ReplicaFailure.

Why: objects pile up (old Jobs, generated ConfigMaps), or the quota was set below what the namespace needs.

Bad:
    hard: {count/jobs.batch: "2"}

Good:
    hard: {count/jobs.batch: "50"}, with ttlSecondsAfterFinished on the Jobs

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
    return quota_causes(index, Kind.OBJECTS, "quota-exceeded-objects")


CAUSE = CauseLeaf(
    id="quota-exceeded-objects", title="Object quota is used up", reads=(ResourceQuota, Event, ReplicaSet), find=find
)
