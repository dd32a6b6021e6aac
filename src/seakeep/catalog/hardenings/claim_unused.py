"""No pod uses a claim.

What: a PersistentVolumeClaim is older than a week, and no pod, template or StatefulSet uses it.

Why: its volume costs money and counts against the quota, and nobody knows any more whether its data matters.

Bad:
    data-old   Bound   100Gi     # Used By: <none>

Good:
    a snapshot of what matters, and the claim gone

Ignore when: something mounts it now and then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.references.mentions import mentioned
from seakeep.facts.shell_words import named
from seakeep.facts.volumes.held_data import users_of
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import PersistentVolumeClaim

RULE = Rule("claim-unused", Severity.INFO)
_AGE = timedelta(days=7)
_USERS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")


def judge(index: Index) -> Iterable[Finding]:
    """Claims that an operator owns are its own; manifests say nothing of what else there is."""
    if index.snapshot.intent_only:
        return
    known = users_of(index)
    for claim in index.snapshot.all(PersistentVolumeClaim):
        born = claim.metadata.creation_timestamp
        if claim.metadata.owner_references or born is None or index.now - born < _AGE:
            continue
        if known.get((claim.namespace, claim.name)):
            yield RULE.passes(claim.ref)
        elif claim.name in mentioned(index):
            continue  # a custom resource or a program mounts it by name
        elif all(index.snapshot.lists_all(kind, claim.namespace) for kind in _USERS):
            size = claim.status.capacity.get("storage") or claim.spec.resources.requests.get("storage")
            what = f"its {size}" if size else "it"
            text = f"nothing uses {what}; it was made {(index.now - born).days} days ago"
            yield RULE.fails(claim.ref, text, "", "Delete the claim if its data may go.")
        else:
            yield RULE.cannot_see(claim.ref, "all that may use it")


def propose(index: Index, finding: Finding) -> Advice:
    """Nobody but a person knows what the data is worth."""
    del index
    ref = finding.object
    return Advice(
        f"Does the data in {ref} still matter, or may the claim go?",
        f"kubectl describe pvc {named(ref)}",
    )


HARDENING = RULE.leaf("Claim that nothing uses", judge, propose)
