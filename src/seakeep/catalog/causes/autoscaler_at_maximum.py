"""Autoscaler wants more replicas than it may make.

What: the HorizontalPodAutoscaler stands at maxReplicas with ScalingLimited True, reason TooManyReplicas, and what it measures stays above its target. The pods are Ready and answer late.

Why: the load outgrew maxReplicas; a target set too low; or pods that work more than they should, which more of them would only hide.

Bad:
    {maxReplicas: 5}      # cpu: 96%/60%, REPLICAS 5

Good:
    {maxReplicas: 12}     # and nodes with room for them

Ignore when: the peak is meant to be served slowly, as in batch work.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.autoscaling.at_maximum import at_maximum
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import HorizontalPodAutoscaler


def find(index: Index) -> Iterable[Candidate]:
    for item in at_maximum(index):
        hpa, target = item.hpa, f"{item.target.kind} {item.target.name}"
        field = "maxReplicas" if item.holder == hpa.ref else "maxReplicaCount"
        yield Candidate(
            id="autoscaler-at-maximum",
            object=item.holder,
            summary=f"HorizontalPodAutoscaler {hpa.name} wants more than the {hpa.spec.max_replicas} replicas of {target} that it may make",
            evidence=item.evidence,
            affects=(item.target,),
            repair=Repair(
                f"Raise {field} of {item.holder.kind} {item.holder.name}, if the nodes have room and what {target} calls can serve it; else give each pod more, or find out what keeps them busy."
            ),
            confidence=LIKELY if item.lasting else POSSIBLE,
            settled_by="" if item.lasting else f"kubectl describe hpa {named(hpa)}",
        )


CAUSE = CauseLeaf(
    id="autoscaler-at-maximum",
    title="Autoscaler wants more replicas than it may make",
    reads=(HorizontalPodAutoscaler,),
    find=find,
    elsewhere=True,
    severity=Severity.WARNING,
)
