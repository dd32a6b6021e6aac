"""Accounts, classes and claims that workloads name: corrected to the one thing that was meant, or made where that takes no choice."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.references.reference_repairs import slip_of
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.template_repairs import changeable
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.change import Change, Risk
from seakeep.model.refs import Ref


def with_account(index: Index, ref: Ref, account: Ref) -> Change | None:
    """The account itself, which has no rights but those that bindings name it for; its token is mounted where the pod says nothing else, as before."""
    if not index.snapshot.is_absent(account):
        return None
    meant = slip_of(index, "ServiceAccount", account.namespace, account.name)
    template = changeable(index, ref)
    if meant and template is not None and template.spec.service_account_name == account.name:
        why = f"ServiceAccount {account.name} does not exist, and {meant} differs from it in few letters"
        return Change(ref, in_pod_spec(ref, {"serviceAccountName": meant}), (), Risk.MEDIUM, why)
    why = f"{ref.kind} {ref.name} runs as {account.name}, and the API server refuses its pods without it"
    return Change(account, {"automountServiceAccountToken": True}, (), Risk.LOW, why, "v1")


def with_priority_class(index: Index, ref: Ref, name: str) -> Change | None:
    meant, template = slip_of(index, "PriorityClass", "", name), changeable(index, ref)
    if not meant or template is None or template.spec.priority_class_name != name:
        return None
    why = f"PriorityClass {name} does not exist, and {meant} differs from it in few letters"
    return Change(ref, in_pod_spec(ref, {"priorityClassName": meant}), (), Risk.MEDIUM, why)


def with_claim(index: Index, ref: Ref, name: str) -> Change | None:
    """The claim that was meant, where nobody else mounts it: one writer is what most volumes are for."""
    meant, template = slip_of(index, "PersistentVolumeClaim", ref.namespace, name), changeable(index, ref)
    if not meant or template is None or _is_mounted(index, ref.namespace, meant):
        return None
    volumes = [
        {"name": volume.name, "persistentVolumeClaim": {"claimName": meant}}
        for volume in template.spec.volumes
        if volume.persistent_volume_claim and volume.persistent_volume_claim.claim_name == name
    ]
    why = f"claim {name} does not exist, and {meant}, which nobody mounts, differs from it in few letters"
    return Change(ref, in_pod_spec(ref, {"volumes": volumes}), (), Risk.MEDIUM, why) if volumes else None


def _is_mounted(index: Index, namespace: str, claim: str) -> bool:
    specs = [item.spec for item in known_templates(index) if item.ref.namespace == namespace]
    return any(claim in claim_names(spec) for spec in (*specs, *(pod.spec for pod in index.pods_in(namespace))))
