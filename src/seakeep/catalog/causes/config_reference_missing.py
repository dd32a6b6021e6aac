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
from seakeep.facts.references.custom_keys import KeyLack, key_lacks
from seakeep.facts.references.mistaken_paths import MistakenPath, mistaken_paths
from seakeep.facts.references.planned_references import planned_lacks
from seakeep.facts.references.reference_repairs import corrected
from seakeep.facts.references.references import missing_references
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Evidence, Repair
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
                f"Create {what} in namespace {missing.workload.namespace}, or correct the reference in {missing.place}.",
                corrected(index, missing.workload, missing.kind, missing.name, missing.key),
            ),
            confidence=PROVEN if missing.felt else LIKELY,
            settled_by=""
            if missing.felt
            else f"kubectl get {quote(missing.kind.lower())} {quote(missing.name)} -n {quote(missing.workload.namespace)}",
        )
    yield from _planned(index)
    yield from (_of_custom(item) for item in key_lacks(index))
    yield from (_of_path(item) for item in mistaken_paths(index))


def _planned(index: Index) -> Iterable[Candidate]:
    for item in planned_lacks(index):
        if item.kind not in {"ConfigMap", "Secret"}:
            continue
        ref, sure = item.template.ref, item.lack.confidence >= LIKELY
        what = f"key {item.key} of {item.kind} {item.name}" if item.key else f"{item.kind} {item.name}"
        idle = "" if item.lack.shared else ", and nothing uses it"
        meant = f" ({item.kind} {item.lack.meant} is there{idle})" if item.lack.meant else ""
        meant = meant or (f" of its namespace (namespace {item.lack.place} has one)" if item.lack.place else "")
        fix = f"Correct it to {item.lack.meant}" if item.lack.meant else f"Add {what}, or correct the reference"
        yield Candidate(
            id="config-reference-missing",
            object=ref,
            summary=f"{what}, which {item.place} of {ref.kind} {ref.name} refers to, is not among the manifests{meant}",
            evidence=(
                Evidence(
                    item.template.item.ref, f"{item.template.path}: {item.place}", f"{item.name} {item.key}".strip()
                ),
            ),
            affects=(ref,),
            repair=Repair(
                f"{fix} in {item.place} of {ref.kind} {ref.name}.",
                corrected(index, ref, item.kind, item.name, item.key, item.lack.meant) if sure else None,
            ),
            confidence=item.lack.confidence,
            settled_by="" if sure else f"Ask whether {what} is created elsewhere (Helm, kustomize, an operator)",
        )


def _of_custom(item: KeyLack) -> Candidate:
    what = f"key {item.key} of {item.target.kind} {item.target.name}"
    return Candidate(
        id="config-reference-missing",
        object=item.holder,
        summary=f"{what}, which {item.path} of {item.holder.kind} {item.holder.name} refers to, is not in it",
        evidence=(Evidence(item.holder, item.path, item.key),),
        affects=(item.holder,),
        repair=Repair(f"Add {what}, or correct {item.path} of {item.holder.kind} {item.holder.name}."),
        confidence=LIKELY,
    )


def _of_path(item: MistakenPath) -> Candidate:
    ref = item.template.ref
    return Candidate(
        id="config-reference-missing",
        object=ref,
        summary=f"container {item.container} of {ref.kind} {ref.name} is told to read {item.path}, where nothing is mounted: ConfigMap {item.config} puts the file at {item.there}",
        evidence=(Evidence(item.template.item.ref, f"{item.template.path}.containers[{item.container}]", item.path),),
        affects=(ref,),
        repair=Repair(f"Let container {item.container} read {item.there}, or mount ConfigMap {item.config} elsewhere."),
        confidence=LIKELY,
    )


CAUSE = CauseLeaf(
    id="config-reference-missing", title="Configuration that a pod refers to is missing", reads=(Pod,), find=find
)
