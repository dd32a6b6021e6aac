"""The scheduler does not run, so new pods get no node.

What: pods stay Pending with no node, no PodScheduled condition and no FailedScheduling event at all: nobody has looked at them. The kube-scheduler pod is missing or not ready, its lease is old, or its unit is stopped.

Why: a broken static pod manifest (/etc/kubernetes/manifests/kube-scheduler.yaml), an expired certificate, a stopped unit. What runs goes on running, so it shows late.

Bad:
    command: [kube-scheduler, --kubeconfig=/etc/kubernetes/no-such-file]

Good:
    command: [kube-scheduler, --kubeconfig=/etc/kubernetes/scheduler.conf]

Ignore when: the pods name a scheduler of their own (schedulerName) or were created a few seconds ago.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.scheduler_health import (
    control_plane_nodes,
    node_of,
    overlooked,
    scheduler_is_listed_absent,
    scheduler_pods,
    signs_of_trouble,
    untouched,
)
from seakeep.facts.shell_words import named
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth


def find(index: Index) -> Iterable[Candidate]:
    signs, absent = signs_of_trouble(index), scheduler_is_listed_absent(index)
    told = bool(signs) or absent
    waiting = untouched(index) if told else overlooked(index)
    if not waiting and not signs and not absent:
        return
    nodes = {node for pod in scheduler_pods(index) for node in [node_of(pod)] if node}
    nodes = nodes or set(control_plane_nodes(index)) or {item.object for item in signs if item.object.kind == "Node"}
    culprit = min(nodes) if nodes else Ref("Pod", "kube-system", "kube-scheduler")
    evidence = list(signs[:3])
    if absent:
        evidence.append(
            state_evidence(index.pods_in("kube-system")[0], "kube-system pods", "no kube-scheduler among them")
        )
    evidence += [
        state_evidence(pod, "status.conditions[PodScheduled]", "absent, and no FailedScheduling event")
        for pod in waiting[:3]
    ]
    full = any(index.snapshot.depth(pod.ref) is Depth.FULL for pod in waiting)
    count = f"{len(waiting)} pod{'s' if len(waiting) != 1 else ''} wait{'s' if len(waiting) == 1 else ''} for a node"
    runs = not told and any(is_ready(pod) for pod in scheduler_pods(index))
    asked = f"kubectl get pod {named(waiting[0])} -o yaml | grep schedulerName; " if runs else ""
    said = "kube-scheduler does not run" if not runs else "kube-scheduler hangs, or what waits names another scheduler"
    yield Candidate(
        id="scheduler-down",
        object=culprit,
        summary=f"{said}: {count}, and no scheduler has looked at them"
        if waiting
        else "kube-scheduler does not run; the next pod will wait for a node",
        evidence=tuple(evidence),
        affects=tuple(pod.ref for pod in waiting[:50]),
        repair=Repair(
            f"Bring kube-scheduler on {culprit.name} up again: check its static pod manifest, its certificate and its log."
        ),
        confidence=PROVEN if told and waiting else LIKELY if told or full else POSSIBLE,
        settled_by=""
        if told
        else f"{asked}kubectl get pods -n kube-system; kubectl get lease kube-scheduler -n kube-system -o yaml",
    )


CAUSE = CauseLeaf(
    id="scheduler-down", title="Scheduler does not run", reads=(Pod,), find=find, severity=Severity.CRITICAL
)
