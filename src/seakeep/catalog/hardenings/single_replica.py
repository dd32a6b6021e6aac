"""A component that could run twice runs once.

What: one replica, and no autoscaler, of a component of which a second replica shares the work with nothing else changed.

Why: each restart, drain and lost node takes the service down for as long as the pod needs to start elsewhere.

Bad:
    replicas: 1          # of a stateless API

Good:
    replicas: 2          # on two nodes, with a PodDisruptionBudget

Ignore when: a pause of a minute does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.autoscaling.autoscaled import autoscalers_of
from seakeep.facts.disruption.budgeted import guards
from seakeep.facts.disruption.disruption_allowance import budget_for
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.scheduling.node_choice import roomy
from seakeep.facts.scheduling.placement import requests_of
from seakeep.facts.scheduling.scheduling import amount_text
from seakeep.facts.scheduling.spreading import spread_of, spreads
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.exclusive_volumes import claims_of
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change, Risk, Shared
from seakeep.model.fields import merged
from seakeep.model.finding import Finding

_NODES = "kubectl describe nodes | grep -A 8 'Allocated'"


def _answer(index: Index, entry: Judged) -> Answer:
    ref, traits = entry.ref, index.traits.get(entry.ref)
    if traits is None or not traits.scalable or ref.kind not in {"Deployment", "StatefulSet"}:
        return None
    if entry.replicas == 0 or ref in autoscalers_of(index):
        return None  # stopped; autoscaler-bounds
    if entry.replicas is None:
        return Unseen("how many replicas are meant")
    if entry.replicas > 1:
        return HOLDS
    if not shows(index, "HorizontalPodAutoscaler", ref.namespace):
        return Unseen("whether a HorizontalPodAutoscaler scales it")
    return f"{' '.join(filter(None, (traits.service, traits.component)))} has one replica, and none takes over"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Where another node has room. The second comes spread and with a budget: two replicas on one node, or drained together, are no better than one."""
    ref = finding.object
    entry = judged_of(index, ref)
    claims = claims_of(index, ref.namespace, entry.spec)
    if claims.exclusive or claims.unknown:
        names = ", ".join((*claims.exclusive, *claims.unknown))
        return Advice(
            f"Can {ref} do without claim {names}, or use one with ReadWriteMany, so that a second replica can run?",
            f"kubectl get pvc -n {quote(ref.namespace)}",
        )
    node = _room(index, entry)
    if not node:
        wanted = ", ".join(
            f"{name} {amount_text(name, amount)}"
            for name, amount in sorted(requests_of(entry.spec).items())
            if name != "pods"
        )
        return Advice(
            f"Which other node is to make room ({wanted or 'for one pod'}) for a second replica of {ref}?",
            _NODES,
            Shared("Which node is to make room for a second replica of {}?", f"{ref} ({wanted or 'one pod'})", _NODES),
        )
    why = f"{finding.detail}; {node} has room for a second"
    patch, risk = {"spec": {"replicas": 2}}, Risk.LOW
    spread = None if spreads(entry) else spread_of(index, entry, 2)
    if spread is not None:
        patch, risk = merged(patch, in_pod_spec(ref, {"topologySpreadConstraints": spread.constraints})), Risk.MEDIUM
        why = f"{why}; {spread.why}"
    changes = [Change(ref, patch, (), risk, why)]
    budget = None if ref in guards(index) else budget_for(index, entry, 2)
    return (*changes, budget) if budget else changes


def _room(index: Index, entry: Judged) -> str:
    """Another node with room, "" where there is none; plain manifests show no nodes and rule none out."""
    if index.snapshot.intent_only:
        return "the cluster that it is meant for"
    taken = frozenset(pod.spec.node_name for pod in index.pods_by_workload.get(entry.ref, ()))
    found = roomy(index, entry.spec, taken)
    return f"node {found}" if found else ""


HARDENING = template_rule(
    "single-replica",
    "One replica where two could run",
    _answer,
    path="spec.replicas",
    repair="Run two replicas on two nodes.",
    propose=propose,
)
