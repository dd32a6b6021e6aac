"""Who provisions volumes."""

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
    words = {
        word for word in re.split(r"[^a-z0-9]+", driver.lower().rpartition("/")[2] or driver.lower()) if len(word) > 2
    } - _COMMON
    return tuple(
        workload
        for workload in index.workloads
        if workload.kind in {"Deployment", "StatefulSet"} and (_names(workload, driver) or _is_called(workload, words))
    )


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
