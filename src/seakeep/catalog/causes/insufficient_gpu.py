"""No node has a free device of the kind that the pod requests.

What: the scheduler refused the pod with "Insufficient nvidia.com/gpu" or another resource that a device plugin hands out.

Why: no node has such a device, its device plugin does not run (then the node allocates 0), or all devices are taken.

Bad:
    limits: {nvidia.com/gpu: 5}   # where the largest node has 1

Good:
    limits: {nvidia.com/gpu: 1}

Ignore when: GPU nodes are scaled up on demand and one is on its way.
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
    yield from shortages(index, Refusal.DEVICE, "insufficient-gpu", "nvidia.com/gpu")
    yield from refused_by_kubelet(index, Refusal.DEVICE, "insufficient-gpu")


CAUSE = CauseLeaf(id="insufficient-gpu", title="Not enough devices for the pod", reads=(Pod,), find=find)
