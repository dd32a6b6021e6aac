"""Which pods may be moved: what an eviction ends and a controller makes anew elsewhere, without loss."""

from __future__ import annotations

from seakeep.facts.scheduling.neighbours import affinity_terms, hard_spreads
from seakeep.facts.scheduling.placement import host_ports
from seakeep.model.objects import Pod
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.disruption.eviction import budget_of
from seakeep.twin.state import State, controller_of

# Jobs lose their work; a DaemonSet's pods belong where they are; what an operator makes, the operator moves.
_REMADE = frozenset({"ReplicaSet", "ReplicationController", "StatefulSet"})
# https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md, "What types of pods can prevent CA from removing a node?"
_SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"


def held(state: State, pod: Pod) -> str:
    """Why the pod stays where it is; "" where it may be moved."""
    owner = controller_of(pod)
    if owner is None or owner.kind not in _REMADE:
        if owner is None:
            return "nothing would make it anew"
        return "static, made by a node's kubelet" if owner.kind == "Node" else f"made by a {owner.kind}"
    if state.find(owner) is None:
        return "its controller was not seen"
    if pod.metadata.deletion_timestamp is not None:
        return "ending"
    if pod.metadata.annotations.get(_SAFE) == "false":
        return f"annotated {_SAFE}: false"
    return _local(pod, owner.kind) or _together(pod) or _guarded(state, pod)


def _local(pod: Pod, owner: str) -> str:
    """A roll-out throws a Deployment's emptyDir away too; a set without claims may keep its data in one."""
    volumes = pod.spec.volumes
    if any(item.host_path is not None for item in volumes):
        return "has a hostPath volume"
    claims = any(item.persistent_volume_claim or item.ephemeral for item in volumes)
    if owner == "StatefulSet" and not claims and any(item.empty_dir is not None for item in volumes):
        return "may keep its data in an emptyDir"
    return ""


def _together(pod: Pod) -> str:
    """What ties a pod to places of others is not among what the packing knows."""
    return "is tied to the places of other pods" if tied(pod) else ""


def tied(pod: Pod) -> bool:
    """By a hard spread, a required affinity or a host port."""
    return bool(hard_spreads(pod.spec) or affinity_terms(pod.spec) or host_ports(pod.spec))


def _guarded(state: State, pod: Pod) -> str:
    try:
        budget = budget_of(state, pod)
    except RejectedError:
        return "has more than one PodDisruptionBudget"
    return "its PodDisruptionBudget allows no disruption" if budget and budget.status.disruptions_allowed < 1 else ""
