"""The kubelet refuses pods that the scheduler gave it.

What: pods are Failed at once, with a reason of the kubelet's admission (SysctlForbidden, TopologyAffinityError, PodOSNotSupported …) and "Pod was rejected", and their controller makes the next one, and the next.

Why: a sysctl that the kubelet does not allow, a NUMA policy that no set of CPUs meets, another operating system. Room, devices, labels, taints and ports that the kubelet misses are causes of their own, as where the scheduler misses them.

Bad:
    sysctls: [{name: net.core.somaxconn, value: "1024"}]     # not in allowedUnsafeSysctls of the kubelet

Good:
    allowedUnsafeSysctls: [net.core.somaxconn]     # on the nodes that the pod selects

Ignore when: the pods are left over from a node's restart, and their successors run.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.scheduling.kubelet_refusals import kubelet_refusals
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod

_SURE = frozenset({"SysctlForbidden", "PodOSNotSupported", "PodOSSelectorNodeLabelDoesNotMatch", "AppArmor"})


def find(index: Index) -> Iterable[Candidate]:
    for item in kubelet_refusals(index):
        if item.refusal is not None:
            continue
        sure = item.pod.status.reason in _SURE
        yield Candidate(
            id="kubelet-refuses-pod",
            object=item.workload,
            summary=item.summary,
            evidence=item.evidence,
            affects=tuple(pod.ref for pod in item.pods[:20]),
            repair=Repair(
                f"Take out of {item.workload.kind} {item.workload.name} what the kubelet does not allow, or allow it on the nodes that the pod may use."
                if sure
                else f"See in the log of the kubelet{item.where} why it does not take the pod: CPU sets, labels and room of the node as they are now."
            ),
            confidence=PROVEN if sure or len(item.pods) > 1 else LIKELY,
        )


CAUSE = CauseLeaf(id="kubelet-refuses-pod", title="Kubelet refuses the pod", reads=(Pod,), find=find)
