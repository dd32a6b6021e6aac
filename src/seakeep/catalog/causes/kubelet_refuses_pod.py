"""The kubelet refuses pods that the scheduler gave it.

What: pods are Failed at once, with a reason of the kubelet's admission (SysctlForbidden, UnexpectedAdmissionError, TopologyAffinityError, OutOfcpu …) and "Pod was rejected", and their controller makes the next one, and the next.

Why: a sysctl that the kubelet does not allow, a device that the plug-in no longer gives, a NUMA policy that no set of CPUs meets, a node whose labels or room changed after the pod was bound, a pod that names its node itself.

Bad:
    sysctls: [{name: net.core.somaxconn, value: "1024"}]     # not in allowedUnsafeSysctls of the kubelet

Good:
    allowedUnsafeSysctls: [net.core.somaxconn]     # on the nodes that the pod selects

Ignore when: the pods are left over from a node's restart, and their successors run.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.disruption.evictions import still_short
from seakeep.facts.freshness import is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod

# pkg/kubelet: lifecycle/predicate.go, sysctl/runtime.go, cm/topologymanager, cm/admission.
_REASONS = frozenset(
    {
        "SysctlForbidden",
        "UnexpectedAdmissionError",
        "TopologyAffinityError",
        "NodeAffinity",
        "PodOSNotSupported",
        "PodOSSelectorNodeLabelDoesNotMatch",
        "InvalidNodeInfo",
        "AppArmor",
    }
)
_SURE = frozenset({"SysctlForbidden", "PodOSNotSupported", "PodOSSelectorNodeLabelDoesNotMatch", "AppArmor"})


def find(index: Index) -> Iterable[Candidate]:
    for workload, pods in sorted(index.pods_by_workload.items()):
        refused = [pod for pod in pods if _is_refused(pod) and is_recent(index, pod.metadata.creation_timestamp)]
        if not refused or not still_short(index, workload):
            continue
        pod = refused[0]
        node = f" on node {pod.spec.node_name}" if pod.spec.node_name else ""
        yield Candidate(
            id="kubelet-refuses-pod",
            object=workload,
            summary=f"the kubelet{node} refuses the pods of {workload.kind} {workload.name}: {pod.status.reason}: {pod.status.message[:200]}",
            evidence=tuple(
                state_evidence(item, "status", f"{item.status.phase} {item.status.reason}: {item.status.message[:200]}")
                for item in refused[:3]
            ),
            affects=tuple(item.ref for item in refused[:20]),
            repair=Repair(
                f"Take out of {workload.kind} {workload.name} what the kubelet does not allow, or allow it on the nodes that the pod may use."
                if pod.status.reason in _SURE
                else f"See in the log of the kubelet{node} why it does not take the pod: devices, CPU sets, labels and room of the node as they are now."
            ),
            confidence=PROVEN if pod.status.reason in _SURE or len(refused) > 1 else LIKELY,
        )


def _is_refused(pod: Pod) -> bool:
    reason = pod.status.reason
    return pod.status.phase == "Failed" and (
        reason in _REASONS or reason.startswith("OutOf") or "Pod was rejected" in pod.status.message
    )


CAUSE = CauseLeaf(id="kubelet-refuses-pod", title="Kubelet refuses the pod", reads=(Pod,), find=find)
