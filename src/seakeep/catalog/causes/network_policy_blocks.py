"""A NetworkPolicy bars a connection that somebody needs.

What: calls time out while every pod is Ready and the Service has endpoints; a policy selects the target (ingress) or the caller (egress), and no rule of any policy fits this peer and port. Most network plug-ins drop such packets silently; a refused connection is seldom a policy's doing.

Why: default deny without a rule for a caller, a label in `from` or `to` that no pod carries, a caller in another namespace without namespaceSelector, the Service's port instead of the pod's, the wrong protocol.

Bad:
    ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}], ports: [{port: 80}]}]     # the pods listen on 8080

Good:
    ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}], ports: [{port: 8080}]}]

Ignore when: the connection is meant to be barred, and the caller is configured for it by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR
from seakeep.facts.policies.policy_verdicts import FAINT, verdicts
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import NetworkPolicy

_LEVELS = {CERTAIN: PROVEN, FAIR: LIKELY, FAINT: HINT}


def find(index: Index) -> Iterable[Candidate]:
    for item in verdicts(index):
        yield Candidate(
            id="network-policy-blocks",
            object=item.policy,
            summary=item.what,
            evidence=item.evidence,
            affects=item.sufferers,
            repair=Repair(item.repair, item.change),
            confidence=_LEVELS.get(item.level, POSSIBLE),
            settled_by=item.settled_by,
        )


CAUSE = CauseLeaf(
    id="network-policy-blocks",
    title="NetworkPolicy bars a needed connection",
    reads=(NetworkPolicy,),
    find=find,
)
