"""Several replicas may all land on one node.

What: a workload has two replicas or more and neither pod anti-affinity nor topology spread constraints.

Why: the scheduler's own preference for spreading is weak; when one node goes, all replicas may go with it.

Bad:
    replicas: 3

Good:
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}

Ignore when: the cluster has one node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.podspecs import judged_templates, unknown
from seakeep.facts.proposing import in_pod_spec, selector_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import Node, PodSpec

ID = "replicas-without-spread"
_HOST, _ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def judge(index: Index) -> Iterable[Finding]:
    for entry in judged_templates(index):
        if not entry.scaled or (entry.replicas is not None and entry.replicas < 2):
            continue
        ref = entry.ref
        if entry.replicas is None:
            yield unknown(ID, entry, "how many replicas are meant")
        elif not entry.full:
            yield unknown(ID, entry, "affinity")
        elif _spreads(entry.spec):
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        else:
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"{entry.replicas} replicas may share one node",
                "spec.template.spec.topologySpreadConstraints",
                "Add a topologySpreadConstraint on kubernetes.io/hostname.",
            )


def _spreads(spec: PodSpec) -> bool:
    anti = spec.affinity.pod_anti_affinity if spec.affinity else None
    terms = anti and (
        anti.required_during_scheduling_ignored_during_execution
        or anti.preferred_during_scheduling_ignored_during_execution
    )
    return bool(terms) or bool(spec.topology_spread_constraints)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Over nodes, and over zones where there are several. As a wish, not a demand: volumes may hold a pod where it is, and a lost node must not keep its pods waiting."""
    ref = finding.object
    selector = selector_of(index, ref)
    if selector is None:
        return Advice(
            f"Which labels do the pods of {ref} and no others carry?",
            f"kubectl get pods -n {ref.namespace} --show-labels",
        )
    zones = {zone for node in index.snapshot.all(Node) if (zone := node.labels.get(_ZONE))}
    spread = [
        {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}
        for key in ((_ZONE, _HOST) if len(zones) > 1 else (_HOST,))
    ]
    what = f"{len(zones)} zones and their nodes" if len(zones) > 1 else "nodes"
    why = f"{finding.detail}; spread over {what}, where volumes and room allow it"
    return (Change(ref, in_pod_spec(ref, {"topologySpreadConstraints": spread}), (), Risk.MEDIUM, why),)


HARDENING = HardeningLeaf(id=ID, title="Replicas that are not spread", reads=(), judge=judge, propose=propose)
