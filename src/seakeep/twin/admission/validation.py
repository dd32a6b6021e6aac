"""What validation refuses once defaults have been filled in: forms, what must be there, requests against limits, and changes of fields that may not change. Source: pkg/apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from seakeep.model.objects import (
    ConfigMap,
    Container,
    CronJob,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    KubeObject,
    LimitRange,
    NetworkPolicy,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PodSpec,
    PodTemplate,
    ReplicationController,
    ResourceQuota,
    Secret,
    Service,
    Workload,
)
from seakeep.model.quantity import QuantityError
from seakeep.twin.admission import forms, pod_spec, selectors, workload_fields
from seakeep.twin.admission.amounts import ZERO, amounts
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.request import invalid
from seakeep.twin.admission.rules import (
    autoscalers,
    budgets,
    claims,
    config,
    ingresses,
    limit_ranges,
    network_policies,
    quotas,
    services,
)
from seakeep.twin.admission.rules.words import below_zero

T = TypeVar("T", bound=KubeObject)
_MUTABLE = (
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate(new: KubeObject, old: KubeObject | None, *, complete: bool = True) -> None:
    """Raises RejectedError. `complete` where somebody wrote it as it is. What was wrong before is accepted as found: the API server that stored it had its reasons, or the source shows only parts of it."""
    errors = everything(new, old, complete=complete)
    if errors and old is not None:
        known = {*_of_kind(_stored(old), None)}
        errors = [each for each in errors if each not in known]
    if errors:
        raise invalid(new, errors)


def _stored(item: T) -> T:
    """With the defaults that a source may leave out, as the new one has them."""
    try:
        return defaulted(item)
    except QuantityError:
        return item


def everything(new: KubeObject, old: KubeObject | None = None, *, complete: bool = True) -> list[str]:
    """All that validation says, in its order and words. What a controller makes of a template that was accepted needs no more than `faults`."""
    if old is None and _is_made(new):
        return faults(new)
    errors = list(_of_kind(new, old, complete=complete))
    if old is None:
        return [*forms.metadata(new), *errors]
    return [*forms.labels(new.labels, "metadata.labels"), *errors] if new.labels != old.labels else errors


def _of_kind(new: KubeObject, old: KubeObject | None, *, complete: bool = True) -> Iterator[str]:
    match new:
        case Pod():
            yield from pod_spec.whole(new.spec, "spec", is_pod=True)
            yield from _update(new, _stored(old)) if isinstance(old, Pod) else ()
        case PersistentVolumeClaim():
            yield from claims.errors(new, complete=complete)
            if isinstance(old, PersistentVolumeClaim):
                yield from _claim(new, _stored(old))
                yield from claims.changes(new, old)
        case Workload() | Job() | CronJob():
            yield from workload_fields.errors(new, old)
        case Service():
            yield from services.changes(new, old) if isinstance(old, Service) else ()
            yield from services.errors(new)
        case Ingress():
            yield from ingresses.errors(new, made=old is None)
        case ResourceQuota():
            yield from quotas.errors(new)
            yield from quotas.changes(new, old) if isinstance(old, ResourceQuota) else ()
        case PodDisruptionBudget():
            yield from budgets.errors(new)
        case HorizontalPodAutoscaler():
            yield from autoscalers.errors(new)
        case NetworkPolicy():
            yield from network_policies.errors(new)
        case ConfigMap():
            yield from config.change_of_config_map(new, old) if isinstance(old, ConfigMap) else ()
            yield from config.of_config_map(new)
        case Secret():
            yield from config.change_of_secret(new, old) if isinstance(old, Secret) else ()
            yield from config.of_secret(new)
        case LimitRange():
            yield from limit_ranges.errors(new)
        case ReplicationController():
            yield from _template(new, new.spec.template, "spec.template", asked=True)


def faults(new: KubeObject) -> list[str]:
    """What it says of names, containers, resources and selectors: what a manifest is looked through for."""
    # What a controller makes of a template that was accepted is complete, even where the source shows only parts of it.
    asked = not _is_made(new)
    errors: list[str] = []
    if isinstance(new, Pod):
        errors = list(pod_spec.errors(new.spec, "spec", asked=asked))
    elif isinstance(new, Workload | ReplicationController | Job):
        errors = list(below_zero("spec.replicas", new.spec.replicas)) if isinstance(new, Workload) else []
        errors += selectors.errors(new) if isinstance(new, Workload) else []
        errors += _template(new, new.spec.template, "spec.template", asked=asked)
    elif isinstance(new, CronJob):
        errors = list(
            _template(new, new.spec.job_template.spec.template, "spec.jobTemplate.spec.template", asked=asked)
        )
    return [*forms.metadata(new), *errors] if asked else errors


def _is_made(item: KubeObject) -> bool:
    return any(owner.controller for owner in item.metadata.owner_references)


def _template(item: KubeObject, template: PodTemplate, path: str, *, asked: bool) -> Iterator[str]:
    if asked:
        yield from forms.labels(template.metadata.labels, f"{path}.labels")
    yield from pod_spec.errors(template.spec, f"{path}.spec", asked=asked)
    policy = template.spec.restart_policy
    if asked and isinstance(item, Workload | ReplicationController) and policy != "Always":
        yield f'{path}.spec.restartPolicy: Unsupported value: "{policy}": supported values: "Always"'
    elif asked and isinstance(item, Job | CronJob) and policy == "Always":
        yield f'{path}.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'


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
