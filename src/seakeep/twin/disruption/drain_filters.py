"""Which pods of a node `kubectl drain` takes, and which stop it. Source: kubectl pkg/drain/filters.go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import LabelSelector, Pod
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


class Filtered(Struct, frozen=True):
    """`kind` is Okay, Skip, Warning or Error, as kubectl has it."""

    pod: Pod
    delete: bool
    kind: str = "Okay"
    message: str = ""


def filtered(state: State, pod: Pod, options: DrainOptions, now: datetime) -> Filtered:
    """The first filter that keeps the pod decides; of several warnings the last one stays."""
    found = Filtered(pod, delete=True)
    for each in (_ending, _of_daemon_set, _mirror, _local_storage, _unmanaged):
        found = each(state, pod, options, now)
        if not found.delete:
            return found
    return found


def _ending(_: State, pod: Pod, options: DrainOptions, now: datetime) -> Filtered:
    return Filtered(pod, delete=False, kind="Skip") if overdue(pod, options, now) else Filtered(pod, delete=True)


def overdue(pod: Pod, options: DrainOptions, now: datetime) -> bool:
    """Ending for longer than --skip-wait-for-delete-timeout."""
    ending, least = pod.metadata.deletion_timestamp, options.skip_wait_for_delete_timeout
    return least > 0 and ending is not None and int((now - ending).total_seconds()) > least


def _of_daemon_set(state: State, pod: Pod, options: DrainOptions, _: datetime) -> Filtered:
    owner = next((item for item in pod.metadata.owner_references if item.controller), None)
    if owner is None or (owner.kind, owner.api_version) != ("DaemonSet", "apps/v1") or is_ended(pod):
        return Filtered(pod, delete=True)
    if state.is_absent(Ref("DaemonSet", pod.namespace, owner.name)):
        message = f'daemonsets.apps "{owner.name}" not found'
        return Filtered(pod, delete=options.force, kind="Warning" if options.force else "Error", message=message)
    if not options.ignore_daemonsets:
        return _error(pod, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
    return Filtered(pod, delete=False, kind="Warning", message="ignoring DaemonSet-managed Pods")


def _mirror(_: State, pod: Pod, _options: DrainOptions, _now: datetime) -> Filtered:
    return (
        Filtered(pod, delete=False, kind="Skip") if _MIRROR in pod.metadata.annotations else Filtered(pod, delete=True)
    )


def _local_storage(_: State, pod: Pod, options: DrainOptions, _now: datetime) -> Filtered:
    if is_ended(pod) or all(volume.empty_dir is None for volume in pod.spec.volumes):
        return Filtered(pod, delete=True)
    if not options.delete_emptydir_data:
        return _error(pod, "Pods with local storage (use --delete-emptydir-data to override)")
    return Filtered(pod, delete=True, kind="Warning", message="deleting Pods with local storage")


def _unmanaged(_: State, pod: Pod, options: DrainOptions, _now: datetime) -> Filtered:
    if is_ended(pod) or any(item.controller for item in pod.metadata.owner_references):
        return Filtered(pod, delete=True)
    if options.force:
        return Filtered(pod, delete=True, kind="Warning", message="deleting Pods that declare no controller")
    return _error(pod, "Pods that declare no controller (use --force to override)")


def _error(pod: Pod, message: str) -> Filtered:
    return Filtered(pod, delete=False, kind="Error", message=message)


def grouped(found: Iterable[Filtered], kind: str) -> list[str]:
    """`message: ns/pod, ns/pod` for each message of a kind, in the order in which they come (kubectl's own order is a map's)."""
    groups: dict[str, list[str]] = {}
    for item in found:
        if item.kind == kind:
            groups.setdefault(item.message, []).append(f"{item.pod.namespace}/{item.pod.name}")
    return [f"{message}: {', '.join(names)}" for message, names in groups.items()]
