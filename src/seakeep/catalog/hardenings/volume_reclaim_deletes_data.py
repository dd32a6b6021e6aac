"""Deleting a claim deletes its data.

What: a volume that holds a lasting workload's data has the reclaim policy Delete, or Recycle, which wipes it.

Why: one `kubectl delete pvc`, a deleted namespace or an uninstalled release takes the data along, at once and for good. With Retain the volume stays until a person removes it.

Bad:
    persistentVolumeReclaimPolicy: Delete     # of a database's volume

Good:
    persistentVolumeReclaimPolicy: Retain

Ignore when: what it holds can be made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.volumes.held_data import held
from seakeep.model.change import Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import PersistentVolume
from seakeep.model.refs import Ref

RULE = Rule("volume-reclaim-deletes-data")


def judge(index: Index) -> Iterable[Finding]:
    for entry in held(index):
        claim = entry.claim
        if not claim.spec.volume_name or claim.status.phase not in {"", "Bound"}:
            continue
        ref = Ref("PersistentVolume", "", claim.spec.volume_name)
        volume = index.snapshot.get(PersistentVolume, "", ref.name)
        policy = volume.spec.persistent_volume_reclaim_policy if volume else ""
        if policy == "Retain":
            yield RULE.passes(ref)
        elif not policy:
            yield RULE.cannot_see(ref, f"the reclaim policy of the volume of claim {claim.namespace}/{claim.name}")
        else:
            text = f"deleting claim {claim.namespace}/{claim.name} of {entry.users[0]} deletes its data ({policy})"
            yield RULE.fails(ref, text, "spec.persistentVolumeReclaimPolicy", "Set its reclaim policy to Retain.")


def propose(index: Index, finding: Finding) -> Sequence[Change]:
    """The policy of a volume may change at any time; that of its class only counts for new volumes."""
    del index
    why = f"{finding.detail}; kept, the volume waits for a person to remove it"
    patch = {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}
    return (Change(finding.object, patch, (), Risk.LOW, why),)


HARDENING = RULE.leaf("Volume that goes with its claim", judge, propose, reads=(PersistentVolume,))
