"""Faults of a snapshot's pods as the testbed's annotations: pods that a controller makes anew fail in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.testing.testbed.nodes import PREFIX
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.state import controller_of

_BY_REASON = {
    "ErrImagePull": "image-pull-error",
    "ImagePullBackOff": "image-pull-error",
    "ErrImageNeverPull": "image-never-pull",
    "InvalidImageName": "image-invalid-name",
    "CreateContainerConfigError": "create-container-config-error",
    "CreateContainerError": "create-container-error",
    "RunContainerError": "run-container-error",
    "ContainerCreating": "failed-mount",
    "PodInitializing": "failed-mount",
}


def by_owner(faults: Iterable[tuple[Pod, Fault]]) -> Mapping[Ref, dict[str, str]]:
    """The annotations of the templates of what owns the failing pods directly: the first pod's by name where they fail differently."""
    found: dict[Ref, dict[str, str]] = {}
    for pod, fault in sorted(faults, key=lambda entry: entry[0].ref):
        owner = controller_of(pod)
        if owner is not None:
            found.setdefault(owner, said_of(pod, fault))
    return found


def said_of(pod: Pod, fault: Fault) -> dict[str, str]:
    said = {"fault": _kind(pod, fault)}
    if fault.container:
        said["container"] = fault.container
    text = fault.exit_message if fault.crashes else fault.message
    if text:
        said["message"] = text
    if fault.crashes:
        said |= {"exit-code": str(fault.exit_code), "exit-reason": fault.exit_reason}
    return {PREFIX + key: value for key, value in said.items()}


def _kind(pod: Pod, fault: Fault) -> str:
    init = any(item.name == fault.container for item in pod.spec.init_containers)
    if fault.crashes:
        return "oom-killed" if fault.exit_reason == "OOMKilled" else "init-crash-loop" if init else "crash-loop"
    if not fault.reason:
        return "init-waiting" if init else "readiness-failing"
    return _BY_REASON.get(fault.reason, "readiness-failing")
