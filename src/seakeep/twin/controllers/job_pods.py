"""Pods that a Job makes and lets go. Source: pkg/controller/job (podTemplate, indexed_job_utils.go)."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Pod
from seakeep.model.objects.pods import EnvVar, EnvVarSource, KeySelector, PodSpec
from seakeep.twin.controllers import job_indexes as indexes
from seakeep.twin.controllers.job_policies import judged
from seakeep.twin.controllers.job_tally import TRACKING, Tally
from seakeep.twin.controllers.pods import pod_from


def new_pod(tally: Tally, index: int | None) -> Pod:
    """None for the index of a Job without indexes."""
    job, suffix = tally.job, tally.view.suffix()
    prefix = f"{job.name}-" if index is None else f"{job.name}-{index}-"
    pod = pod_from(job, job.spec.template, prefix + suffix, prefix)
    if index is None:
        return replace(pod, metadata=replace(pod.metadata, finalizers=(TRACKING,)))
    annotations = {**pod.metadata.annotations, indexes.INDEX: str(index), **_failures(tally, index)}
    labels = {**pod.labels, indexes.INDEX: str(index)}
    metadata = replace(pod.metadata, annotations=annotations, labels=labels, finalizers=(TRACKING,))
    return replace(pod, metadata=metadata, spec=_numbered(replace(pod.spec, hostname=f"{job.name}-{index}")))


def _failures(tally: Tally, index: int) -> dict[str, str]:
    """How often the index has failed: the pod that is replaced is counted in."""
    if tally.job.spec.backoff_limit_per_index is None:
        return {}
    before = tally.delayed.get(index)
    if before is None:
        return {indexes.FAILURES: "0"}
    counts = judged(tally.job, before)[1]
    ignored = indexes.failures(before, indexes.IGNORED) + (not counts)
    found = {indexes.FAILURES: str(indexes.failures(before) + counts)}
    return {**found, indexes.IGNORED: str(ignored)} if ignored else found


def _numbered(spec: PodSpec) -> PodSpec:
    """JOB_COMPLETION_INDEX in every container."""
    source = EnvVarSource(field_ref=KeySelector(field_path=f"metadata.labels['{indexes.INDEX}']"))
    new = EnvVar(name="JOB_COMPLETION_INDEX", value_from=source)
    mains, inits = (
        tuple(
            item if any(env.name == new.name for env in item.env) else replace(item, env=(*item.env, new))
            for item in group
        )
        for group in (spec.containers, spec.init_containers)
    )
    return replace(spec, containers=mains, init_containers=inits)


def untracked(pod: Pod) -> Pod:
    """Counted: its finalizer is removed."""
    kept = tuple(item for item in pod.metadata.finalizers if item != TRACKING)
    return replace(pod, metadata=replace(pod.metadata, finalizers=kept))
