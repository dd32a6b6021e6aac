"""Pods that a kubelet refuses after the scheduler, or their own nodeName, gave them to it: it looks at room, labels, taints and ports once more (pkg/kubelet/lifecycle/predicate.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.disruption.evictions import still_short
from seakeep.facts.freshness import is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.scheduling.scheduling_messages import Refusal
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.confidence import LIKELY, PROVEN
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# sysctl/runtime.go, cm/topologymanager, cm/admission.go besides.
_REASONS = frozenset(
    {
        "SysctlForbidden",
        "UnexpectedAdmissionError",
        "TopologyAffinityError",
        "NodeAffinity",
        "NodePorts",
        "TaintToleration",
        "PodOSNotSupported",
        "PodOSSelectorNodeLabelDoesNotMatch",
        "InvalidNodeInfo",
        "AppArmor",
    }
)
_OUT_OF = "OutOf"
_RESOURCES = {
    "cpu": Refusal.CPU,
    "memory": Refusal.MEMORY,
    "ephemeral-storage": Refusal.EPHEMERAL_STORAGE,
    "pods": Refusal.POD_SLOTS,
}
_DEVICES = late(r"devices unavailable for (?P<device>[\w/-]+(?:\.[\w/-]+)*)", re.IGNORECASE)


class Refused(Struct, frozen=True):
    """`refusal` is what the scheduler calls the same; None where it knows no such thing."""

    workload: Ref
    pods: tuple[Pod, ...]
    refusal: Refusal | None
    resource: str

    @property
    def pod(self) -> Pod:
        return self.pods[0]

    @property
    def where(self) -> str:
        return f" on node {self.pod.spec.node_name}" if self.pod.spec.node_name else ""

    @property
    def summary(self) -> str:
        told = f"{self.pod.status.reason}: {self.pod.status.message[:200]}".removesuffix(": ")
        return f"the kubelet{self.where} refuses the pods of {self.workload.kind} {self.workload.name}: {told}"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(
            state_evidence(
                pod, "status", f"{pod.status.phase} {pod.status.reason}: {pod.status.message[:200]}".removesuffix(": ")
            )
            for pod in self.pods[:3]
        )


@once
def kubelet_refusals(index: Index) -> tuple[Refused, ...]:
    """Recent ones, of workloads that are still short of pods."""
    found = []
    for workload, pods in sorted(index.pods_by_workload.items()):
        refused = tuple(pod for pod in pods if _is_refused(pod) and is_recent(index, pod.metadata.creation_timestamp))
        if refused and still_short(index, workload):
            found.append(Refused(workload, refused, *_meaning(refused[0])))
    return tuple(found)


def refused_by_kubelet(index: Index, refusal: Refusal, cause: str) -> Iterator[Candidate]:
    """The same cause as where the scheduler says it."""
    for item in kubelet_refusals(index):
        if item.refusal is refusal:
            yield Candidate(
                id=cause,
                object=item.workload,
                summary=item.summary,
                evidence=item.evidence,
                affects=tuple(pod.ref for pod in item.pods[:20]),
                repair=Repair(_repair(item)),
                confidence=PROVEN if len(item.pods) > 1 else LIKELY,
            )


def _is_refused(pod: Pod) -> bool:
    reason = pod.status.reason
    return pod.status.phase == "Failed" and (
        reason in _REASONS or reason.startswith(_OUT_OF) or "Pod was rejected" in pod.status.message
    )


def _meaning(pod: Pod) -> tuple[Refusal | None, str]:
    reason, spec = pod.status.reason, pod.spec
    if reason.startswith(_OUT_OF):
        resource = reason.removeprefix(_OUT_OF)
        return _RESOURCES.get(resource, Refusal.DEVICE), resource
    if device := _DEVICES.search(pod.status.message):
        return Refusal.DEVICE, device["device"]
    if reason == "NodeAffinity":
        required = spec.affinity and spec.affinity.node_affinity
        return Refusal.SELECTOR if spec.node_selector else Refusal.NODE_AFFINITY if required else None, ""
    return {"NodePorts": Refusal.PORTS, "TaintToleration": Refusal.TAINT}.get(reason), ""


def _repair(item: Refused) -> str:
    who = f"{item.workload.kind} {item.workload.name}"
    named = f", and leave nodeName out of {who} if it stands there, so that the scheduler chooses"
    what = {
        Refusal.SELECTOR: f"Change the nodeSelector of {who} to labels that the node carries, or label it so",
        Refusal.NODE_AFFINITY: f"Change the node affinity of {who} to labels that the node carries, or label it so",
        Refusal.PORTS: f"Free the host port{item.where}, or let {who} do without",
        Refusal.TAINT: f"Add the toleration to {who}, or remove the taint{item.where}",
        Refusal.POD_SLOTS: f"Move pods away from {item.where.removeprefix(' on ') or 'the node'}, or raise maxPods of its kubelet",
    }
    room = f"Lower the {item.resource} request of {who}, or make room{item.where}"
    return f"{what.get(item.refusal, room) if item.refusal else room}{named}."
