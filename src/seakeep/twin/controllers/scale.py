"""How many pods their owners want: what a PodDisruptionBudget counts as expected. Source: pkg/controller/disruption (`getExpectedScale` and its finders)."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.model.objects import (
    Deployment,
    KubeObject,
    OwnerReference,
    Pod,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
)
from seakeep.model.refs import Ref
from seakeep.twin.state import State

_Scalable = Deployment | ReplicaSet | StatefulSet | ReplicationController
_GROUPS = {
    "ReplicaSet": ("apps", "extensions"),
    "StatefulSet": ("apps",),
    "ReplicationController": ("",),
    "Deployment": ("apps", "extensions"),
}
# Resources of Kubernetes' own API groups have no scale besides the four above.
_OWN_GROUPS = frozenset({"", "apps", "batch", "policy", "autoscaling", "extensions"})


class ScaleError(Exception):
    """The scale of an owner cannot be told; the text is the controller's."""


def expected_scale(state: State, pods: Sequence[Pod]) -> int:
    """The scales of the controllers of the pods, each once; pods without one do not count. Raises ScaleError."""
    scales: dict[str, int] = {}
    asked: set[tuple[str, str, str]] = set()
    for pod in pods:
        owner = next((item for item in pod.metadata.owner_references if item.controller), None)
        if owner is None or (owner.kind, owner.name, owner.uid) in asked:
            continue
        asked.add((owner.kind, owner.name, owner.uid))
        found = _scale(state, pod, owner)
        if found is None:
            raise ScaleError(f'found no controllers for pod "{pod.name}"')
        scales[found[0]] = found[1]
    return sum(scales.values())


def _scale(state: State, pod: Pod, owner: OwnerReference) -> tuple[str, int] | None:
    """(whose, how many), or None where the owner does not exist."""
    group = owner.api_version.rpartition("/")[0]
    ref = Ref(owner.kind, pod.namespace, owner.name)
    if group not in _GROUPS.get(owner.kind, (group,)) or owner.kind not in _GROUPS:
        return _by_subresource(state, ref, group, owner)
    item = state.find(ref)
    if item is None:
        return None if state.is_absent(ref) else (str(ref), len(state.pods_of(ref)))
    if not isinstance(item, _Scalable) or not _same(item, owner.uid):
        return None
    above = next((each for each in item.metadata.owner_references if each.controller), None)
    if isinstance(item, ReplicaSet) and above is not None and above.kind == "Deployment":
        deployment = state.get(Deployment, pod.namespace, above.name)
        if deployment is not None and _same(deployment, above.uid):
            item = deployment
    return str(item.ref), 1 if item.spec.replicas is None else item.spec.replicas


def _same(item: KubeObject, uid: str) -> bool:
    """A table shows no uid."""
    return not uid or not item.metadata.uid or item.metadata.uid == uid


def _by_subresource(state: State, ref: Ref, group: str, owner: OwnerReference) -> tuple[str, int] | None:
    if group in _OWN_GROUPS:
        resource = f"{ref.kind.lower()}s" + (f".{group}" if group else "")
        raise ScaleError(f"{resource} does not implement the scale subresource")
    definitions = [item for item in state.of_kind("CustomResourceDefinition") if _defines(item, group, ref.kind)]
    if not definitions:
        if state.is_absent(Ref("CustomResourceDefinition", "", f"{ref.kind.lower()}s.{group}")):
            raise ScaleError(f'no matches for kind "{ref.kind}" in version "{owner.api_version}"')
        return str(ref), len(state.pods_of(ref))  # definitions were not read: what runs is the best guess
    spec = getattr(definitions[0], "spec", {})
    version = owner.api_version.rpartition("/")[2]
    scale = next(
        (
            item.get("subresources", {}).get("scale")
            for item in spec.get("versions", ())
            if item.get("name") == version and item.get("subresources")
        ),
        None,
    )
    if scale is None:
        raise ScaleError(f"{spec['names'].get('plural', '')}.{group} does not implement the scale subresource")
    item = state.find(ref)
    if item is None:
        return None if state.is_absent(ref) else (str(ref), len(state.pods_of(ref)))
    if not _same(item, owner.uid):
        return None
    path = str(scale.get("specReplicasPath", ""))
    replicas = _at(item, path)
    if replicas is None:
        raise ScaleError(f'Internal error occurred: the spec replicas field "{path}" does not exist')
    return str(ref), replicas


def _defines(item: KubeObject, group: str, kind: str) -> bool:
    spec = getattr(item, "spec", None)
    return isinstance(spec, dict) and spec.get("group") == group and spec.get("names", {}).get("kind") == kind


def _at(item: KubeObject, path: str) -> int | None:
    """`.spec.replicas` and the like."""
    parts = path.strip(".").split(".")
    found: object = getattr(item, "spec", None) if parts[0] == "spec" else None
    for part in parts[1:]:
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, int) else None
