"""What validation says of what makes pods, kind by kind, in its order. Source: pkg/apis/{apps,batch}/validation."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    KubeObject,
    PodSpec,
    PodTemplate,
    StatefulSet,
    Workload,
)
from seakeep.model.objects.pods import ClaimVolume, Volume
from seakeep.twin.admission import forms, pod_spec, selectors
from seakeep.twin.admission.rules import apps, cron_jobs, jobs, stateful_sets
from seakeep.twin.admission.rules.label_selectors import errors as selector_errors
from seakeep.twin.admission.rules.words import below_zero, forbidden, unsupported

_TEMPLATE = "spec.template"


def errors(new: Workload | Job | CronJob, old: KubeObject | None) -> Iterator[str]:
    match new:
        case StatefulSet():
            before = old if isinstance(old, StatefulSet) else None
            yield from stateful_sets.before_template(new, made=old is None)
            yield from _selected(new, before, _with_claims(new))
            if before is not None:
                yield from stateful_sets.changes(new, before, complete=is_complete(before.spec.template.spec))
        case Workload():
            before_it = old if isinstance(old, Workload) else None
            yield from _workload(new, before_it)
        case Job():
            yield from jobs.before_template(new.spec, "spec")
            yield from _template(new.spec.template, _TEMPLATE)
            yield from jobs.restart_policy(new.spec, "spec")
            yield from selector_errors(new.spec.selector, "spec.selector")
            if isinstance(old, Job):
                yield from jobs.changes(new, old, complete=is_complete(old.spec.template.spec))
            yield from jobs.name(new)
        case CronJob():
            inner, path = new.spec.job_template.spec, "spec.jobTemplate.spec"
            yield from cron_jobs.before_template(new, old if isinstance(old, CronJob) else None)
            yield from jobs.before_template(inner, path)
            yield from _template(inner.template, f"{path}.template")
            yield from jobs.restart_policy(inner, path)
            yield from cron_jobs.after_template(new, made=old is None)


def is_complete(spec: PodSpec) -> bool:
    """What the API server stored has a pull policy for each container, which sources that leave things out do not show."""
    return bool(spec.containers) and all(item.image_pull_policy for item in spec.containers)


def _workload(new: Workload, old: Workload | None) -> Iterator[str]:
    if isinstance(new, DaemonSet):
        yield from apps.selector_change(new, old)
    else:
        yield from below_zero("spec.replicas", new.spec.replicas)
        if not isinstance(new, Deployment):
            yield from below_zero("spec.minReadySeconds", new.spec.min_ready_seconds)
    yield from _selected(new, old, new.spec.template)
    yield from apps.after_template(new)
    if not isinstance(new, DaemonSet):
        yield from apps.selector_change(new, old)


def _selected(new: Workload, old: Workload | None, template: PodTemplate) -> Iterator[str]:
    """The selector, and the template where the selector can be compared with it."""
    wrong = list(selector_errors(new.spec.selector, "spec.selector"))
    yield from wrong
    yield from selectors.written(new, old, readable=not wrong)
    if not wrong or isinstance(new, DaemonSet):
        yield from _template(template, _TEMPLATE, named=not isinstance(new, StatefulSet))
    elif not isinstance(new, StatefulSet):
        return
    policy = template.spec.restart_policy
    if policy != "Always":
        yield unsupported(f"{_TEMPLATE}.spec.restartPolicy", policy, ("Always",))
    if template.spec.active_deadline_seconds is not None:
        kind = "ReplicaSet" if isinstance(new, Deployment) else new.kind
        why = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden(f"{_TEMPLATE}.spec.activeDeadlineSeconds", why)


def _template(template: PodTemplate, path: str, *, named: bool = True) -> Iterator[str]:
    yield from forms.labels(template.metadata.labels, f"{path}.labels")
    yield from pod_spec.whole(template.spec, f"{path}.spec", named=named)


def _with_claims(item: StatefulSet) -> PodTemplate:
    """Its claims become volumes of its pods, before all others."""
    template, own = item.spec.template, sorted({each.name for each in item.spec.volume_claim_templates})
    if not own:
        return template
    made = tuple(Volume(name=name, persistent_volume_claim=ClaimVolume(claim_name=name)) for name in own)
    kept = tuple(each for each in template.spec.volumes if each.name not in own)
    return replace(template, spec=replace(template.spec, volumes=(*made, *kept)))
