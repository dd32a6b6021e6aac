"""Anti-affinity asks for more nodes than there are.

What: required anti-affinity among a workload's own pods, with more replicas than nodes (or zones) that may take them; or a rolling update that first adds a pod, where each node has one already.

Why: the last replicas wait for ever, and so does each roll-out: the new pod finds no node until an old one goes, and no old one goes until the new one is ready.

Bad:
    replicas: 3                          # on three nodes, with required anti-affinity
    strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}

Good:
    strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}

Ignore when: an autoscaler adds nodes.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.scheduling.anti_affinity import own_terms, required_terms, term_fields
from seakeep.facts.scheduling.node_choice import places
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.facts.workloads.rollout_steps import steps
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Deployment

_PATH = "spec.template.spec.affinity.podAntiAffinity"


def _answer(index: Index, entry: Judged) -> Answer:
    if not entry.scaled or not own_terms(entry) or entry.replicas == 0:
        return None
    able = _able(index, entry)
    if entry.replicas is None or able is None:
        return Unseen("all nodes" if entry.replicas is not None else "how many replicas are meant")
    if entry.replicas > able:
        return f"{entry.replicas} replicas may not share, and only {able} places may take them"
    if _stuck(index, entry, able):
        what = f"each of the {able} places has a replica, and a roll-out adds one before it takes one away"
        return Fault(what, "spec.strategy", "Set maxSurge to 0 and maxUnavailable to 1.")
    return HOLDS


def _able(index: Index, entry: Judged) -> int | None:
    """The fewest values that any of the terms' topologies has. On nodes without a term's label it keeps no pods apart."""
    fewest = entry.replicas + 1 if entry.replicas is not None else 0
    for term in own_terms(entry):
        found = places(index, entry.spec, term.topology_key)
        if found is None:
            return None
        if "" not in found:
            fewest = min(fewest, len(found))
    return fewest


def _stuck(index: Index, entry: Judged, able: int) -> bool:
    """With matchLabelKeys a new pod does not mind the old ones."""
    item, replicas = index.snapshot.find(entry.ref), entry.replicas or 0
    if not isinstance(item, Deployment) or any(term.match_label_keys for term in own_terms(entry)):
        return False
    recreates = item.spec.strategy is not None and item.spec.strategy.type == "Recreate"
    surge, missing = steps(item, replicas)
    return not recreates and replicas == able and surge > 0 and missing == 0


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """A roll-out takes one away first; replicas that find no node of their own share one rather than wait."""
    ref = finding.object
    entry = judged_of(index, ref)
    if finding.path != _PATH:
        rolling = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}
        why = f"{finding.detail}; {(entry.replicas or 1) - 1} of {entry.replicas} go on serving meanwhile"
        return (Change(ref, {"spec": rolling}, (), Risk.LOW, why),)
    own, anti = own_terms(entry), entry.spec.affinity.pod_anti_affinity if entry.spec.affinity else None
    wished = [
        {"weight": item.weight, "podAffinityTerm": term_fields(item.pod_affinity_term)}
        for item in (anti.preferred_during_scheduling_ignored_during_execution if anti else ())
    ]
    kept = [term_fields(term) for term in required_terms(entry) if term not in own]
    wished += [{"weight": 100, "podAffinityTerm": term_fields(term)} for term in own]
    fields = {"preferredDuringSchedulingIgnoredDuringExecution": wished}
    gone: tuple[str, ...] = (f"{_PATH}.requiredDuringSchedulingIgnoredDuringExecution",)
    if kept:
        fields["requiredDuringSchedulingIgnoredDuringExecution"] = kept
        gone = ()
    patch = in_pod_spec(ref, {"affinity": {"podAntiAffinity": fields}})
    return (Change(ref, patch, gone, Risk.MEDIUM, f"{finding.detail}; as a wish it spreads them as far as it goes"),)


HARDENING = template_rule(
    "anti-affinity-too-strict",
    "Anti-affinity that asks for more nodes than there are",
    _answer,
    severity=Severity.ERROR,
    path=_PATH,
    repair="Prefer instead of require, add nodes, or run fewer replicas.",
    propose=propose,
)
