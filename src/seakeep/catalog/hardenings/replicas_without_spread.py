"""Several replicas may all land on one node.

What: a workload has two replicas or more, and neither pod anti-affinity nor a topology spread constraint selects its own pods.

Why: the scheduler's own preference for spreading is weak; when one node goes, all replicas may go with it.

Bad:
    replicas: 3

Good:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}

Ignore when: the cluster has one node.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec, own_labels
from seakeep.facts.scheduling.only_node import may_leave
from seakeep.facts.scheduling.spreading import spread_of, spreads
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding


def _answer(_: Index, entry: Judged) -> Answer:
    if not entry.scaled or (entry.replicas is not None and entry.replicas < 2):
        return None
    if entry.replicas is None:
        return Unseen("how many replicas are meant")
    if not entry.full:
        return Unseen("affinity")
    return HOLDS if spreads(entry) else f"{entry.replicas} replicas may share one node"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """As a wish, or where the protocol and the nodes allow it, as a demand."""
    ref = finding.object
    entry = judged_of(index, ref)
    bound = may_leave(index, entry)
    if bound is not None:
        return bound
    spread = spread_of(index, entry, entry.replicas or 0)
    if spread is None:
        return own_labels(ref)
    patch = in_pod_spec(ref, {"topologySpreadConstraints": spread.constraints})
    return (Change(ref, patch, (), Risk.MEDIUM, f"{finding.detail}; {spread.why}"),)


HARDENING = template_rule(
    "replicas-without-spread",
    "Replicas that are not spread",
    _answer,
    path="spec.template.spec.topologySpreadConstraints",
    repair="Add a topologySpreadConstraint on kubernetes.io/hostname.",
    propose=propose,
)
