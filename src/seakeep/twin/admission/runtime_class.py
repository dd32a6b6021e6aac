"""RuntimeClass: a class brings its overhead, node selector and tolerations to a new pod. Source: plugin/pkg/admission/runtimeclass, pkg/util/tolerations (MergeTolerations)."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Pod, RuntimeClass
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import Toleration
from seakeep.model.quantity import QuantityError
from seakeep.model.refs import Ref
from seakeep.twin.admission.amounts import parse
from seakeep.twin.admission.request import Request

_OTHER = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
_ALONE = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


def mutate(request: Request, pod: Pod) -> Pod:
    """Raises RejectedError for a class that is known not to exist, and for a pod that wants something else. A class that was not read leaves the pod as it is."""
    name = pod.spec.runtime_class_name
    if request.old is not None or not name:
        return pod
    found = request.state.get(RuntimeClass, "", name)
    if found is None:
        if request.state.is_absent(Ref("RuntimeClass", "", name)):
            raise request.forbidden(f'pod rejected: RuntimeClass "{name}" not found')
        return pod
    spec = pod.spec
    if found.overhead is not None:
        fixed = found.overhead.pod_fixed
        if spec.overhead and not _same(fixed, spec.overhead):
            raise request.forbidden(_OTHER)
        spec = replace(spec, overhead=fixed)
    if found.scheduling is not None:
        spec = replace(
            spec,
            node_selector=_selector(request, spec.node_selector, found.scheduling.node_selector),
            tolerations=_merged((*spec.tolerations, *found.scheduling.tolerations)),
        )
    return replace(pod, spec=spec)


def validate(request: Request, pod: Pod) -> None:
    """Raises RejectedError for an overhead that no class has given it."""
    name = pod.spec.runtime_class_name
    if request.old is not None or not pod.spec.overhead:
        return
    found = request.state.get(RuntimeClass, "", name) if name else None
    if name and found is None:
        return  # not read
    if found is None or found.overhead is None:
        raise request.forbidden(_ALONE)
    if not _same(found.overhead.pod_fixed, pod.spec.overhead):
        raise request.forbidden(_OTHER)


def _same(one: Quantities, other: Quantities) -> bool:
    """By value, however it is written."""
    try:
        values = [{name: parse(text).nano for name, text in each.items()} for each in (one, other)]
    except QuantityError:
        return one == other
    return values[0] == values[1]


def _selector(request: Request, own: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Raises RejectedError for a label that the pod wants to have another value."""
    for key, value in given.items():
        if own.get(key, value) != value:
            raise request.forbidden(
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own[key]}"
            )
    return {**own, **given}


def _merged(tolerations: tuple[Toleration, ...]) -> tuple[Toleration, ...]:
    """What another one covers is left out; of equal ones the first stays."""
    kept: list[Toleration] = []
    for number, item in enumerate(tolerations):
        later = (each for each in tolerations[number + 1 :] if each != item)
        if not any(_covers(each, item) for each in (*kept, *later)):
            kept.append(item)
    return tuple(kept)


def _covers(wide: Toleration, item: Toleration) -> bool:
    if wide == item:
        return True
    exists = wide.operator == "Exists"
    if item.key != wide.key and not (exists and not wide.key):
        return False
    if wide.effect not in {item.effect, ""}:
        return False
    if wide.effect == "NoExecute" and wide.toleration_seconds is not None:
        own = item.toleration_seconds
        if own is None or own > wide.toleration_seconds:
            return False
    return exists or (wide.operator == item.operator == "Equal" and item.value == wide.value)
