"""ConfigMaps, Secrets and keys without which the kubelet makes no container. Source: pkg/kubelet/kubelet_pods.go `makeEnvironmentVariables`, pkg/volume/{configmap,secret}."""

from __future__ import annotations

from collections.abc import Collection

from seakeep.facts.references.podspec_references import Reference, references
from seakeep.model.objects import ConfigMap, KubeObject, Pod, PodSpec, Secret
from seakeep.model.refs import Ref
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.memo import by_identity
from seakeep.twin.state import State


def missing(state: State, pod: Pod) -> Fault | None:
    """The first that is known not to exist, in the kubelet's words; what was never read may exist. Asked of pods of which no container has run."""
    for item in _needed(pod.spec):
        told = _told(state, pod.metadata.namespace, item)
        if told and item.container:
            return Fault(item.container, "CreateContainerConfigError", told)
        if told:
            first = next(iter((*pod.spec.init_containers, *pod.spec.containers)))
            volume = item.place.removeprefix("volume ")
            return Fault(first.name, "ContainerCreating", f'MountVolume.SetUp failed for volume "{volume}" : {told}')
    return None


@by_identity
def _needed(spec: PodSpec) -> tuple[Reference, ...]:
    """Volumes come before all containers."""
    return tuple(sorted(references(spec), key=lambda item: bool(item.container)))


def _told(state: State, space: str, item: Reference) -> str:
    ref = Ref(item.kind, space, item.name)
    found = state.find(ref)
    if found is None:
        return f'{item.kind.lower()} "{item.name}" not found' if state.is_absent(ref) else ""
    if not item.key or not (keys := _keys(found)) or item.key in keys:
        return ""
    if item.container:
        return f"couldn't find key {item.key} in {item.kind} {space}/{item.name}"
    return f"references non-existent {item.kind.lower()} key: {item.key}"


def _keys(found: KubeObject) -> Collection[str]:
    """None where a source does not show them."""
    if isinstance(found, ConfigMap):
        return {*found.data, *found.binary_data}
    return found.keys if isinstance(found, Secret) else ()
