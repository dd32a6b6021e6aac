"""What is broken between and on nodes."""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import DaemonSet, Node, Pod
from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Answer, Verdict, stopped
from seakeep.twin.state import State

_SYSTEM = "kube-system"
# As kubeadm, kind, k3s (none), EKS and AKS name it.
_PROXIES = frozenset({"kube-proxy", "kube-proxy-ds"})


@dataclass(frozen=True, slots=True)
class Faults:
    """`pairs`: between these nodes nothing passes, either way. `lost`: nothing comes from or to these nodes. `no_proxy`: on these nodes kube-proxy has set nothing up, so that Services' addresses lead nowhere. `no_cni`: pods of these nodes have no network, but for those on the host's."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    lost: frozenset[str] = frozenset()
    no_proxy: frozenset[str] = frozenset()
    no_cni: frozenset[str] = frozenset()

    def between(self, start: str, end: str, *, pod_start: bool, pod_end: bool) -> Answer | None:
        """What bars the way from one node to another. `pod_start` and `pod_end`: that end is a pod with an address of its own. An empty name is no node of the cluster."""
        for name in (start, end):
            if name and name in self.lost:
                return stopped(Verdict.DROPPED, Ref("Node", "", name), "fault: lost", f"node {name} is lost")
        for name, is_pod in ((start, pod_start), (end, pod_end)):
            if name and is_pod and name in self.no_cni:
                told = f"pods of node {name} have no network"
                return stopped(Verdict.DROPPED, Ref("Node", "", name), "fault: CNI down", told)
        if start and end and start != end and ((start, end) in self.pairs or (end, start) in self.pairs):
            told = f"nothing passes between nodes {start} and {end}"
            return stopped(Verdict.DROPPED, Ref("Node", "", end), "fault: node pair", told, (Ref("Node", "", start),))
        return None

    def with_seen(self, state: State) -> Faults:
        """Together with what the state shows: nodes that were lost in the twin, whose network is unavailable, on which kube-proxy is not ready."""
        seen = seen_faults(state)
        return Faults(
            self.pairs | seen.pairs, self.lost | seen.lost, self.no_proxy | seen.no_proxy, self.no_cni | seen.no_cni
        )


def seen_faults(state: State) -> Faults:
    unready = {
        pod.spec.node_name
        for name in sorted(_PROXIES)
        if state.get(DaemonSet, _SYSTEM, name) is not None
        for pod in state.pods_of(Ref("DaemonSet", _SYSTEM, name))
        if pod.spec.node_name and not _works(pod)
    }
    no_cni = {
        node.name
        for node in state.all(Node)
        if any(item.type == "NetworkUnavailable" and item.status == "True" for item in node.status.conditions)
    }
    # In the twin a kubelet falls silent together with its node.
    return Faults(lost=frozenset(state.silent), no_proxy=frozenset(unready), no_cni=frozenset(no_cni))


def _works(pod: Pod) -> bool:
    """What kube-proxy has written into the kernel outlives a pod that is being replaced."""
    return is_ready(pod) or pod.metadata.deletion_timestamp is not None
