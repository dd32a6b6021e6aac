"""Which pods of a node `kubectl drain` takes, and which stop it. Source: kubectl pkg/drain/filters.go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import LabelSelector, OwnerReference, Pod
from seakeep.model.objects.pods import PodSpec
from seakeep.model.refs import Ref
from seakeep.twin.state import State

_MIRROR = "kubernetes.io/config.mirror"


@dataclass(frozen=True, slots=True)
class DrainOptions:
    """The flags of `kubectl drain`, with its defaults. `patience` is the twin's own: it gives up when so many seconds brought no progress."""

    force: bool = False
    ignore_daemonsets: bool = False
    delete_emptydir_data: bool = False
    grace_period: int = -1
    timeout: float = 0.0
    disable_eviction: bool = False
    pod_selector: LabelSelector | None = None
    skip_wait_for_delete_timeout: int = 0
    patience: float = 3600.0


class Filtered(Struct, frozen=True, gc=False):
    """`kind` is Okay, Skip, Warning or Error, as kubectl has it."""

    pod: Pod
    delete: bool
    kind: str = "Okay"
    message: str = ""


def filtered(state: State, pod: Pod, options: DrainOptions, now: datetime) -> Filtered:
    """The first filter that keeps the pod decides; of several warnings only that of the last filter stays."""
    if overdue(pod, options, now):
        return Filtered(pod, delete=False, kind="Skip")
    ended = is_ended(pod)
    owner = next((item for item in pod.metadata.owner_references if item.controller), None)
    if owner is not None and owner.kind == "DaemonSet" and owner.api_version == "apps/v1" and not ended:
        found = _of_daemon_set(state, pod, owner, options)
        if not found.delete:
            return found
    if _MIRROR in pod.metadata.annotations:
        return Filtered(pod, delete=False, kind="Skip")
    if not ended and not options.delete_emptydir_data and _has_local_storage(pod.spec):
        return _error(pod, "Pods with local storage (use --delete-emptydir-data to override)")
    if not ended and owner is None:
        if options.force:
            return Filtered(pod, delete=True, kind="Warning", message="deleting Pods that declare no controller")
        return _error(pod, "Pods that declare no controller (use --force to override)")
    return Filtered(pod, delete=True)


def overdue(pod: Pod, options: DrainOptions, now: datetime) -> bool:
    """Ending for longer than --skip-wait-for-delete-timeout."""
    ending, least = pod.metadata.deletion_timestamp, options.skip_wait_for_delete_timeout
    return least > 0 and ending is not None and int((now - ending).total_seconds()) > least


def _of_daemon_set(state: State, pod: Pod, owner: OwnerReference, options: DrainOptions) -> Filtered:
    if state.is_absent(Ref("DaemonSet", pod.namespace, owner.name)):
        message = f'daemonsets.apps "{owner.name}" not found'
        return Filtered(pod, delete=options.force, kind="Warning" if options.force else "Error", message=message)
    if not options.ignore_daemonsets:
        return _error(pod, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
    return Filtered(pod, delete=False, kind="Warning", message="ignoring DaemonSet-managed Pods")


def _has_local_storage(spec: PodSpec) -> bool:
    for volume in spec.volumes:  # noqa: SIM110 - asked of every pod of a node
        if volume.empty_dir is not None:
            return True
    return False


def _error(pod: Pod, message: str) -> Filtered:
    return Filtered(pod, delete=False, kind="Error", message=message)


def grouped(found: Iterable[Filtered], kind: str) -> list[str]:
    """`message: ns/pod, ns/pod` for each message of a kind, in the order in which they come (kubectl's own order is a map's)."""
    groups: dict[str, list[str]] = {}
    for item in found:
        if item.kind == kind:
            groups.setdefault(item.message, []).append(f"{item.pod.namespace}/{item.pod.name}")
    return [f"{message}: {', '.join(names)}" for message, names in groups.items()]
