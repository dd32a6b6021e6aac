"""A quota leaves no room to roll out.

What: what a ResourceQuota counts as used, plus the pods that the largest rolling update makes beside the old ones, is more than its hard limit.

Why: the next change of that Deployment waits: its new pods are refused until somebody deletes old ones by hand.

Bad:
    hard: {requests.cpu: "4"}      # of which 3800m are used, and a roll-out needs 500m more

Good:
    hard: {requests.cpu: "5500m"}

Ignore when: the Deployment may be stopped for an update; then its strategy should be Recreate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.admission.planned_admission import amounts_of
from seakeep.facts.index import Index
from seakeep.facts.resources.quota_figures import COMPUTE, figure, shown
from seakeep.facts.workloads.rollout_room import Surge, surges
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import ResourceQuota

RULE = Rule("quota-too-tight")
# Beyond what is known to be needed, so that the next workload does not ask the same again.
_HEADROOM = 0.25


def judge(index: Index) -> Iterable[Finding]:
    for quota in index.snapshot.all(ResourceQuota):
        counted = [name for name in quota.spec.hard if name in COMPUTE or name == "pods"]
        if quota.spec.scopes or quota.spec.scope_selector or not counted or index.snapshot.intent_only:
            continue
        hard, tight = amounts_of(quota.spec.hard), _tight(index, quota)
        if not quota.status.used:
            yield RULE.cannot_see(quota.ref, "what is used of it")
        elif not tight:
            yield RULE.passes(quota.ref)
        else:
            text = "; ".join(
                f"{shown(name, used)} of {shown(name, hard[name])} {name} are used, and rolling out {surge.workload.name} needs {shown(name, surge.amount)} more"
                for name, (used, surge) in tight.items()
            )
            yield RULE.fails(quota.ref, text, "spec.hard", "Raise the quota by what a roll-out needs.")


def _tight(index: Index, quota: ResourceQuota) -> Mapping[str, tuple[int, Surge]]:
    """Resource → what is used of it, and the roll-out that does not fit. What is over already is not this rule's matter: nothing new fits there at all."""
    hard, used, room = amounts_of(quota.spec.hard), amounts_of(quota.status.used), surges(index, quota.namespace)
    found = {}
    for name, limit in sorted(hard.items()):
        surge = room.get(".".join(COMPUTE.get(name, ("", ""))) if name != "pods" else name)
        if surge and name in used and used[name] <= limit < used[name] + surge.amount:
            found[name] = (used[name], surge)
    return found


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    quota = index.snapshot.get(ResourceQuota, ref.namespace, ref.name)
    if quota is None:
        return ()
    hard = {
        name: figure(name.rpartition(".")[2], round(used * (1 + _HEADROOM)) + surge.amount)
        for name, (used, surge) in _tight(index, quota).items()
    }
    why = f"{finding.detail}; {', '.join(f'{name} {amount}' for name, amount in hard.items())} leave a quarter of what is used besides"
    return (Change(ref, {"spec": {"hard": hard}}, (), Risk.LOW, why),)


HARDENING = RULE.leaf("Quota without room to roll out", judge, propose)
