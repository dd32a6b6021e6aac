"""A quota demands requests or limits that the pod does not set.

What: the API server refuses to create the pods with "failed quota: …: must specify limits.cpu for: …". No pod exists.

Why: a quota on requests.* or limits.* makes that field mandatory for every container of the namespace, and neither the pod nor a LimitRange default sets it.

Bad:
    hard: {limits.memory: 8Gi}     # and containers without limits.memory

Good:
    hard: {limits.memory: 8Gi}, with a LimitRange that sets a default

Ignore when: the namespace is meant to refuse pods without requests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seakeep.contract.cause import HINT, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refusal, Refused, refused
from seakeep.facts.admission.planned_admission import Demand, demands
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.resources.quota_repairs import defaults
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, ReplicaSet, ResourceQuota
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    by_quota: dict[Ref, list[Refusal]] = defaultdict(list)
    for item in refused(index, Refused.QUOTA_NEEDS):
        by_quota[Ref("ResourceQuota", item.owner.namespace, item.name)].append(item)
    for ref, items in sorted(by_quota.items()):
        quota = index.snapshot.get(ResourceQuota, ref.namespace, ref.name)
        current = any(item.current for item in items) and not index.snapshot.is_absent(ref)
        evidence = [item.evidence for item in items[:4]]
        if quota:
            evidence.append(state_evidence(quota, "spec.hard", ", ".join(sorted(quota.spec.hard))))
        affected = tuple(sorted({item.workload for item in items}))
        who = ", ".join(f"{item.kind} {item.name}" for item in affected[:3])
        missing = items[0].detail.removeprefix("must specify ")
        yield Candidate(
            id="quota-requires-resources",
            object=ref,
            summary=f"quota {ref.name} demands {missing[:120]}, which {who} does not set",
            evidence=tuple(evidence),
            affects=affected,
            repair=Repair(
                f"Set {missing[:120]} in {who}, or add a LimitRange with defaults to namespace {ref.namespace}.",
                defaults(index, ref) if current else None,
            ),
            confidence=PROVEN if current else HINT,
        )
    yield from _planned(index)


def _planned(index: Index) -> Iterable[Candidate]:
    by_quota: dict[Ref, list[Demand]] = defaultdict(list)
    for demand in demands(index):
        by_quota[demand.quota.ref].append(demand)
    for ref, found in sorted(by_quota.items()):
        affected = tuple(sorted({demand.template.ref for demand in found}))
        who = ", ".join(f"{item.kind} {item.name}" for item in affected[:3])
        missing = ", ".join(sorted({demand.resource for demand in found}))
        yield Candidate(
            id="quota-requires-resources",
            object=ref,
            summary=f"quota {ref.name} demands {missing}, which {who} does not set",
            evidence=(state_evidence(found[0].quota, "spec.hard", ", ".join(sorted(found[0].quota.spec.hard))),),
            affects=affected,
            repair=Repair(
                f"Set {missing} in {who}, or add a LimitRange with defaults to namespace {ref.namespace}.",
                defaults(index, ref),
            ),
            confidence=PROVEN,
        )


CAUSE = CauseLeaf(
    id="quota-requires-resources", title="Quota demands requests or limits", reads=(Event, ReplicaSet), find=find
)
