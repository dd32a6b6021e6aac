"""What validation refuses once defaults have been filled in: forms, what must be there, requests against limits, and changes of fields that may not change. Source: pkg/apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from seakeep.model.objects import (
    Container,
    CronJob,
    Job,
    KubeObject,
    PersistentVolumeClaim,
    Pod,
    PodSpec,
    PodTemplate,
    ReplicationController,
    Workload,
)
from seakeep.model.objects.pods import Resources
from seakeep.twin.admission import containers, forms, selectors
from seakeep.twin.admission.amounts import ZERO, amounts
from seakeep.twin.admission.pod_resources import aggregate, overcommitted
from seakeep.twin.admission.request import invalid
from seakeep.twin.memo import by_identity

_MUTABLE = (
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate(new: KubeObject, old: KubeObject | None) -> None:
    """Raises RejectedError. Everything else that validation knows is left to what made the object."""
    if errors := faults(new, old):
        raise invalid(new, errors)


def faults(new: KubeObject, old: KubeObject | None = None) -> list[str]:
    """What validation says, in its own words."""
    errors: list[str] = []
    # What a controller makes of a template that was accepted is complete, even where the source shows only parts of it.
    asked = not any(item.controller for item in new.metadata.owner_references)
    if isinstance(new, Pod):
        errors = list(_update(new, old)) if isinstance(old, Pod) else list(_spec(new.spec, "spec", asked=asked))
    elif isinstance(new, PersistentVolumeClaim) and isinstance(old, PersistentVolumeClaim):
        errors = list(_claim(new, old))
    elif isinstance(new, Workload | ReplicationController | Job):
        errors = list(_replicas(new)) if isinstance(new, Workload) else []
        errors += selectors.errors(new) if isinstance(new, Workload) and old is None else []
        before = old.spec.template.spec if isinstance(old, Workload | ReplicationController | Job) else None
        errors += _template(new.spec.template, "spec.template", before, new, asked=asked)
    elif isinstance(new, CronJob):
        before = old.spec.job_template.spec.template.spec if isinstance(old, CronJob) else None
        errors = list(
            _template(new.spec.job_template.spec.template, "spec.jobTemplate.spec.template", before, new, asked=asked)
        )
    if asked and old is None:
        errors = [*forms.metadata(new), *errors]
    elif asked and old is not None and new.labels != old.labels:
        errors = [*forms.labels(new.labels, "metadata.labels"), *errors]
    return errors


def _replicas(item: Workload) -> Iterator[str]:
    if item.spec.replicas is not None and item.spec.replicas < 0:
        yield f"spec.replicas: Invalid value: {item.spec.replicas}: must be greater than or equal to 0"


def _template(
    template: PodTemplate, path: str, before: PodSpec | None, item: KubeObject, *, asked: bool
) -> Iterator[str]:
    if asked and before is None:
        yield from forms.labels(template.metadata.labels, f"{path}.labels")
    yield from _spec(template.spec, f"{path}.spec", before, asked=asked)
    policy = template.spec.restart_policy
    if not asked or (before is not None and before.restart_policy == policy):
        return
    if isinstance(item, Workload | ReplicationController) and policy != "Always":
        yield f'{path}.spec.restartPolicy: Unsupported value: "{policy}": supported values: "Always"'
    elif isinstance(item, Job | CronJob) and policy == "Always":
        yield f'{path}.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'


def _spec(spec: PodSpec, path: str, before: PodSpec | None = None, *, asked: bool = True) -> Iterator[str]:
    """`before` where it was there already; `asked` where somebody wrote it as it is."""
    if asked and before is None:
        yield from containers.volumes(spec, path)
    if asked and not spec.containers and (before is None or before.containers):
        yield f"{path}.containers: Required value"
    names: set[str] = set()
    for kind, found in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for number, container in enumerate(found):
            where = f"{path}.{kind}[{number}]"
            if asked:
                yield from containers.errors(container, where, spec, before)
            yield from _resources(container.resources, f"{where}.resources")
            if asked and container.name in names:
                yield f'{where}.name: Duplicate value: "{container.name}"'
            names.add(container.name)
    if spec.resources.requests or spec.resources.limits:
        yield from _resources(spec.resources, f"{path}.resources")
        yield from _pod_level(spec, f"{path}.resources")
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


def _update(new: Pod, old: Pod) -> Iterator[str]:
    before, after = old.spec, new.spec
    deadline, wanted = before.active_deadline_seconds, after.active_deadline_seconds
    if deadline is not None and wanted is not None and deadline < wanted:
        yield f"spec.activeDeadlineSeconds: Invalid value: {wanted}: must be less than or equal to previous value"
        return
    if deadline is not None and wanted is None:
        yield "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"
    kept = {replace(item, toleration_seconds=None) for item in after.tolerations}
    if any(replace(item, toleration_seconds=None) not in kept for item in before.tolerations):
        yield "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
    if not _same_but_for_the_mutable(before, after):
        yield _MUTABLE


def _claim(new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> Iterator[str]:
    """A claim may be bound; a bound one may ask for more, or again for less where a growth has not happened."""
    before, after = old.spec, new.spec
    if not before.volume_name:
        after = replace(after, volume_name="")
    if new.status.phase == "Bound":
        resources = replace(after.resources, requests=before.resources.requests)
        name = before.volume_attributes_class_name
        after = replace(after, resources=resources, volume_attributes_class_name=name)
    if after != before:
        yield "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
    wanted, had = (amounts(item.spec.resources.requests).get("storage", ZERO).nano for item in (new, old))
    if wanted < had and wanted <= amounts(old.status.capacity).get("storage", ZERO).nano:
        yield "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"


def _same_but_for_the_mutable(before: PodSpec, after: PodSpec) -> bool:
    if len(before.containers) != len(after.containers) or len(before.init_containers) != len(after.init_containers):
        return False
    changed = replace(
        after,
        containers=_with_images(after.containers, before.containers),
        init_containers=_with_images(after.init_containers, before.init_containers),
        active_deadline_seconds=before.active_deadline_seconds,
        tolerations=before.tolerations,
        scheduling_gates=before.scheduling_gates,
    )
    if before.scheduling_gates:
        changed = replace(changed, node_selector=before.node_selector, affinity=before.affinity)
    return changed == before


def _with_images(mine: Sequence[Container], theirs: Sequence[Container]) -> tuple[Container, ...]:
    return tuple(replace(item, image=other.image) for item, other in zip(mine, theirs, strict=True))
