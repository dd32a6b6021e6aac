"""A LimitRange forbids what the pod asks for.

What: the API server refuses to create the pods with "maximum cpu usage per Container is …", "minimum memory usage per Pod is …" or "max limit to request ratio …", or because a default
limit lies below the request. No pod exists.

Why: the LimitRange of the namespace was tightened, or the workload was written for another namespace.

Bad:
    resources: {limits: {memory: 4Gi}}     # where max.memory is 2Gi

Good:
    resources: {limits: {memory: 2Gi}}

Ignore when: the namespace is meant to refuse such pods.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused, refused, shortened
from seakeep.facts.admission.planned_admission import out_of_range
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.resources.range_repairs import in_range
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, LimitRange, ReplicaSet


def find(index: Index) -> Iterable[Candidate]:
    for item in refused(index, Refused.LIMIT_RANGE):
        who = f"{item.workload.kind} {item.workload.name}"
        evidence = [item.evidence]
        evidence += [
            state_evidence(limits, "spec.limits", "; ".join(_text(limits)))
            for limits in index.snapshot.all(LimitRange)
            if limits.namespace == item.workload.namespace
        ]
        yield Candidate(
            id="limit-range-violation",
            object=item.workload,
            summary=f"the LimitRange of namespace {item.workload.namespace} forbids the pods of {who}: {shortened(item.detail, 160)}",
            evidence=tuple(evidence),
            affects=(item.workload,),
            repair=Repair(
                f"Change requests and limits of {who} to what the LimitRange allows ({shortened(item.detail, 120)}), or widen the LimitRange.",
                in_range(index, item.workload) if item.current else None,
            ),
            confidence=PROVEN if item.current else HINT,
        )
    for planned in out_of_range(index):
        ref = planned.template.ref
        yield Candidate(
            id="limit-range-violation",
            object=ref,
            summary=f"LimitRange {planned.limits.name} forbids the pods of {ref.kind} {ref.name}: {planned.text}",
            evidence=(state_evidence(planned.limits, "spec.limits", "; ".join(_text(planned.limits))),),
            affects=(ref,),
            repair=Repair(
                f"Change requests and limits of {ref.kind} {ref.name} to what LimitRange {planned.limits.name} allows, or widen it.",
                in_range(index, ref),
            ),
            confidence=PROVEN,
        )


def _text(limits: LimitRange) -> list[str]:
    return [
        f"{limit.type} {name} {resource} {quantity}"
        for limit in limits.spec.limits
        for name, group in (("min", limit.min), ("max", limit.max), ("default", limit.default))
        for resource, quantity in sorted(group.items())
    ]


CAUSE = CauseLeaf(id="limit-range-violation", title="Limit range forbids the pod", reads=(Event, ReplicaSet), find=find)
