"""A pod carries a token of the Kubernetes API that it has no use for.

What: it runs as its namespace's default account, no binding gives that account rights, and the token is mounted all the same.

Why: whoever breaks into the pod can speak to the API server in its name, and gets whatever anybody ever grants to that account.

Bad:
    spec: {containers: [{name: web, image: "shop/web:1"}]}

Good:
    spec: {automountServiceAccountToken: false, containers: [{name: web, image: "shop/web:1"}]}

Ignore when: the token proves who the pod is to something else, such as Vault. Accounts that were made for one workload are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.security.api_rights import account_of, grants_of, rights_known
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, shows
from seakeep.facts.workloads.templates import template_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import CronJob, Job, KubeObject, ServiceAccount, Workload


def _answer(index: Index, entry: Judged) -> Answer:
    account, space = account_of(entry), entry.ref.namespace
    if account.name != "default" or _proves_itself(index, entry):
        return None
    if _is_off(index, entry):
        return HOLDS
    if grants_of(index, account):
        return None
    if not rights_known(index, space) or not shows(index, "ServiceAccount", space):
        return Unseen("what its account may do")
    return "a token of account default is mounted, which has no rights"


def _is_off(index: Index, entry: Judged) -> bool:
    """The pod's own word counts before the account's."""
    if entry.spec.automount_service_account_token is not None:
        return not entry.spec.automount_service_account_token
    account = index.snapshot.get(ServiceAccount, entry.ref.namespace, "default")
    return account is not None and account.automount_service_account_token is False


def _proves_itself(index: Index, entry: Judged) -> bool:
    """Vault's agent logs in with the token."""
    template = template_of(index, entry.ref)
    marks = _annotations(template.item) if template else {}
    words = (f"{part.name} {part.value}" for each in entry.spec.containers for part in each.env)
    return any(key.startswith("vault.") for key in marks) or any(
        "VAULT_" in word or "kubernetes" in word for word in words
    )


def _annotations(item: KubeObject) -> Mapping[str, str]:
    """Of the pods."""
    if isinstance(item, CronJob):
        return item.spec.job_template.spec.template.metadata.annotations
    return item.spec.template.metadata.annotations if isinstance(item, Workload | Job) else item.metadata.annotations


def propose(_: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    patch = in_pod_spec(ref, {"automountServiceAccountToken": False})
    why = f"{finding.detail}: no RoleBinding or ClusterRoleBinding names it"
    return fixed(ref, "automountServiceAccountToken: false") or (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "service-account-token-mounted",
    "API token that nobody uses",
    _answer,
    severity=Severity.INFO,
    alone=True,
    unseen="its account",
    path="spec.template.spec.automountServiceAccountToken",
    repair="Set automountServiceAccountToken: false.",
    propose=propose,
)
