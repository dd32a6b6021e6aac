"""ServiceAccounts that workloads name and that are not there now."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.admission.admission import Refused, refused
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.objects import ServiceAccount
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth


class MissingAccount(Struct, frozen=True):
    """`refused` where the API server said so of pods that are still missing."""

    workload: Ref
    account: Ref
    evidence: tuple[Evidence, ...]
    refused: bool
    known_absent: bool


def missing_accounts(index: Index) -> Iterator[MissingAccount]:
    """One per workload. An account that exists by now is no matter, whatever old events say."""
    seen = set[Ref]()
    for item in refused(index, Refused.SERVICE_ACCOUNT):
        account = Ref("ServiceAccount", item.owner.namespace, item.name)
        if not item.current or index.snapshot.find(account):
            continue
        seen.add(item.workload)
        absent = index.snapshot.is_absent(account)
        yield MissingAccount(item.workload, account, (item.evidence,), True, absent)
    if index.snapshot.intent_only:
        return  # accounts may live in other files
    for workload in index.workloads:
        name = workload.spec.template.spec.service_account_name
        account = Ref("ServiceAccount", workload.namespace, name)
        wanted = workload.spec.replicas != 0 and index.snapshot.depth(workload.ref) >= Depth.DESCRIBED
        if workload.ref not in seen and wanted and name and index.snapshot.is_absent(account):
            yield MissingAccount(
                workload.ref,
                account,
                (state_evidence(workload, "spec.template.spec.serviceAccountName", name),),
                False,
                True,
            )


def accounts_in(index: Index, namespace: str) -> list[str]:
    return [item.name for item in index.snapshot.all(ServiceAccount) if item.namespace == namespace]
