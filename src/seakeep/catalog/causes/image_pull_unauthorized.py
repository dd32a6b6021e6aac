"""Registry refuses the credentials.

What: the registry answered 401, 403 or that access is denied, or a Secret in imagePullSecrets is missing or of the wrong type.

Why: no imagePullSecrets, a Secret in another namespace, expired credentials, or a Secret of type Opaque.

Bad:
    imagePullSecrets: [{name: regcred}]    # no such Secret in this namespace

Good:
    kubectl create secret docker-registry regcred -n NAMESPACE ...

Ignore when: the workload is being replaced anyway and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.images import PULL_SECRET_TYPES, ImageProblem, image_problems
from seakeep.facts.index import Index
from seakeep.facts.workloads.planned import planned
from seakeep.facts.workloads.templates import Template
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, Secret


def find(index: Index) -> Iterable[Candidate]:
    for problem in image_problems(index):
        if problem.kind is ImageProblem.UNAUTHORIZED:
            why = f" ({'; '.join(problem.secrets)})" if problem.secrets else ""
            yield Candidate(
                id="image-pull-unauthorized",
                object=problem.workload,
                summary=f"the registry does not let the node pull {problem.image} for container {problem.container}{why}",
                evidence=(
                    *problem.evidence,
                    *(Evidence(problem.workload, "spec.imagePullSecrets", text) for text in problem.secrets),
                ),
                affects=(problem.pod,),
                repair=Repair(
                    f"Create a docker-registry Secret with valid credentials in namespace {problem.workload.namespace} and name it in imagePullSecrets."
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )
    for item in planned(index):
        for secret in _unusable(index, item):
            yield Candidate(
                id="image-pull-unauthorized",
                object=item.ref,
                summary=f"{item.ref.kind} {item.ref.name} pulls its images with Secret {secret.name}, which is of type {secret.type or 'Opaque'}: the kubelet passes it over",
                evidence=(Evidence(secret.ref, "type", secret.type or "Opaque"),),
                affects=(item.ref,),
                repair=Repair(f"Make Secret {secret.name} one of type kubernetes.io/dockerconfigjson."),
                confidence=LIKELY,
            )


def _unusable(index: Index, item: Template) -> list[Secret]:
    named = (index.snapshot.get(Secret, item.ref.namespace, part.name) for part in item.spec.image_pull_secrets)
    return [secret for secret in named if secret and (secret.type or "Opaque") not in PULL_SECRET_TYPES]


CAUSE = CauseLeaf(id="image-pull-unauthorized", title="Registry refuses the credentials", reads=(Pod,), find=find)
