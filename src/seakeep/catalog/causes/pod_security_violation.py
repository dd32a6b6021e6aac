"""The namespace's Pod Security level forbids the pod.

What: the API server refuses to create the pods with `violates PodSecurity "restricted:latest": …`. No pod exists.

Why: the label pod-security.kubernetes.io/enforce of the namespace was raised, or the workload runs privileged, as root, with host paths or without a seccomp profile.

Bad:
    securityContext: {}     # in a namespace that enforces restricted

Good:
    securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}

Ignore when: the namespace is meant to refuse such pods.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused, refused, shortened
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.security.pod_security import LEVEL_LABEL, violations
from seakeep.facts.workloads.planned import planned
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, Namespace, ReplicaSet

# What OpenShift has in the place of Pod Security, and what Kubernetes had before 1.25: the pod must fit one that its ServiceAccount may use.
_OPENSHIFT, _POLICY = "security context constraint", "pod security policy"


def find(index: Index) -> Iterable[Candidate]:
    for item in refused(index, Refused.POD_SECURITY):
        who = f"{item.workload.kind} {item.workload.name}"
        what = f"any {item.name}" if item.name in {_OPENSHIFT, _POLICY} else f"Pod Security {item.name}"
        evidence = [item.evidence]
        namespace = index.snapshot.get(Namespace, "", item.workload.namespace)
        level = namespace.labels.get("pod-security.kubernetes.io/enforce") if namespace else None
        if namespace and level:
            evidence.append(state_evidence(namespace, "metadata.labels[pod-security.kubernetes.io/enforce]", level))
        yield Candidate(
            id="pod-security-violation",
            object=item.workload,
            summary=f"the pods of {who} do not fit {what} of namespace {item.workload.namespace}: {shortened(item.detail, 160)}",
            evidence=tuple(evidence),
            affects=(item.workload,),
            repair=Repair(
                f"Take the fixed users and groups out of the securityContext of {who}, or let its ServiceAccount use a wider constraint (oc adm policy add-scc-to-user)."
                if item.name == _OPENSHIFT
                else f"Let the ServiceAccount of {who} use a PodSecurityPolicy that its pods fit (a Role with the verb use, and its binding), or change their securityContext."
                if item.name == _POLICY
                else f"Change the securityContext of {who} as {what} demands ({shortened(item.detail, 120)}), or lower the level of namespace {item.workload.namespace}."
            ),
            confidence=PROVEN if item.current else HINT,
        )
    yield from _planned(index)


def _planned(index: Index) -> Iterable[Candidate]:
    for item in planned(index):
        namespace = index.snapshot.get(Namespace, "", item.ref.namespace)
        level = namespace.labels.get(LEVEL_LABEL, "") if namespace else ""
        broken = "; ".join(violations(item.spec, level))
        if namespace and broken:
            who = f"{item.ref.kind} {item.ref.name}"
            yield Candidate(
                id="pod-security-violation",
                object=item.ref,
                summary=f"Pod Security {level} of namespace {namespace.name} forbids the pods of {who}: {shortened(broken, 160)}",
                evidence=(state_evidence(namespace, f"metadata.labels[{LEVEL_LABEL}]", level),),
                affects=(item.ref,),
                repair=Repair(
                    f"Change the specification of {who} as Pod Security {level} demands ({shortened(broken, 120)}), or lower the level of namespace {namespace.name}."
                ),
                confidence=PROVEN,
            )


CAUSE = CauseLeaf(
    id="pod-security-violation", title="Pod security forbids the pod", reads=(Event, ReplicaSet), find=find
)
