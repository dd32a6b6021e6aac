"""Plugin NodeVolumeLimits: how many volumes a CSI driver may attach to a node (CSINode), counting those of placed pods and of attachments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from seakeep.model.objects import (
    CSIDriver,
    CSINode,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    StorageClass,
    VolumeAttachment,
)
from seakeep.twin.scheduler.claims import claim_name, class_of, foreign, is_owned
from seakeep.twin.scheduler.migration import attached_by, driver_of, inline, is_migratable, served
from seakeep.twin.scheduler.plugin import Cycle, Refusal, mask
from seakeep.twin.state import State

TOO_MANY = "node(s) exceed max volume count"
# Unique volume → driver.
Attached = dict[str, str]


def limits(cycle: Cycle) -> Iterator[Refusal]:
    if not cycle.kind.ask(attaches):
        return
    cluster = cycle.cluster
    known: dict[frozenset[str], Attached] = {}
    found: dict[tuple[str, bool], list[int]] = {}
    attachments = _attachments(cluster.objects)
    for position, node in enumerate(cluster.nodes):
        csi_node = cluster.objects.get(CSINode, "", node.name)
        plugins = served(csi_node)
        if plugins not in known:
            known[plugins] = attached(cluster.objects, cycle.pod, plugins)
        wanted = known[plugins]
        if not wanted:
            continue
        missing = _missing(cluster.objects, csi_node, wanted)
        pods = cluster.pods_on[position].values()
        refused = missing or _full(cluster.objects, csi_node, pods, wanted, attachments.get(node.name, {}))
        if refused is not None:
            found.setdefault(refused, []).append(position)
    for (reason, resolvable), positions in sorted(found.items()):
        here = set(positions)
        yield Refusal(mask(each in here for each in range(cluster.size)), (reason,), resolvable=resolvable)


def attaches(pod: Pod) -> bool:
    return any(
        item.persistent_volume_claim is not None or item.ephemeral is not None or is_migratable(item)
        for item in pod.spec.volumes
    )


def _missing(objects: State, csi_node: CSINode | None, wanted: Attached) -> tuple[str, bool] | None:
    here = {item.name for item in csi_node.spec.drivers} if csi_node is not None else set()
    for driver in sorted(set(wanted.values()) - here):
        found = objects.get(CSIDriver, "", driver)
        if found is not None and found.spec.prevent_pod_scheduling_if_missing:
            return f"{driver} CSI driver is not installed on the node", True
    return None


def _full(
    objects: State, csi_node: CSINode | None, pods: Iterable[Pod], wanted: Attached, attachments: Attached
) -> tuple[str, bool] | None:
    allowed = {
        item.name: item.allocatable.count
        for item in (csi_node.spec.drivers if csi_node is not None else ())
        if item.allocatable and item.allocatable.count is not None
    }
    if not allowed:
        return None
    used: Attached = {}
    for pod in pods:
        foreign = _foreign(objects, pod)
        if foreign:
            # An error of kube-scheduler, which does not place the pod then.
            return f'running "NodeVolumeLimits" filter plugin: {foreign}', False
        used |= attached(objects, pod, served(csi_node))
    counts = Counter(used.values())
    counts.update(driver for volume, driver in attachments.items() if volume not in used)
    more = Counter(driver for volume, driver in wanted.items() if volume not in used)
    if any(driver in allowed and counts[driver] + count > allowed[driver] for driver, count in more.items()):
        return TOO_MANY, True
    return None


def _foreign(objects: State, pod: Pod) -> str:
    """What is said of the first claim that has the name of a generic ephemeral volume's and is not the pod's own."""
    for volume in pod.spec.volumes:
        if volume.ephemeral is not None:
            claim = objects.get(PersistentVolumeClaim, pod.namespace, claim_name(pod, volume))
            if claim is not None and not is_owned(claim, pod):
                return foreign(claim, pod)
    return ""


def attached(objects: State, pod: Pod, plugins: frozenset[str]) -> Attached:
    """What CSI drivers attach for a pod on a node where these in-tree plugins have been migrated."""
    found: Attached = {}
    for volume in pod.spec.volumes:
        name = claim_name(pod, volume)
        if name:
            claim = objects.get(PersistentVolumeClaim, pod.namespace, name)
            driver, handle = _of_claim(objects, claim, plugins) if claim is not None else ("", "")
        else:
            driver, handle = inline(volume, plugins)
        if driver and handle:
            found[f"{driver}/{handle}"] = driver
    return found


def _of_claim(objects: State, claim: PersistentVolumeClaim, plugins: frozenset[str]) -> tuple[str, str]:
    volume = objects.get(PersistentVolume, "", claim.spec.volume_name) if claim.spec.volume_name else None
    if volume is not None:
        return attached_by(volume, plugins)
    # No volume yet: it counts as one of its class's driver.
    name = class_of(claim)
    found = objects.get(StorageClass, "", name) if name else None
    driver = driver_of(found.provisioner, plugins) if found is not None else ""
    return driver, f"*/{claim.namespace}/{claim.name}"


def _attachments(objects: State) -> Mapping[str, Attached]:
    """By node: what is attached there, whichever pod asked for it."""
    found: dict[str, Attached] = {}
    for item in objects.all(VolumeAttachment):
        volume = objects.get(PersistentVolume, "", str(item.spec.source.get("persistentVolumeName", "")))
        if item.spec.attacher and volume is not None and volume.spec.csi:
            handle = f"{item.spec.attacher}/{volume.spec.csi.get('volumeHandle', '')}"
            found.setdefault(item.spec.node_name, {})[handle] = item.spec.attacher
    return found
