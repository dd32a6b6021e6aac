"""A critical service has no priority.

What: the pods of a service that others cannot do without name no PriorityClass.

Why: where room is short, the scheduler places and the kubelet evicts them like any batch job: after a lost node the platform's database may wait behind a report.

Bad:
    containers: [{name: kafka}]          # priority 0, like everything else

Good:
    priorityClassName: platform-critical

Ignore when: all pods matter alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.workloads.podspecs import Judged, shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import PriorityClass
from seakeep.model.refs import Ref

_NAME = "platform-critical"
# Pods without a class have 0, Kubernetes' own classes 2000000000 and more, which users' classes may not reach.
_VALUE, _HIGHEST = 1_000_000, 1_000_000_000


def _answer(index: Index, entry: Judged) -> Answer:
    traits = index.traits.get(entry.ref)
    if traits is None or traits.criticality != "critical":
        return None
    if entry.ref.kind == "Pod" or entry.replicas == 0:
        return None  # the priority of a pod never changes; stopped
    if entry.spec.priority_class_name:
        return HOLDS
    if not entry.full:
        return Unseen("its PriorityClass")
    return f"{traits.service} is critical, and its pods have the priority of any other"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The highest class that the platform has for its own; else one for all critical services. The system's own namespace has Kubernetes' own classes."""
    ref = finding.object
    if ref.namespace == "kube-system":
        name = "system-node-critical" if ref.kind == "DaemonSet" else "system-cluster-critical"
        why = f"{finding.detail}; every cluster has {name} for its own parts"
        return (Change(ref, in_pod_spec(ref, {"priorityClassName": name}), (), Risk.MEDIUM, why),)
    if not shows(index, "PriorityClass", ""):
        return Advice(f"Which PriorityClass is for critical services like {ref}?", "kubectl get priorityclass")
    own = [
        (item.value, item.name)
        for item in index.snapshot.all(PriorityClass)
        if 0 < item.value <= _HIGHEST and not item.global_default
    ]
    value, name = max(own, default=(_VALUE, _NAME))
    why = f"{finding.detail}; {name} has {value}, and pods without a class have 0 and make room for it"
    change = Change(ref, in_pod_spec(ref, {"priorityClassName": name}), (), Risk.MEDIUM, why)
    if own:
        return (change,)
    created = Change(
        Ref("PriorityClass", "", name),
        {"value": value, "description": "Services that the platform cannot do without."},
        (),
        Risk.LOW,
        "no class between 0 and Kubernetes' own exists; all critical services get this one",
        "scheduling.k8s.io/v1",
    )
    return (created, change)


HARDENING = template_rule(
    "priority-class-unset",
    "Critical service without a priority",
    _answer,
    lasting=True,
    path="spec.template.spec.priorityClassName",
    repair="Give it a PriorityClass above 0.",
    propose=propose,
)
