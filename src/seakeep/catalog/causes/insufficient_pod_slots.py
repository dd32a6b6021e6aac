"""Every suitable node already runs its maximum number of pods.

What: the scheduler refused the pod with "Too many pods": the kubelet's maxPods is reached.

Why: many small pods, a low maxPods (or few addresses per node on cloud networks), or finished work that was not cleaned away.

Bad:
    maxPods: 10                # in the kubelet's configuration of a large node

Good:
    maxPods: 110

Ignore when: the pods that fill the node are Jobs about to end.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.scheduling import shortage, unplaced
from seakeep.facts.scheduling_messages import Refusal
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in unplaced(index):
        candidate = shortage(index, item, "insufficient-pod-slots", Refusal.POD_SLOTS, "pods")
        if candidate:
            yield candidate


CAUSE = CauseLeaf(id="insufficient-pod-slots", title="Nodes hold as many pods as they may", reads=(Pod,), find=find)
