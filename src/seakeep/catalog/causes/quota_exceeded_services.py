"""The namespace may not have more Services, load balancers or node ports.

What: the API server refuses to create objects with "exceeded quota: …" for services, services.loadbalancers or services.nodeports. The pods do not exist at all: their owner says FailedCreate or ReplicaFailure.

Why: Services that nobody uses any more, or a quota set below what the namespace needs. Whoever creates a Service is told; nothing in the cluster shows it afterwards but the used-up figure.

Bad:
    hard: {services: "5"}     # of which 5 are used

Good:
    hard: {services: "20"}

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
    return quota_causes(index, Kind.SERVICES, "quota-exceeded-services")


CAUSE = CauseLeaf(
    id="quota-exceeded-services", title="Service quota is used up", reads=(ResourceQuota, Event, ReplicaSet), find=find
)
