"""The pod mounts a claim that does not exist.

What: the pod stays Pending, the scheduler says `persistentvolumeclaim "…" not found` (or `is being deleted`), and there is no such claim in its namespace.

Why: a typing error in claimName, a claim that was deleted or made in another namespace, or one that a chart was to make and did not.

Bad:
    persistentVolumeClaim: {claimName: data-v2}     # kubectl get pvc lists data

Good:
    persistentVolumeClaim: {claimName: data}

Ignore when: the claim is created by the same rollout and not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.owners.gitops import unsynced
from seakeep.facts.references.name_repairs import with_claim
from seakeep.facts.references.planned_references import planned_lacks
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.missing_claims import missing_claims
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    for item in missing_claims(index):
        evidence = [state_evidence(item.holder, f"{item.path}.volumes[].persistentVolumeClaim.claimName", item.name)]
        if item.event:
            evidence.insert(0, event_evidence(index, item.event, current=True))
        pending = unsynced(index, Ref("PersistentVolumeClaim", item.workload.namespace, item.name))
        others = f" (its namespace has {', '.join(item.present[:5])})" if item.present and not pending else ""
        if pending:
            evidence.append(pending[1])
        yield Candidate(
            id="pvc-missing",
            object=item.workload,
            summary=f"{item.workload.kind} {item.workload.name} mounts claim {item.name}, which does not exist{others}"
            + (f": Argo CD Application {pending[0].name} is to create it and is not synced" if pending else ""),
            evidence=tuple(evidence),
            affects=tuple(pod.ref for pod in item.pods),
            repair=Repair(
                f"Sync Argo CD Application {pending[0].name}, which is to create claim {item.name}."
                if pending
                else f"Create claim {item.name} in namespace {item.workload.namespace}, or correct the claimName in {item.workload.kind} {item.workload.name}.",
                None if pending or not item.known_absent else with_claim(index, item.workload, item.name),
            ),
            confidence=PROVEN if item.known_absent else LIKELY,
            settled_by="" if item.known_absent else f"kubectl get pvc -n {quote(item.workload.namespace)}",
        )
    for lack in planned_lacks(index):
        if lack.kind == "PersistentVolumeClaim":
            ref, meant = lack.template.ref, lack.lack.meant
            yield Candidate(
                id="pvc-missing",
                object=ref,
                summary=f"{ref.kind} {ref.name} mounts claim {lack.name}, which is not among the manifests"
                + (f" (claim {meant} is, and nothing mounts it)" if meant else ""),
                evidence=(Evidence(lack.template.item.ref, f"{lack.template.path}.{lack.place}", lack.name),),
                affects=(ref,),
                repair=Repair(
                    f"Add claim {lack.name}, or correct the claimName in {ref.kind} {ref.name}.",
                    with_claim(index, ref, lack.name) if meant else None,
                ),
                confidence=lack.lack.confidence,
                settled_by="" if meant else f"Ask whether claim {lack.name} is created elsewhere",
            )


CAUSE = CauseLeaf(id="pvc-missing", title="Claim does not exist", reads=(Pod,), find=find)
