"""Faults of a snapshot's pods as the testbed's annotations: pods that a controller makes anew fail in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import Deployment, Pod, ReplicaSet
from seakeep.model.objects.pods import PodTemplate
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
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


class Fates:
    def __init__(self, snapshot: Snapshot, faults: Iterable[tuple[Pod, Fault]]) -> None:
        self._snapshot = snapshot
        # The annotations of what owns the failing pods directly: the first pod's by name where they fail differently.
        self._said: dict[Ref, dict[str, str]] = {}
        for pod, fault in sorted(faults, key=lambda entry: entry[0].ref):
            owner = controller_of(pod)
            if owner is not None:
                self._said.setdefault(owner, _annotations(pod, fault))

    def on(self, item: Any) -> Any:
        """A workload with the annotations that make its new pods fail as those that were seen."""
        said = self._said.get(item.ref)
        if said is None and isinstance(item, Deployment):
            said = next((self._said[each.ref] for each in self._current(item) if each.ref in self._said), None)
        if said is None:
            return item
        template = item.spec.template
        metadata = replace(template.metadata, annotations={**template.metadata.annotations, **said})
        return replace(item, spec=replace(item.spec, template=replace(template, metadata=metadata)))

    def _current(self, item: Deployment) -> Iterable[ReplicaSet]:
        """The ReplicaSet of the Deployment's present template."""
        for each in self._snapshot.all(ReplicaSet):
            if controller_of(each) == item.ref and _plain(each.spec.template) == _plain(item.spec.template):
                yield each


def _plain(template: PodTemplate) -> object:
    labels = {key: value for key, value in template.metadata.labels.items() if key != "pod-template-hash"}
    return (labels, template.metadata.annotations, template.spec)


def _annotations(pod: Pod, fault: Fault) -> dict[str, str]:
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
