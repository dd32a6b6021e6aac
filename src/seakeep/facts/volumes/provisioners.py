"""Who provisions volumes, and who mounts them on the nodes."""

from __future__ import annotations

import re

from seakeep.facts.index import Index
from seakeep.model.objects import Workload

# Words of a driver's name that every driver has.
_COMMON = frozenset(
    {
        "csi",
        "io",
        "com",
        "k8s",
        "kubernetes",
        "storage",
        "provisioner",
        "driver",
        "openebs",
        "org",
        "dev",
        "net",
        "sigs",
    }
)


def provisioner_workloads(index: Index, driver: str) -> tuple[Workload, ...]:
    """Deployments and StatefulSets that look like the driver's controller: its name among their containers' arguments or environment, or its own words in their name."""
    words = _words(driver)
    return tuple(
        workload
        for workload in index.workloads
        if workload.kind in {"Deployment", "StatefulSet"} and (_names(workload, driver) or _is_called(workload, words))
    )


def node_plugins(index: Index, driver: str) -> tuple[Workload, ...]:
    """DaemonSets that look like the driver's part on each node."""
    words = _words(driver)
    return tuple(
        workload
        for workload in index.workloads
        if workload.kind == "DaemonSet" and (_names(workload, driver) or _is_node_part(workload, words))
    )


def _words(driver: str) -> set[str]:
    own = driver.lower().rpartition("/")[2] or driver.lower()
    return {word for word in re.split(r"[^a-z0-9]+", own) if len(word) > 2} - _COMMON


def _is_node_part(workload: Workload, words: set[str]) -> bool:
    """One word will do: `ebs.csi.aws.com` is run by `ebs-csi-node`."""
    called = set(re.split(r"[^a-z0-9]+", workload.name.lower()))
    return bool(called & words) and bool(called & {"csi", "node", "plugin", "nodeplugin"})


def _names(workload: Workload, driver: str) -> bool:
    return any(
        any(driver in text for text in (*container.command, *container.args))
        or any(item.value == driver for item in container.env)
        for container in workload.spec.template.spec.containers
    )


def _is_called(workload: Workload, words: set[str]) -> bool:
    called = set(re.split(r"[^a-z0-9]+", workload.name.lower()))
    return bool(words) and bool(called & {"provisioner", "csi", "controller"}) and words <= called


def named_provisioner(message: str) -> str:
    """From the controller's ExternalProvisioning event."""
    match = re.search(r"external provisioner '(?P<name>[^']+)'", message)
    return match["name"] if match else "of its class"
