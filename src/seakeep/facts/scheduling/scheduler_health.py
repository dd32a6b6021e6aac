"""Whether the scheduler works: pods that it has not looked at, its own pod, its lease, its unit."""

from __future__ import annotations

from datetime import timedelta

from seakeep.facts.index import Index
from seakeep.facts.nodes.control_plane import component_node, component_pods, component_signs, is_listed_absent
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.scheduling.placement import is_control_plane
from seakeep.facts.scheduling.scheduling import scheduler_message, waits_for_node
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Node, PersistentVolumeClaim, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# The scheduler looks at a new pod within milliseconds; a minute is generous.
PATIENCE = timedelta(seconds=60)
DEFAULT_SCHEDULER = "default-scheduler"
COMPONENT = "kube-scheduler"


@once
def untouched(index: Index) -> tuple[Pod, ...]:
    """Pending pods of the default scheduler that have neither a PodScheduled condition nor a FailedScheduling event.

    A table shows no conditions: there a pod counts only where events were read and none is about it.
    """
    return tuple(
        pod for pod in index.pods if is_untouched(index, pod) and scheduler_of(index, pod) == DEFAULT_SCHEDULER
    )


def overlooked(index: Index) -> tuple[Pod, ...]:
    """Those that are older than a minute: where nothing else tells of the scheduler, others may only have come."""
    return tuple(pod for pod in untouched(index) if is_waiting_long(index, pod))


def is_waiting_long(index: Index, pod: Pod) -> bool:
    created = pod.metadata.creation_timestamp
    return created is None or index.now - created >= PATIENCE


def scheduler_of(index: Index, pod: Pod) -> str:
    """Only a manifest shows it: where the pod's was not seen, its workload's template does."""
    spec = pod.spec
    if index.snapshot.depth(pod.ref) is not Depth.FULL:
        template = template_of(index, workload_of(index, pod))
        spec = template.spec if template and template.full else spec
    return spec.scheduler_name or DEFAULT_SCHEDULER


def is_untouched(index: Index, pod: Pod) -> bool:
    """No scheduler has said a word of it."""
    depth = index.snapshot.depth(pod.ref)
    if not waits_for_node(pod) or scheduler_message(index, pod)[0]:
        return False
    scheduled = [item.status for item in pod.status.conditions if item.type == "PodScheduled"]
    if any(status != "Unknown" for status in scheduled):
        return False
    if depth >= Depth.DESCRIBED and _waits_for_volume(index, pod):
        return False  # the scheduler has chosen a node and waits for the volume; it says so only after ten minutes
    if depth >= Depth.DESCRIBED and any(event.reason == "Scheduled" for event in index.events_about(pod.ref)):
        return False
    # A row shows no conditions, a description may be cut off before its events: then the events must have been read.
    shown = depth >= Depth.DESCRIBED and not scheduled
    return shown or (depth >= Depth.TABLE and index.snapshot.lists_all("Event", pod.namespace))


def _waits_for_volume(index: Index, pod: Pod) -> bool:
    claims = [index.snapshot.get(PersistentVolumeClaim, pod.namespace, name) for name in claim_names(pod.spec)]
    return any(
        claim is not None
        and claim.status.phase == "Pending"
        and (
            "volume.kubernetes.io/selected-node" in claim.metadata.annotations
            or any(
                event.reason in {"ExternalProvisioning", "Provisioning", "ProvisioningFailed"}
                for event in index.events_about(claim.ref)
            )
        )
        for claim in claims
    )


def scheduler_pods(index: Index) -> tuple[Pod, ...]:
    return component_pods(index, COMPONENT)


def node_of(pod: Pod) -> Ref | None:
    return component_node(pod, COMPONENT)


def control_plane_nodes(index: Index) -> tuple[Ref, ...]:
    return tuple(node.ref for node in index.snapshot.all(Node) if is_control_plane(node))


def signs_of_trouble(index: Index) -> tuple[Evidence, ...]:
    """What shows that the scheduler itself does not run; () where nothing does."""
    return component_signs(index, COMPONENT, frozenset({"KubeSchedulerDown", "KubeSchedulerAbsent"}))


def scheduler_is_listed_absent(index: Index) -> bool:
    return is_listed_absent(index, COMPONENT)
