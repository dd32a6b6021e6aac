"""An object was deleted and does not go.

What: deletionTimestamp is minutes old and the object is still there, held by its finalizers (or, a namespace, by what it still contains).

Why: the controller that would remove the finalizer is gone or failing (an operator that was uninstalled first), or a claim is still used by a pod.

Bad:
    metadata: {deletionTimestamp: …, finalizers: [example.com/cleanup]}     # and no such controller runs

Good:
    delete the custom resources first, then their operator

Ignore when: the controller is cleaning up something large, or a claim waits for its last pod.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.autoscaling.metrics_api import outages
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.scheduling import scheduler_message
from seakeep.facts.shell_words import typed
from seakeep.facts.volumes.missing_claims import claims_going
from seakeep.facts.workloads.terminating import Stuck, stuck, unlisted_apis, why_and_repair
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Namespace, Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    missed = claims_going(index)
    found = [entry for entry in stuck(index) if entry.item.ref not in missed]
    down = {outage.api for outage in outages(index)}
    held = {entry.item.namespace for entry in found if entry.finalizers}
    going = {entry.item.name for entry in found if isinstance(entry.item, Namespace)}
    for entry in found:
        item, since = entry.item, entry.item.metadata.deletion_timestamp
        by = ", ".join(entry.finalizers)
        evidence = [
            state_evidence(
                item,
                "metadata.deletionTimestamp",
                since.isoformat() if since and not entry.only_listed else "set (Terminating)",
                since,
            )
        ]
        if by:
            evidence.append(state_evidence(item, "metadata.finalizers", by))
        if entry.message:
            evidence.append(state_evidence(item, "status.conditions", entry.message))
        why, repair = why_and_repair(entry)
        deeper = isinstance(item, Namespace) and (item.name in held or not down.isdisjoint(unlisted_apis(entry)))
        yield Candidate(
            id="stuck-terminating",
            object=item.ref,
            summary=f"{item.ref} was deleted and does not go{why}",
            evidence=tuple(evidence),
            affects=(
                item.ref,
                *([Ref("Namespace", "", item.namespace)] if item.namespace in going and entry.finalizers else []),
                *(user.ref for user in entry.users if isinstance(user, Pod) and item.kind != "Node"),
            ),
            repair=Repair(repair),
            confidence=_level(entry, deeper),
            settled_by="" if entry.known else f"kubectl get {typed(item)} -o yaml",
        )

    for ref, pods in sorted(missed.items()):
        who = ", ".join(pod.name for pod in pods[:3])
        claim = index.snapshot.find(ref)
        since = claim.metadata.deletion_timestamp if claim else None
        evidence = [state_evidence(claim, "metadata.deletionTimestamp", "set", since)] if claim else []
        yield Candidate(
            id="stuck-terminating",
            object=ref,
            summary=f"claim {ref.name} was deleted while it is in use, so {who} cannot start",
            evidence=(*evidence, *(word for pod in pods[:2] for word in scheduler_message(index, pod)[1][:1])),
            affects=tuple(pod.ref for pod in pods[:20]),
            repair=Repair(
                f"Save what its volume holds (reclaim policy Retain), stop the pods that still use claim {ref.name}, and create it anew."
            ),
            confidence=PROVEN,
        )


def _level(entry: Stuck, deeper: bool) -> float:
    if entry.in_use or entry.only_listed:
        return HINT
    if deeper:
        return POSSIBLE
    if entry.finalizers or entry.message:
        return PROVEN
    return POSSIBLE if entry.known else LIKELY


CAUSE = CauseLeaf(id="stuck-terminating", title="Deleted object does not go", reads=(Pod, Namespace), find=find)
