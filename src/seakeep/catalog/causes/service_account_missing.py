"""The pod's ServiceAccount does not exist.

What: the API server refuses to create the pods with "error looking up service account …: serviceaccount … not found", and no such ServiceAccount exists now.

Why: a typing error, an account that was deleted, or a manifest that was applied without its RBAC part. An old event of this kind is normal where the account came a moment after the workload.

Bad:
    serviceAccountName: spark-operatr

Good:
    serviceAccountName: spark-operator

Ignore when: the account is created by the same rollout and not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.references.accounts import accounts_in, missing_accounts
from seakeep.facts.references.name_repairs import with_account
from seakeep.facts.references.planned_references import planned_lacks
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Deployment, Event, ReplicaSet, StatefulSet


def find(index: Index) -> Iterable[Candidate]:
    for item in missing_accounts(index):
        who = f"{item.workload.kind} {item.workload.name}"
        namespace = item.account.namespace
        others = accounts_in(index, namespace)
        has = f" (its namespace has {', '.join(others[:5])})" if others else ""
        sure = item.known_absent and item.refused
        yield Candidate(
            id="service-account-missing",
            object=item.workload,
            summary=f"{who} uses ServiceAccount {item.account.name}, which does not exist{has}"
            + ("" if item.refused else "; its next pod cannot be created"),
            evidence=item.evidence,
            affects=(item.workload,),
            repair=Repair(
                f"Create ServiceAccount {item.account.name} in namespace {namespace}, or correct serviceAccountName in {who}.",
                with_account(index, item.workload, item.account),
            ),
            confidence=PROVEN if sure else LIKELY,
            settled_by="" if item.known_absent else f"kubectl get serviceaccounts -n {quote(namespace)}",
        )
    for lack in planned_lacks(index):
        if lack.kind == "ServiceAccount":
            ref, meant = lack.template.ref, lack.lack.meant
            yield Candidate(
                id="service-account-missing",
                object=ref,
                summary=f"{ref.kind} {ref.name} uses ServiceAccount {lack.name}, which is not among the manifests"
                + (f" (ServiceAccount {meant} is, and nothing uses it)" if meant else "")
                + (f" of its namespace (namespace {lack.lack.place} has one)" if lack.lack.place else ""),
                evidence=(Evidence(lack.template.item.ref, f"{lack.template.path}.serviceAccountName", lack.name),),
                affects=(ref,),
                repair=Repair(
                    f"Add ServiceAccount {lack.name}, or correct serviceAccountName in {ref.kind} {ref.name}."
                ),
                confidence=lack.lack.confidence,
                settled_by=""
                if meant or lack.lack.place
                else f"Ask whether ServiceAccount {lack.name} is created elsewhere",
            )


CAUSE = CauseLeaf(
    id="service-account-missing",
    title="ServiceAccount does not exist",
    reads=(Event, ReplicaSet, Deployment, StatefulSet),
    find=find,
)
