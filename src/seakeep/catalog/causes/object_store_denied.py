"""The object store refuses a workload.

What: a workload's log says that the store denied it a request: "An error occurred (AccessDenied) when calling the PutObject operation", "Status Code: 403", "does not have storage.objects.create access". Its pods are often ready all the while.

Why: keys that were rotated, a token that has run out, a bucket's policy or a role without the action, a ServiceAccount that lost its annotation for a role.

Bad:
    {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::models/*"}     # and the server writes

Good:
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::models/*"}

Ignore when: the workload only tries whether it may.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.calls.store_denials import StoreDenial, store_denials
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in store_denials(index):
        owner = f"{item.workload.kind} {item.workload.name}"
        yield Candidate(
            id="object-store-denied",
            object=item.workload,
            summary=f"the object store denies {owner} {item.action or 'a request'}: {item.evidence[0].value[:160]}",
            evidence=item.evidence,
            affects=tuple(pod.ref for pod in item.pods),
            repair=Repair(_repair(item, owner)),
            confidence=LIKELY,
        )


def _repair(item: StoreDenial, owner: str) -> str:
    account = item.pods[0].spec.service_account_name or "default"
    return f"Let the identity of {owner} (its keys, or the role of ServiceAccount {account}) do {item.action or 'what it asks'} on its bucket, or renew its keys."


CAUSE = CauseLeaf(id="object-store-denied", title="Object store refuses a workload", reads=(Pod,), find=find)
