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
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.terminating import Stuck, stuck
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Namespace, Pod


def find(index: Index) -> Iterable[Candidate]:
    found = list(stuck(index))
    held = {entry.item.namespace for entry in found if entry.finalizers}
    for entry in found:
        item, since = entry.item, entry.item.metadata.deletion_timestamp
        by = ", ".join(entry.finalizers)
        evidence = [state_evidence(item, "metadata.deletionTimestamp", since.isoformat() if since else "", since)]
        if by:
            evidence.append(state_evidence(item, "metadata.finalizers", by))
        if entry.message:
            evidence.append(state_evidence(item, "status.conditions", entry.message))
        why, repair = _words(entry, by)
        deeper = isinstance(item, Namespace) and item.name in held
        yield Candidate(
            id="stuck-terminating",
            object=item.ref,
            summary=f"{item.ref} was deleted and does not go{why}",
            evidence=tuple(evidence),
            affects=(item.ref, *(pod.ref for pod in entry.users)),
            repair=Repair(repair),
            confidence=_level(entry, deeper),
            settled_by=""
            if entry.known
            else f"kubectl get {item.kind.lower()} {item.name}{f' -n {item.namespace}' if item.namespace else ''} -o yaml",
        )


def _level(entry: Stuck, deeper: bool) -> float:
    if entry.in_use:
        return HINT
    if deeper:
        return POSSIBLE
    if entry.finalizers or entry.message:
        return PROVEN
    return POSSIBLE if entry.known else LIKELY


def _words(entry: Stuck, by: str) -> tuple[str, str]:
    item = entry.item
    if entry.in_use:
        pods = ", ".join(pod.name for pod in entry.users[:3])
        return (
            f": {pods} still use{'s' if len(entry.users) == 1 else ''} it",
            f"Delete {pods}, or stop its workload, if claim {item.name} is to go.",
        )
    if entry.message:
        return (
            f": {entry.message[:160]}",
            f"Delete what namespace {item.name} still holds, or repair the API service that cannot be listed.",
        )
    if by:
        return (
            f": finalizer {by}",
            f"Bring back the controller that owns finalizer {by}, or remove the finalizer from {item.ref} once nothing is left to clean up.",
        )
    if isinstance(item, Pod):
        return (
            "",
            f"Check the kubelet and the container runtime of node {item.spec.node_name or 'that it ran on'}; if the process is gone, delete {item.ref} with --force.",
        )
    return "", f"Look up what holds {item.ref} (its finalizers), and let its controller finish."


CAUSE = CauseLeaf(id="stuck-terminating", title="Deleted object does not go", reads=(Pod, Namespace), find=find)
