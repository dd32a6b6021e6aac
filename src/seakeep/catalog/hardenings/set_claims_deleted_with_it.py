"""A StatefulSet deletes its claims.

What: `persistentVolumeClaimRetentionPolicy` says Delete when the set is scaled down or deleted, of claims that hold data.

Why: a scale to fewer replicas, by hand or by an autoscaler, deletes the data of the pods that go; deleting the set, to make it anew with another field, deletes all of it.

Bad:
    persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}

Good:
    persistentVolumeClaimRetentionPolicy: {whenScaled: Retain, whenDeleted: Retain}

Ignore when: what the claims hold can be made anew, as a cache's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.volumes.held_data import is_fleeting
from seakeep.model.change import Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import StatefulSet
from seakeep.model.objects.workloads import ClaimRetention
from seakeep.model.snapshot import Depth

RULE = Rule("set-claims-deleted-with-it")


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(StatefulSet):
        if index.snapshot.depth(item.ref) is not Depth.FULL:
            yield RULE.cannot_see(item.ref, "what becomes of its claims")
            continue
        names = [claim.name for claim in item.spec.volume_claim_templates if not is_fleeting(claim.name)]
        if not names:
            continue
        when = _when(item.spec.persistent_volume_claim_retention_policy)
        if when:
            text = f"the data in {', '.join(names)} is deleted when it is {' or '.join(when)}"
            path, repair = "spec.persistentVolumeClaimRetentionPolicy", "Set both fields of the policy to Retain."
            yield RULE.fails(item.ref, text, path, repair)
        else:
            yield RULE.passes(item.ref)


def _when(policy: ClaimRetention | None) -> list[str]:
    if policy is None:
        return []
    pairs = (("scaled down", policy.when_scaled), ("deleted", policy.when_deleted))
    return [word for word, what in pairs if what == "Delete"]


def propose(index: Index, finding: Finding) -> Sequence[Change]:
    """The field may change at any time, and no pod restarts for it."""
    del index
    why = f"{finding.detail}; kept claims are used again when the replicas come back"
    patch = {"spec": {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Retain", "whenDeleted": "Retain"}}}
    return (Change(finding.object, patch, (), Risk.LOW, why),)


HARDENING = RULE.leaf("Claims that go with their StatefulSet", judge, propose, reads=(StatefulSet,))
