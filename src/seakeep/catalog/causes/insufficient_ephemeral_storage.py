"""No node has as much unreserved local disk as the pod requests.

What: the scheduler refused the pod with "Insufficient ephemeral-storage".

Why: the request counts container layers, logs and emptyDir volumes against the node's root disk; it was set too high, or the disks are small.

Bad:
    requests: {ephemeral-storage: 2Ti}

Good:
    requests: {ephemeral-storage: 2Gi}

Ignore when: larger disks are being attached.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.scheduling.kubelet_refusals import refused_by_kubelet
from seakeep.facts.scheduling.scheduling import shortages
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    yield from shortages(index, Refusal.EPHEMERAL_STORAGE, "insufficient-ephemeral-storage", "ephemeral-storage")
    yield from refused_by_kubelet(index, Refusal.EPHEMERAL_STORAGE, "insufficient-ephemeral-storage")


CAUSE = CauseLeaf(
    id="insufficient-ephemeral-storage", title="Not enough ephemeral storage for the pod", reads=(Pod,), find=find
)
