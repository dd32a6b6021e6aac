"""No revision is kept to go back to.

What: revisionHistoryLimit is 0.

Why: `kubectl rollout undo` finds nothing, so a bad release can only be answered by another release.

Bad:
    revisionHistoryLimit: 0

Good:
    revisionHistoryLimit: 10             # what Kubernetes does by itself

Ignore when: every release, and every way back, comes from a repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import DaemonSet, Deployment, ReplicaSet, StatefulSet
from seakeep.model.snapshot import Depth

RULE = Rule("revision-history-disabled", Severity.INFO)
# https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy
_DEFAULT = 10


def judge(index: Index) -> Iterable[Finding]:
    for item in index.workloads:
        if isinstance(item, ReplicaSet):
            continue
        if item.spec.revision_history_limit == 0:
            what = "revisionHistoryLimit is 0: there is no revision to go back to"
            yield RULE.fails(item.ref, what, "spec.revisionHistoryLimit", "Leave it out, or keep some revisions.")
        elif index.snapshot.depth(item.ref) is Depth.FULL:
            yield RULE.passes(item.ref)
        else:
            yield RULE.cannot_see(item.ref, "its revisionHistoryLimit")


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """As Kubernetes does where nothing is said."""
    del index
    why = f"{finding.detail}; {_DEFAULT} is what Kubernetes keeps by itself"
    return (Change(finding.object, {"spec": {"revisionHistoryLimit": _DEFAULT}}, (), Risk.LOW, why),)


HARDENING = RULE.leaf("No revision to go back to", judge, propose, reads=(Deployment, StatefulSet, DaemonSet))
