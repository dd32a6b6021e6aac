"""No node has as much unreserved memory as the pod requests.

What: the scheduler refused the pod with "Insufficient memory": what it requests is more than any suitable node has left, or could ever give.

Why: a request was raised, a heap was sized for another machine, replicas were added, or other pods reserved the room.

Bad:
    requests: {memory: 500Gi}  # on nodes of 16 GiB

Good:
    requests: {memory: 4Gi}

Ignore when: a cluster autoscaler is adding a node for it at this moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.resources.request_repairs import fitting_requests
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.planned_places import planned_place_causes
from seakeep.facts.scheduling.scheduling import shortages
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for candidate in shortages(index, Refusal.MEMORY, "insufficient-memory", "memory"):
        change = fitting_requests(index, candidate.object, "memory")
        yield replace(candidate, repair=Repair(candidate.repair.summary, change))
    yield from planned_place_causes(index, Refusal.MEMORY, "insufficient-memory")
    yield from refused_by_kubelet(index, Refusal.MEMORY, "insufficient-memory")


CAUSE = CauseLeaf(id="insufficient-memory", title="Not enough memory for the pod", reads=(Pod,), find=find)
