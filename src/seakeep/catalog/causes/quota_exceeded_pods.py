"""The namespace may not have more pods.

What: the API server refuses to create objects with "exceeded quota: …" for pods (or count/pods). The pods do not exist at all: their owner says FailedCreate or ReplicaFailure.

Why: replicas were added, finished Jobs pile up under count/pods, or the quota was set below what the namespace needs.

Bad:
    hard: {pods: "3"}     # while the Deployments want 5

Good:
    hard: {pods: "20"}

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
    return quota_causes(index, Kind.PODS, "quota-exceeded-pods")


CAUSE = CauseLeaf(
    id="quota-exceeded-pods", title="Pod quota is used up", reads=(ResourceQuota, Event, ReplicaSet), find=find
)
