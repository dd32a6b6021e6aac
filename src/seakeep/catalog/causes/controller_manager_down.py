"""The controller manager does not run, so nothing follows what is written.

What: the kube-controller-manager pod is missing or not ready, its lease is old, or its unit is stopped. Deployments that were scaled or changed since show a generation that nobody has observed; no pod is replaced, no node is marked as lost, no endpoint follows.

Why: a broken static pod manifest (/etc/kubernetes/manifests/kube-controller-manager.yaml), an expired certificate, a flag that a new version no longer knows. What runs goes on running, so it shows late.

Bad:
    command: [kube-controller-manager, --pod-eviction-timeout=1m]     # removed in 1.27: unknown flag

Good:
    command: [kube-controller-manager, --kubeconfig=/etc/kubernetes/controller-manager.conf]

Ignore when: the control plane is being upgraded and the lease moves within a minute.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.control_plane import component_node, component_pods, component_signs, is_listed_absent
from seakeep.facts.scheduling.scheduler_health import control_plane_nodes
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Pod, Workload
from seakeep.model.refs import Ref

COMPONENT = "kube-controller-manager"
_ALERTS = frozenset({"KubeControllerManagerDown", "KubeControllerManagerAbsent"})


def find(index: Index) -> Iterable[Candidate]:
    signs = component_signs(index, COMPONENT, _ALERTS)
    absent = is_listed_absent(index, COMPONENT)
    if not signs and not absent:
        return
    pods = component_pods(index, COMPONENT)
    nodes = {node for pod in pods for node in [component_node(pod, COMPONENT)] if node}
    nodes = nodes or set(control_plane_nodes(index)) or {item.object for item in signs if item.object.kind == "Node"}
    culprit = min(nodes) if nodes else Ref("Pod", "kube-system", COMPONENT)
    behind = [item for item in index.workloads if _is_unobserved(item)]
    evidence = list(signs[:3])
    if absent:
        evidence.append(
            state_evidence(index.pods_in("kube-system")[0], "kube-system pods", f"no {COMPONENT} among them")
        )
    evidence += [
        state_evidence(
            item,
            "status.observedGeneration",
            f"{item.status.observed_generation}, where the specification is at {item.metadata.generation}",
        )
        for item in behind[:3]
    ]
    count = f"{len(behind)} workload{'s' if len(behind) != 1 else ''}"
    yield Candidate(
        id="controller-manager-down",
        object=culprit,
        summary=f"{COMPONENT} does not run"
        + (f": nobody has followed the last change of {count}" if behind else "; nothing follows the next change"),
        evidence=tuple(evidence),
        affects=(*(pod.ref for pod in pods), *(item.ref for item in behind[:50])),
        repair=Repair(
            f"Bring {COMPONENT} on {culprit.name} up again: check its static pod manifest, its certificate and its log."
        ),
        confidence=PROVEN if behind or len(signs) > 1 or absent else LIKELY,
        settled_by=f"kubectl get lease {COMPONENT} -n kube-system -o yaml; kubectl get pods -n kube-system",
    )


def _is_unobserved(item: Workload) -> bool:
    return 0 < item.status.observed_generation < item.metadata.generation


CAUSE = CauseLeaf(
    id="controller-manager-down",
    title="Controller manager does not run",
    reads=(Pod,),
    find=find,
    severity=Severity.CRITICAL,
)
