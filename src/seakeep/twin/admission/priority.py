"""Priority: a class becomes a number; only one class may be the default. Source: plugin/pkg/admission/priority."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Pod, PriorityClass
from seakeep.model.refs import Ref
from seakeep.twin.admission.request import Request
from seakeep.twin.state import State

# Every API server makes these two itself (pkg/apis/scheduling/v1/helpers.go); a snapshot may leave them out.
_SYSTEM = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_PREEMPT = "PreemptLowerPriority"


def mutate(request: Request, pod: Pod) -> Pod:
    """Raises RejectedError for a class that is known not to exist. A class that was not read leaves the priority as the pod says."""
    old = request.old
    if isinstance(old, Pod):
        spec = replace(
            pod.spec,
            priority=old.spec.priority if pod.spec.priority is None else pod.spec.priority,
            preemption_policy=pod.spec.preemption_policy or old.spec.preemption_policy,
        )
        return replace(pod, spec=spec)
    name = pod.spec.priority_class_name
    found = request.state.get(PriorityClass, "", name) if name else default_class(request.state)
    if found is not None:
        return _with(request, pod, found.name, found.value, found.preemption_policy or _PREEMPT)
    if name in _SYSTEM:
        return _with(request, pod, name, _SYSTEM[name], _PREEMPT)
    if not name:
        return _with(request, pod, "", 0, _PREEMPT)
    if request.state.is_absent(Ref("PriorityClass", "", name)):
        raise request.forbidden(f"no PriorityClass with name {name} was found")
    return pod


def _with(request: Request, pod: Pod, name: str, value: int, policy: str) -> Pod:
    spec = pod.spec
    if spec.priority is not None and spec.priority != value:
        raise request.forbidden(
            f"the integer value of priority ({spec.priority}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name"
        )
    if spec.preemption_policy and spec.preemption_policy != policy:
        raise request.forbidden(
            f"the string value of PreemptionPolicy ({spec.preemption_policy}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"
        )
    return replace(pod, spec=replace(spec, priority_class_name=name, priority=value, preemption_policy=policy))


def default_class(state: State) -> PriorityClass | None:
    """Of several (a race made them) the lowest."""
    found = [item for item in state.all(PriorityClass) if item.global_default]
    return min(found, key=lambda item: item.value) if found else None


def validate(request: Request, item: PriorityClass) -> None:
    """Raises RejectedError for a second default class."""
    default = default_class(request.state) if item.global_default else None
    if default is not None and (request.creates or default.name != item.name):
        raise request.forbidden(
            f"PriorityClass {default.name} is already marked as default. Only one default can exist"
        )
