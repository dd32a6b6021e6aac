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
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.terminating import Stuck, stuck, why_and_repair
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Namespace, Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    found = list(stuck(index))
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
        deeper = isinstance(item, Namespace) and item.name in held
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
            settled_by=""
            if entry.known
            else f"kubectl get {quote(item.kind.lower())} {quote(item.name)}{f' -n {quote(item.namespace)}' if item.namespace else ''} -o yaml",
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
