"""The DaemonSets that make a node's network: kube-proxy and the CNI plug-in's agent. On which nodes their pod is missing or not ready."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import is_virtual, ready_status
from seakeep.facts.once import once
from seakeep.facts.symptoms import is_unwell
from seakeep.facts.workloads.podstate import is_ready, restarts, status_column
from seakeep.model.cause import Evidence
from seakeep.model.objects import ConfigMap, DaemonSet, Node, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_PROXY = late(r"kube-proxy(?:-windows)?(?:-.+)?")
# Agents that run on each node; their operators, controllers and typhas do not count.
_CNI = late(
    r"(?:calico-node|canal|cilium|kube-flannel(?:-ds)?|weave-net|aws-node|azure-cni|azure-cns|kindnet|antrea-agent|kube-router|ovnkube-node|ovs-node|kube-ovn-cni|kube-multus(?:-ds)?|multus|sdn)(?:-[a-z0-9]+){0,3}"
)
_NO_AGENT = late(
    r"operator|controller|typha|envoy|hubble|relay|kube-controllers|node-init|windows|csi|termination|agent-scheduler"
)
# Data planes that do kube-proxy's work themselves.
_WITHOUT_PROXY = late(r"cilium|kube-router|antrea|ovnkube|kube-ovn")
# Calico's routing daemon has no session with other nodes: pods of the node reach each other, and no one else.
_PEERING = late(
    r"BGP not established|BIRD is not ready|bird6? is not ready|cluster connectivity|unreachable nodes|peers? unreachable",
    re.IGNORECASE,
)


class AgentTrouble(Struct, frozen=True):
    """`node` is empty where the agent works on no node at all: then its DaemonSet is to blame. `state` is in kubectl's words, or `missing`; `peering` tells that only routes to other nodes lack."""

    node: str
    daemon_set: Ref
    pods: tuple[Ref, ...]
    state: str
    peering: bool
    evidence: tuple[Evidence, ...]


@once
def proxy_troubles(index: Index) -> tuple[AgentTrouble, ...]:
    """kube-proxy of nodes that are Ready otherwise. Clusters that were never seen to run one have no trouble with it."""
    if not _has_agents(index, _PROXY):
        deleted = _deleted_proxy(index)
        return (deleted,) if deleted else ()
    return tuple(_troubles(index, _PROXY, {"", "True"}))


@once
def cni_troubles(index: Index) -> tuple[AgentTrouble, ...]:
    """Nodes that do not report at all are left out."""
    return tuple(_troubles(index, _CNI, {"", "True", "False"}))


def _is_agent(name: str, pattern: re.Pattern[str]) -> bool:
    return bool(pattern.fullmatch(name)) and (pattern is _PROXY or not _NO_AGENT.search(name))


def agents(index: Index, pattern: re.Pattern[str]) -> tuple[Pod, ...]:
    return tuple(
        pod
        for pod in index.pods
        if _is_agent(pod.name, pattern)
        and not any(owner.kind in {"ReplicaSet", "StatefulSet", "Job"} for owner in pod.metadata.owner_references)
    )


def daemon_sets(index: Index, pattern: re.Pattern[str]) -> tuple[DaemonSet, ...]:
    return tuple(item for item in index.snapshot.all(DaemonSet) if _is_agent(item.name, pattern))


def _has_agents(index: Index, pattern: re.Pattern[str]) -> bool:
    return bool(agents(index, pattern) or daemon_sets(index, pattern))


def has_proxy_pod(index: Index, name: str) -> bool:
    """A ready kube-proxy pod of the node was seen."""
    return any(_home(pod) == name and is_ready(pod) for pod in agents(index, _PROXY))


def _home(pod: Pod) -> str:
    """A DaemonSet's pod is bound to its node by affinity before it is scheduled."""
    if pod.spec.node_name:
        return pod.spec.node_name
    affinity = pod.spec.affinity.node_affinity if pod.spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    for term in required.node_selector_terms if required else ():
        for field in term.match_fields:
            if field.key == "metadata.name" and field.values:
                return field.values[0]
    return ""


def _troubles(index: Index, pattern: re.Pattern[str], ready: set[str]) -> Iterator[AgentTrouble]:
    pods, sets = agents(index, pattern), daemon_sets(index, pattern)
    if not pods and not sets:
        return
    owner = sets[0].ref if sets else Ref("DaemonSet", pods[0].namespace, pods[0].name.rpartition("-")[0])
    homes: dict[str, list[Pod]] = {}
    for pod in pods:
        homes.setdefault(_home(pod), []).append(pod)
    found = [
        _not_ready(index, name, owner, group)
        for name, group in sorted(homes.items())
        if name and ready_status(index, name) in ready and _all_unwell(index, group)
    ]
    found += [_missing(index, item, owner) for item in _without(index, owner.namespace, homes, ready)]
    served = any(is_ready(pod) for pod in pods)
    nodes = sum(1 for item in index.snapshot.all(Node) if not is_virtual(item)) or len(homes)
    if len(found) > 1 and not served and len(found) >= nodes:
        whole = tuple(part for item in found for part in item.evidence)[:4]
        yield AgentTrouble(
            "", owner, tuple(ref for item in found for ref in item.pods), found[0].state, found[0].peering, whole
        )
        return
    yield from found
    if not found and not pods:
        yield from _unscheduled(index, sets)


def _all_unwell(index: Index, group: list[Pod]) -> bool:
    return not any(is_ready(pod) for pod in group) and any(is_unwell(index, pod) for pod in group)


def _not_ready(index: Index, name: str, owner: Ref, group: list[Pod]) -> AgentTrouble:
    pod = next(item for item in group if is_unwell(index, item))
    told = next(
        (event for event in index.events_about(pod.ref) if event.reason in {"Unhealthy", "BackOff", "Failed"}), None
    )
    state = status_column(pod)
    text = f"{'not ready' if state == 'Running' else state}, {restarts(pod)} restarts"
    evidence = [state_evidence(pod, "status", text)]
    if told:
        evidence.append(Evidence(pod.ref, "event", f"{told.reason}: {told.text}"[:300], told.last_seen, True))
    peering = state == "Running" and bool(told and _PEERING.search(told.text))
    return AgentTrouble(name, owner, (pod.ref,), "not ready" if state == "Running" else state, peering, tuple(evidence))


def _without(index: Index, namespace: str, homes: dict[str, list[Pod]], ready: set[str]) -> list[Node]:
    """Ready Linux nodes on which no pod of the agent is; () where pods or nodes were not all seen."""
    if not (index.snapshot.lists_all("Pod", namespace) and index.snapshot.lists_all("Node", "*")):
        return []
    if any(not home for home in homes):
        return []  # a table without a NODE column
    return [
        item
        for item in index.snapshot.all(Node)
        if item.name not in homes
        and ready_status(index, item.name) in ready - {""}
        and item.labels.get("kubernetes.io/os", "linux") == "linux"
        and not is_virtual(item)
        and not _is_new(index, item)
    ]


def _is_new(index: Index, item: Node) -> bool:
    created = item.metadata.creation_timestamp
    return created is not None and (index.now - created).total_seconds() < 180


def _missing(index: Index, item: Node, owner: Ref) -> AgentTrouble:
    evidence = [Evidence(item.ref, f"pods of {owner.kind} {owner.namespace}/{owner.name}", "none on this node")]
    daemon_set = index.snapshot.get(DaemonSet, owner.namespace, owner.name)
    if daemon_set:
        status = daemon_set.status
        selector = daemon_set.spec.template.spec.node_selector
        chosen = f", nodeSelector {', '.join(f'{key}={value}' for key, value in sorted(selector.items()))}"
        evidence.append(
            state_evidence(
                daemon_set,
                "status",
                f"desired {status.desired_number_scheduled}, ready {status.number_ready}{chosen if selector else ''}",
            )
        )
    return AgentTrouble(item.name, owner, (), "missing", False, tuple(evidence))


def _unscheduled(index: Index, sets: tuple[DaemonSet, ...]) -> Iterator[AgentTrouble]:
    """A DaemonSet that wants no pod anywhere, though pods of others run: its nodeSelector fits no node."""
    running = any(is_ready(pod) for pod in index.pods)
    for item in sets:
        selector = item.spec.template.spec.node_selector
        odd = {key: value for key, value in selector.items() if not key.endswith("kubernetes.io/os")}
        if running and odd and not item.status.desired_number_scheduled:
            chosen = ", ".join(f"{key}={value}" for key, value in sorted(odd.items()))
            evidence = state_evidence(item, "spec.template.spec.nodeSelector", f"{chosen}; desired 0 pods")
            yield AgentTrouble("", item.ref, (), "missing", False, (evidence,))


def _deleted_proxy(index: Index) -> AgentTrouble | None:
    """Kubeadm leaves a ConfigMap kube-proxy; a cluster with it, and with neither the DaemonSet nor a data plane that replaces it, has lost kube-proxy."""
    config = index.snapshot.get(ConfigMap, "kube-system", "kube-proxy")
    owner = Ref("DaemonSet", "kube-system", "kube-proxy")
    if config is None or not index.snapshot.is_absent(owner) or not index.snapshot.lists_all("Pod", "kube-system"):
        return None
    replaced = any(
        _WITHOUT_PROXY.match(item.name) for kind in (DaemonSet, Pod, ConfigMap) for item in index.snapshot.all(kind)
    )
    if replaced or not index.pods_in("kube-system"):
        return None
    return AgentTrouble(
        "",
        owner,
        (),
        "missing",
        False,
        (state_evidence(config, "metadata.name", "its configuration exists, and DaemonSet kube-proxy does not"),),
    )
