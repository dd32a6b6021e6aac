"""Configuration that a pod refers to is missing.

What: a container waits in CreateContainerConfigError, or a volume cannot be mounted, because a ConfigMap, a Secret or a key of it does not exist.

Why: a typing error in the name or key, an object in another namespace, or one that was deleted or never applied.

Bad:
    envFrom: [{configMapRef: {name: web-confg}}]

Good:
    envFrom: [{configMapRef: {name: web-config}}]

Ignore when: the reference is optional.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.references import missing_references
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for missing in missing_references(index):
        what = (
            f"{missing.kind} {missing.name}"
            if not missing.key
            else f"key {missing.key} of {missing.kind} {missing.name}"
        )
        yield Candidate(
            id="config-reference-missing",
            object=missing.workload,
            summary=f"{what}, which {missing.place} refers to, does not exist in namespace {missing.workload.namespace}",
            evidence=missing.evidence,
            affects=missing.pods,
            repair=Repair(
                f"Create {what} in namespace {missing.workload.namespace}, or correct the reference in {missing.place}."
            ),
            confidence=PROVEN if missing.felt else LIKELY,
            settled_by=""
            if missing.felt
            else f"kubectl get {missing.kind.lower()} {missing.name} -n {missing.workload.namespace}",
        )


CAUSE = CauseLeaf(
    id="config-reference-missing", title="Configuration that a pod refers to is missing", reads=(Pod,), find=find
)
