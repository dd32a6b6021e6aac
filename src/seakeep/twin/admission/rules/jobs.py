"""Jobs. Source: pkg/apis/batch/validation (validateJobSpec, ValidateJobSpecUpdate), pkg/registry/batch/job/strategy.go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import Container, Job, PodSpec
from seakeep.model.objects.pods import Affinity
from seakeep.model.objects.workloads import JobSpec
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import IMMUTABLE, below_zero, invalid, required, unsupported

_MODES = ("NonIndexed", "Indexed")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_MOST_PARALLEL = _MOST_FAILED = 100_000
_INDEXED = "when completion mode is Indexed"
_ONLY_INDEXED = "requires indexed completion mode"


def before_template(spec: JobSpec, path: str) -> Iterator[str]:
    yield from below_zero(f"{path}.parallelism", spec.parallelism)
    yield from below_zero(f"{path}.completions", spec.completions)
    yield from below_zero(f"{path}.activeDeadlineSeconds", spec.active_deadline_seconds)
    yield from below_zero(f"{path}.backoffLimit", spec.backoff_limit)
    yield from below_zero(f"{path}.ttlSecondsAfterFinished", spec.ttl_seconds_after_finished)
    yield from below_zero(f"{path}.backoffLimitPerIndex", spec.backoff_limit_per_index)
    yield from below_zero(f"{path}.maxFailedIndexes", spec.max_failed_indexes)
    if spec.max_failed_indexes is not None and spec.backoff_limit_per_index is None:
        yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if spec.completion_mode not in _MODES:
        yield unsupported(f"{path}.completionMode", spec.completion_mode, _MODES)
    elif spec.completion_mode == "Indexed":
        yield from _indexed(spec, path)
    else:
        for name, value in (
            ("backoffLimitPerIndex", spec.backoff_limit_per_index),
            ("maxFailedIndexes", spec.max_failed_indexes),
        ):
            if value is not None:
                yield invalid(f"{path}.{name}", value, _ONLY_INDEXED)
    policy = spec.pod_replacement_policy
    if policy and policy not in _REPLACEMENTS:
        yield unsupported(f"{path}.podReplacementPolicy", policy, _REPLACEMENTS)
    elif policy == "TerminatingOrFailed" and spec.pod_failure_policy is not None:
        yield unsupported(f"{path}.podReplacementPolicy", policy, ("Failed",))


def _indexed(spec: JobSpec, path: str) -> Iterator[str]:
    failed = spec.max_failed_indexes
    if spec.completions is None:
        yield required(f"{path}.completions", _INDEXED)
    if (spec.parallelism or 0) > _MOST_PARALLEL:
        why = f"must be less than or equal to {_MOST_PARALLEL} {_INDEXED}"
        yield invalid(f"{path}.parallelism", spec.parallelism, why)
    if spec.completions is not None and failed is not None and failed > spec.completions:
        yield invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if failed is not None and failed > _MOST_FAILED:
        yield invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_MOST_FAILED}")


def restart_policy(spec: JobSpec, path: str) -> Iterator[str]:
    policy, where = spec.template.spec.restart_policy, f"{path}.template.spec.restartPolicy"
    if policy in {"Always", ""}:
        yield required(where, 'valid values: "OnFailure", "Never"')
    elif policy not in {"OnFailure", "Never"}:
        yield unsupported(where, policy, ("OnFailure", "Never"))
    elif spec.pod_failure_policy is not None and policy != "Never":
        yield invalid(where, policy, 'only "Never" is supported when podFailurePolicy is specified')


def changes(new: Job, old: Job, *, complete: bool) -> Iterator[str]:
    """`complete` where the old one was shown in full. A suspended Job that has not started may still be placed otherwise."""
    after, before = new.spec, old.spec
    if after.completion_mode != "Indexed":
        if (complete or before.completions is not None) and after.completions != before.completions:
            yield invalid("spec.completions", after.completions, IMMUTABLE)
    elif after.completions not in {before.completions, None, after.parallelism}:
        yield invalid("spec.completions", after.completions, "can only be modified in tandem with spec.parallelism")
    if before.selector is not None and after.selector != before.selector:
        yield invalid("spec.selector", after.selector, IMMUTABLE)
    if complete:
        yield from _template(new, old)
        yield from _kept(after, before)


def _kept(after: JobSpec, before: JobSpec) -> Iterator[str]:
    fields = {
        "completionMode": (after.completion_mode, before.completion_mode),
        "podFailurePolicy": (after.pod_failure_policy, before.pod_failure_policy),
        "backoffLimitPerIndex": (after.backoff_limit_per_index, before.backoff_limit_per_index),
        "managedBy": (after.managed_by, before.managed_by),
        "successPolicy": (after.success_policy, before.success_policy),
    }
    for name, (now, then) in fields.items():
        if now != then:
            yield invalid(f"spec.{name}", now, IMMUTABLE) if _is_plain(now) else _long(f"spec.{name}")


def _template(new: Job, old: Job) -> Iterator[str]:
    after, before = new.spec.template, old.spec.template
    suspended = old.spec.suspend
    stopped = any(item.type == "Suspended" and item.status == "True" for item in old.status.conditions)
    if suspended and old.status.start_time is None:
        before = replace(before, metadata=after.metadata, spec=_placed_as(before.spec, after.spec))
    if suspended and not old.status.active and (old.status.start_time is None or stopped):
        if _with_resources(before.spec, after.spec) != after.spec:
            yield _long("spec.template.spec")
    elif after != before:
        yield _long("spec.template")


def _placed_as(spec: PodSpec, other: PodSpec) -> PodSpec:
    affinity = replace(
        spec.affinity or Affinity(), node_affinity=other.affinity.node_affinity if other.affinity is not None else None
    )
    return replace(
        spec,
        affinity=None if other.affinity is None and affinity == Affinity() else affinity,
        node_selector=other.node_selector,
        tolerations=other.tolerations,
        scheduling_gates=other.scheduling_gates,
    )


def _with_resources(spec: PodSpec, other: PodSpec) -> PodSpec:
    def taken(own: tuple[Container, ...], theirs: tuple[Container, ...]) -> tuple[Container, ...]:
        if len(own) != len(theirs):
            return own
        return tuple(
            replace(one, resources=two.resources) if one.name == two.name else one
            for one, two in zip(own, theirs, strict=True)
        )

    return replace(
        spec,
        containers=taken(spec.containers, other.containers),
        init_containers=taken(spec.init_containers, other.init_containers),
    )


def name(job: Job) -> Iterator[str]:
    """The names of an indexed Job's pods are made of it."""
    if job.spec.completion_mode == "Indexed" and (job.spec.completions or 0) > 0 and job.name:
        last = f"{job.name}-{(job.spec.completions or 0) - 1}"
        if any(forms.label(last)):
            yield invalid("metadata.name", job.name, f"will not able to create pod with invalid DNS label: {last}")


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, int | str)


def _long(path: str) -> str:
    """A value that is longer than anybody reads is left out."""
    return f"{path}: Invalid value: {{…}}: {IMMUTABLE}"
