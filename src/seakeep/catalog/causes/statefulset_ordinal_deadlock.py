"""A StatefulSet waits for a pod that can never get ready by itself.

What: with podManagementPolicy OrderedReady a pod is not ready and of an older revision than the template, so the repaired template is never applied to it; or the first pod waits for
peers that are created only when it is ready.

Why: the controller replaces or creates one pod at a time and waits for it. A broken pod has to be deleted by hand after the template was repaired.

Bad:
    podManagementPolicy: OrderedReady     # for a quorum whose members get ready together

Good:
    podManagementPolicy: Parallel, and publishNotReadyAddresses: true on the headless Service

Ignore when: the pod is still starting.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.facts.symptoms import is_unwell
from seakeep.facts.workloads.ordinals import deadlocks
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod, StatefulSet

# Above PROVEN: what else is wrong with the pod is a fault of a template that is no longer the present one.
CERTAIN = 0.98


def find(index: Index) -> Iterable[Candidate]:
    for item in deadlocks(index):
        if not is_unwell(index, item.pod):
            continue
        owner, pod = item.owner, item.pod
        evidence = [state_evidence(pod, "status", item.state)]
        if item.revisions:
            evidence.append(state_evidence(pod, "metadata.labels[controller-revision-hash]", item.revisions[0]))
            if owner.status.update_revision:
                evidence.append(state_evidence(owner, "status.updateRevision", item.revisions[1]))
            else:
                evidence.append(state_evidence(owner, "spec.template", f"as pods of revision {item.revisions[1]} are"))
            summary = f"StatefulSet {owner.name} has a newer template, but waits for {pod.name} ({item.state}) of the old one to get ready before it replaces it"
            repair = f"Delete pod {pod.name}, so that StatefulSet {owner.name} makes it anew from the present template."
        else:
            names = ", ".join(f"{owner.name}-{number}" for number in item.missing[:3])
            evidence.append(state_evidence(owner, "spec.podManagementPolicy", "OrderedReady"))
            evidence += [item.asked_for] if item.asked_for else []
            needs = "and its log asks for them" if item.asked_for else f"if {pod.name} needs them, neither can go on"
            summary = f"{pod.name} is not ready, and StatefulSet {owner.name} creates {names} only when it is; {needs}"
            repair = f"Set podManagementPolicy Parallel in StatefulSet {owner.name} (it has to be recreated) if its pods get ready only together."
        yield Candidate(
            id="statefulset-ordinal-deadlock",
            object=owner.ref,
            summary=summary,
            evidence=tuple(evidence),
            affects=(pod.ref,),
            repair=Repair(repair),
            confidence=(CERTAIN if owner.status.update_revision else PROVEN)
            if item.revisions
            else LIKELY
            if item.asked_for
            else HINT,
            settled_by="" if item.revisions else f"kubectl logs {named(pod)}",
        )


CAUSE = CauseLeaf(
    id="statefulset-ordinal-deadlock", title="StatefulSet waits for a broken pod", reads=(StatefulSet, Pod), find=find
)
