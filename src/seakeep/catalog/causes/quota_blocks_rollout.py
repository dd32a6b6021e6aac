"""A quota has no room for the surge of a rolling update.

What: the pods of the old revision run and fill the quota, and the new revision's first pod is refused with "exceeded quota", so the update stands still (later ProgressDeadlineExceeded).

Why: RollingUpdate makes up to maxSurge extra pods before it ends old ones, and the quota holds exactly what runs.

Bad:
    strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}     # and a quota that is full

Good:
    strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}, or room for one more pod

Ignore when: the new revision is not wanted any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refusal, Refused, refused
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.resources.quota import blocks_only_rollout, figures
from seakeep.facts.resources.quota_repairs import raised
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Deployment, Event, ReplicaSet
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    by_quota: dict[Ref, list[Refusal]] = defaultdict(list)
    for item in refused(index, Refused.QUOTA):
        ref = Ref("ResourceQuota", item.owner.namespace, item.name)
        if item.current and not index.snapshot.is_absent(ref) and blocks_only_rollout(index, item):
            by_quota[ref].append(item)
    for ref, items in sorted(by_quota.items()):
        evidence = [item.evidence for item in items[:3]]
        for item in items[:2]:
            deployment = index.snapshot.get(Deployment, item.workload.namespace, item.workload.name)
            if deployment:
                evidence.append(
                    state_evidence(
                        deployment,
                        "status.updatedReplicas",
                        f"{deployment.status.updated_replicas} of {deployment.spec.replicas}",
                    )
                )
        affected = tuple(sorted({item.workload for item in items}))
        who = ", ".join(f"{item.kind} {item.name}" for item in affected[:3])
        resources = ", ".join(sorted({name for item in items for name in figures(item.detail).get("requested", {})}))
        yield Candidate(
            id="quota-blocks-rollout",
            object=ref,
            summary=f"quota {ref.name} holds what runs but not the surge of the rolling update of {who} ({resources})",
            evidence=tuple(evidence),
            affects=affected,
            repair=Repair(
                f"Raise {resources or 'the limits'} in ResourceQuota {ref.name} by one pod of {who}, or set maxSurge to 0 and maxUnavailable to 1 there.",
                raised(index, ref, figures(items[0].detail).get("requested", {}), items, surge=True),
            ),
            confidence=PROVEN,
        )


CAUSE = CauseLeaf(
    id="quota-blocks-rollout",
    title="Quota has no room for the rolling update",
    reads=(Event, ReplicaSet, Deployment),
    find=find,
)
