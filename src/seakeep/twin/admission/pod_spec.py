"""The specification of a pod or a template: its containers, resources, and what goes together. Source: pkg/apis/core/validation (ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PodSpec
from seakeep.twin.admission import containers
from seakeep.twin.admission.amounts import amounts
from seakeep.twin.admission.pod_resources import aggregate
from seakeep.twin.admission.rules import pods, ports, probes, resources, security


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
        yield from containers.volumes(spec, path, full=full)
    if asked and not spec.containers:
        yield f"{path}.containers: Required value"
    names: set[str] = set()
    mountable = containers.mountable(spec, full=full) if asked else frozenset()
    for kind, found in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for number, container in enumerate(found):
            where = f"{path}.{kind}[{number}]"
            if asked:
                yield from containers.errors(container, where, mountable, full=full)
            yield from resources.errors(container.resources, f"{where}.resources", full=full)
            if full:
                yield from security.of_container(container.security_context, f"{where}.securityContext")
            if full and kind == "initContainers":
                yield from pods.restarts(container, where)
            if asked and container.name in names:
                yield f'{where}.name: Duplicate value: "{container.name}"'
            names.add(container.name)
            if full and kind == "containers":
                yield from probes.errors(container, where, spec.termination_grace_period_seconds)
                yield from pods.restarts(container, where)
            elif full:
                yield from ports.taken_twice((container,), f"{path}.{kind}")
                yield from probes.of_init(container, where, spec.termination_grace_period_seconds)
        if full and kind == "containers":
            yield from ports.taken_twice(found, f"{path}.{kind}")
    if spec.resources.requests or spec.resources.limits:
        yield from resources.errors(spec.resources, f"{path}.resources", full=full, of_pod=True)
        yield from _pod_level(spec, f"{path}.resources")
    yield from users or ()
    if spec.host_users is False:
        # The last two as the server writes them.
        for name, wish in (("hostNetwork", spec.host_network), ("HostPID", spec.host_pid), ("HostIPC", spec.host_ipc)):
            if wish:
                yield f"{path}.{name}: Forbidden: when `hostUsers` is false"


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
