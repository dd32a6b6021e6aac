"""Plugin NodeDeclaredFeatures: what a pod needs that not every kubelet can do (`status.declaredFeatures` of nodes). Source: component-helpers `nodedeclaredfeatures`, Kubernetes 1.37."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from seakeep.model.objects import Pod
from seakeep.twin.scheduler.plugin import Cycle, Refusal, mask

LACKING = "node(s) didn't match Pod's required features"


def declared(cycle: Cycle) -> Iterator[Refusal]:
    wanted = cycle.kind.ask(required)
    if wanted:
        lacking = mask(not wanted <= _known(node.status.declared_features) for node in cycle.cluster.nodes)
        yield Refusal(lacking, (LACKING,))


def _known(told: Sequence[str]) -> set[str]:
    """kube-scheduler reads the names in their order, which the API server asks for: one that follows a greater one is passed over."""
    return {name for name, highest in zip(told, accumulate(told, max), strict=True) if name == highest}


def required(pod: Pod) -> frozenset[str]:
    """The features that a pod asks of its node; others matter only when a running pod is changed."""
    spec = pod.spec
    found: set[str] = set()
    for container in (*spec.containers, *spec.init_containers):
        if any(item.get("action") == "RestartAllContainers" for item in container.restart_policy_rules):
            found.add("RestartAllContainersOnContainerExits")
        if any(item.bind_mount_options for item in container.volume_mounts):
            found.add("VolumeBindMountOptions")
    if spec.host_network and spec.host_users is False:
        found.add("UserNamespacesHostNetworkSupport")
    return frozenset(found)
