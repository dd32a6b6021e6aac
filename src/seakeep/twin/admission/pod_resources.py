"""What a pod requests and limits as a whole, with pod-level resources, overhead, init and sidecar containers. Source: component-helpers `resource.PodRequests` and `PodLimits`, pkg/apis/core/helper/qos."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from seakeep.model.objects import Container, ContainerStatus, Pod, PodSpec
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import Resources
from seakeep.twin.admission.amounts import ZERO, Amounts, add, amounts, quantities, raise_to
from seakeep.twin.memo import by_identity

_Of = Callable[[Container], Quantities]


def pod_level(name: str) -> bool:
    """Whether the resource may be set for the pod as a whole."""
    return name in {"cpu", "memory"} or name.startswith("hugepages-")


def overcommitted(name: str) -> bool:
    """Whether requests may be lower than limits: not for huge pages and extended resources."""
    return ("/" not in name or "kubernetes.io/" in name) and not name.startswith("hugepages-")


def has_pod_level(spec: PodSpec) -> bool:
    return any(pod_level(name) for name in (*spec.resources.requests, *spec.resources.limits))


def spec_requests(spec: PodSpec) -> Amounts:
    """Of the containers and the pod level, without overhead: what LimitRanges of type Pod see."""
    return _with_pod_level(aggregate(spec, lambda item: item.resources.requests), spec.resources.requests)


def spec_limits(spec: PodSpec) -> Amounts:
    return _with_pod_level(aggregate(spec, lambda item: item.resources.limits), spec.resources.limits)


def charged(pod: Pod) -> tuple[Amounts, Amounts]:
    """Requests and limits as a quota charges them: of the specification and of what the kubelet reports, the larger."""
    spec = pod.spec
    statuses = {item.name: item for item in (*pod.status.init_container_statuses, *pod.status.container_statuses)}
    reported = any(item.resources or item.allocated_resources for item in statuses.values())
    requests = _most(spec, statuses, _REQUESTS) if reported else aggregate(spec, lambda item: item.resources.requests)
    limits = _most(spec, statuses, _LIMITS) if reported else aggregate(spec, lambda item: item.resources.limits)
    requests = _with_pod_level(requests, spec.resources.requests)
    limits = _with_pod_level(limits, spec.resources.limits)
    overhead = amounts(spec.overhead)
    add(requests, overhead)
    add(limits, {name: amount for name, amount in overhead.items() if limits.get(name, ZERO).nano})
    return requests, limits


def aggregate(spec: PodSpec, source: _Of) -> Amounts:
    """Containers run together; init containers one after the other, each beside the sidecars started before it (KEP-753)."""
    total: Amounts = {}
    for container in spec.containers:
        add(total, amounts(source(container)))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.init_containers:
        own = amounts(source(container))
        if container.restart_policy == "Always":
            add(total, own)
            add(sidecars, own)
            raise_to(peak, sidecars)
        else:
            add(own, sidecars)
            raise_to(peak, own)
    raise_to(total, peak)
    return total


def with_pod_defaults(spec: PodSpec) -> PodSpec:
    """Pod-level values that are left out follow from the containers (pkg/api/pod `DefaultPodLevelResources`)."""
    own = spec.resources
    if not own.requests and not own.limits:
        return spec
    requests, limits = amounts(own.requests), amounts(own.limits)
    below_requests = aggregate(spec, lambda item: item.resources.requests)
    below_limits = aggregate(spec, lambda item: item.resources.limits)
    for name, amount in below_limits.items():
        if name.startswith("hugepages-") and name not in requests:
            limits.setdefault(name, amount)
    for name, amount in below_requests.items():
        if pod_level(name) and overcommitted(name):
            requests.setdefault(name, amount)
    for name, amount in limits.items():
        if pod_level(name):
            requests.setdefault(name, amount)
    everyone = (*spec.init_containers, *spec.containers)
    for name, amount in requests.items():
        if pod_level(name) and name not in limits and all(name in item.resources.limits for item in everyone):
            limits[name] = max(below_limits.get(name, amount), amount, key=lambda item: item.nano)
    return replace(spec, resources=Resources(requests=quantities(requests), limits=quantities(limits)))


def qos_class(spec: PodSpec) -> str:
    own = spec.resources
    if (own.requests or own.limits) and has_pod_level(spec):
        return _qos(own)
    classes = {_qos(item.resources) for item in (*spec.init_containers, *spec.containers)}
    return classes.pop() if len(classes) == 1 else "Burstable" if classes else "BestEffort"


@by_identity
def _qos(resources: Resources) -> str:
    """Containers of one template share theirs."""
    requests, limits = amounts(resources.requests), amounts(resources.limits)
    classes = set()
    for name in ("cpu", "memory"):
        request, limit = requests.get(name, ZERO).nano, limits.get(name, ZERO).nano
        classes.add("Burstable" if request != limit else "Guaranteed" if request else "BestEffort")
    return classes.pop() if len(classes) == 1 else "Burstable"


def _with_pod_level(total: Amounts, own: Quantities) -> Amounts:
    return total | {name: amount for name, amount in amounts(own).items() if pod_level(name)}


_Reported = Callable[[ContainerStatus], Quantities | None]
_REQUESTS: tuple[_Reported, ...] = (
    lambda status: status.allocated_resources,
    lambda status: (status.resources.requests if status.resources else None) or status.allocated_resources,
)
_LIMITS: tuple[_Reported, ...] = (lambda status: status.resources.limits if status.resources else None,)


def _most(spec: PodSpec, statuses: Mapping[str, ContainerStatus], reported: tuple[_Reported, ...]) -> Amounts:
    requests = reported is _REQUESTS

    def asked(item: Container) -> Quantities:
        return item.resources.requests if requests else item.resources.limits

    total = aggregate(spec, asked)
    for source in reported:

        def seen(item: Container, source: _Reported = source) -> Quantities:
            found = source(statuses[item.name]) if item.name in statuses else None
            return asked(item) if found is None else found

        raise_to(total, aggregate(spec, seen))
    return total
