"""The namespace has no CPU left in its quota.

What: the API server refuses to create objects with "exceeded quota: …" for requests.cpu or limits.cpu. The pods do not exist at all: their owner says FailedCreate or ReplicaFailure.

Why: requests were raised, replicas added, or the quota was set below what the namespace needs. A quota counts requests and limits, not use.

Bad:
    hard: {requests.cpu: "2"}     # while the Deployments ask for 6

Good:
    hard: {requests.cpu: "8"}

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
    return quota_causes(index, Kind.CPU, "quota-exceeded-cpu")


CAUSE = CauseLeaf(
    id="quota-exceeded-cpu", title="CPU quota is used up", reads=(ResourceQuota, Event, ReplicaSet), find=find
)
