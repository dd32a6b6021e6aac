"""A node's CSI driver does not run, so volumes of its kind cannot be mounted there.

What: pods stay in ContainerCreating with "driver name … not found in the list of registered CSI drivers". The driver's DaemonSet has no ready pod on the node, or there is no such DaemonSet.

Why: the driver's pod crashes or is not scheduled there (a taint, a selector), it was uninstalled while volumes were still in use, or it registers in another kubelet directory.

Bad:
    kubectl get csinode worker-2     # DRIVERS 0

Good:
    kubectl get csinode worker-2     # DRIVERS 1

Ignore when: the node joined a minute ago and the driver is still starting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.mounting import MountFailure, Obstruction, mount_failures
from seakeep.facts.volumes.provisioners import node_plugins
from seakeep.facts.workloads.podstate import is_ready, status_column
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod, Workload


def find(index: Index) -> Iterable[Candidate]:
    groups: dict[tuple[str, str], list[MountFailure]] = defaultdict(list)
    for item in mount_failures(index):
        if item.obstruction is Obstruction.DRIVER and item.node:
            groups[item.named, item.node].append(item)
    for (driver, node), failures in sorted(groups.items()):
        plugin = next(iter(node_plugins(index, driver)), None)
        parts = _on_node(index, plugin, node)
        broken = [pod for pod in parts if not is_ready(pod)]
        gone = plugin is not None and not parts and index.snapshot.lists_all("Pod", plugin.namespace)
        state = f"its pod there is {status_column(broken[0])}" if broken else "it has no pod there" if gone else ""
        whose = f" of DaemonSet {plugin.name}" if plugin else ""
        yield Candidate(
            id="csi-driver-missing",
            object=plugin.ref if plugin else node_ref(node),
            summary=f"CSI driver {driver}{whose} is not registered on node {node}{f': {state}' if state else ''}",
            evidence=(
                *(item.evidence for item in failures[:3]),
                *(state_evidence(pod, "status", status_column(pod)) for pod in broken[:2]),
            ),
            affects=(*(item.pod.ref for item in failures), *(pod.ref for pod in broken)),
            repair=Repair(
                f"Bring the driver's pod on node {node} up: look at its log, and whether DaemonSet {plugin.name} selects and tolerates the node."
                if plugin
                else f"Install the node part of CSI driver {driver}, or bring its pod on node {node} up."
            ),
            confidence=PROVEN if state else LIKELY,
            settled_by="" if state else f"kubectl get csinode {quote(node)} -o yaml",
        )


def _on_node(index: Index, plugin: Workload | None, node: str) -> list[Pod]:
    pods = index.pods_by_workload.get(plugin.ref, ()) if plugin else ()
    return [pod for pod in pods if pod.spec.node_name == node]


CAUSE = CauseLeaf(id="csi-driver-missing", title="CSI driver does not run on the node", reads=(Pod,), find=find)
