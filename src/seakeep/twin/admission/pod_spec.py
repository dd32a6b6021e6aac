"""The specification of a pod or a template: its containers, resources, and what goes together. Source: pkg/apis/core/validation (ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PodSpec
from seakeep.model.objects.pods import Resources
from seakeep.twin.admission import containers
from seakeep.twin.admission.amounts import amounts
from seakeep.twin.admission.pod_resources import aggregate, overcommitted
from seakeep.twin.admission.rules import pods, ports, probes
from seakeep.twin.memo import by_identity


def whole(spec: PodSpec, path: str, *, is_pod: bool = False, named: bool = True) -> Iterator[str]:
    """All that is said of one that somebody wrote. `named`: see `pods.after_users`."""
    yield from errors(spec, path, full=True, users=pods.before_users(spec, path, is_pod=is_pod))
    yield from pods.after_users(spec, path, named=named)


def errors(
    spec: PodSpec,
    path: str,
    *,
    asked: bool = True,
    full: bool = False,
    users: Iterator[str] | None = None,
) -> Iterator[str]:
    """`asked` where somebody wrote it as it is. Without `full` only what decides placement and the commonest slips; `users` comes before what is said of `hostUsers`."""
    if asked:
        yield from containers.volumes(spec, path)
    if asked and not spec.containers:
        yield f"{path}.containers: Required value"
    names: set[str] = set()
    for kind, found in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for number, container in enumerate(found):
            where = f"{path}.{kind}[{number}]"
            if asked:
                yield from containers.errors(container, where, spec, full=full)
            yield from _resources(container.resources, f"{where}.resources")
            if asked and container.name in names:
                yield f'{where}.name: Duplicate value: "{container.name}"'
            names.add(container.name)
            if full and kind == "containers":
                yield from probes.errors(container, where, spec.termination_grace_period_seconds)
            elif full:
                yield from ports.taken_twice((container,), f"{path}.{kind}")
                yield from probes.of_init(container, where, spec.termination_grace_period_seconds)
        if full and kind == "containers":
            yield from ports.taken_twice(found, f"{path}.{kind}")
    if spec.resources.requests or spec.resources.limits:
        yield from _resources(spec.resources, f"{path}.resources")
        yield from _pod_level(spec, f"{path}.resources")
    yield from users or ()
    if spec.host_users is False:
        # The last two as the server writes them.
        for name, wish in (("hostNetwork", spec.host_network), ("HostPID", spec.host_pid), ("HostIPC", spec.host_ipc)):
            if wish:
                yield f"{path}.{name}: Forbidden: when `hostUsers` is false"


def _resources(own: Resources, path: str) -> Iterator[str]:
    if not _are_fine(own):
        yield from _wrong(own, path)


@by_identity
def _are_fine(own: Resources) -> bool:
    """Of nearly all, and the same for all pods of a template."""
    return not any(_wrong(own, ""))


def _wrong(own: Resources, path: str) -> Iterator[str]:
    requests, limits = amounts(own.requests), amounts(own.limits)
    for name, amount in sorted(requests.items()):
        limit = limits.get(name)
        where = f'{path}.requests: Invalid value: "{amount}": must be'
        if limit is None:
            if not overcommitted(name):
                yield f"{path}.limits: Required value: Limit must be set for non overcommitable resources"
        elif amount.nano != limit.nano and not overcommitted(name):
            yield f"{where} equal to {name} limit of {limit}"
        elif amount.nano > limit.nano:
            yield f"{where} less than or equal to {name} limit of {limit}"
    named = {*requests, *limits}
    if any(name.startswith("hugepages-") for name in named) and not named & {"cpu", "memory"}:
        yield f"{path}: Forbidden: HugePages require cpu or memory"


def _pod_level(spec: PodSpec, path: str) -> Iterator[str]:
    """Pod-level requests cover those of all containers, pod-level limits those of each."""
    below = aggregate(spec, lambda item: item.resources.requests)
    for name, amount in sorted(amounts(spec.resources.requests).items()):
        if name in below and below[name].nano > amount.nano:
            yield f'{path}.requests[{name}]: Invalid value: "{amount}": must be greater than or equal to aggregate container requests of {below[name]}'
    limits = amounts(spec.resources.limits)
    below = aggregate(spec, lambda item: item.resources.limits)
    for name, amount in sorted(limits.items()):
        if name.startswith("hugepages-") and name in below and below[name].nano > amount.nano:
            yield f'{path}.limits[{name}]: Invalid value: "{amount}": must be greater than or equal to aggregate container limits of {below[name]}'
    for number, container in enumerate(spec.containers):
        for name, amount in sorted(amounts(container.resources.limits).items()):
            if name in limits and amount.nano > limits[name].nano:
                yield f'{path}.containers[{number}][{name}].limits: Invalid value: "{amount}": must be less than or equal to pod limits of {limits[name]}'
