"""Jobs: pods until so many have succeeded. Source: pkg/controller/job, pkg/controller/ttlafterfinished.

Kubernetes counts an ended pod in two steps (uncounted in the status, then its finalizer is removed); here both happen in one look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from msgspec.structs import replace

from seakeep.model.objects import Job, KubeObject, Pod
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Wait
from seakeep.twin.controller import View
from seakeep.twin.controllers.job_scale import manage
from seakeep.twin.controllers.job_status import note_suspension, record
from seakeep.twin.controllers.job_tally import Tally
from seakeep.twin.controllers.job_verdict import is_finished, met, verdict
from seakeep.twin.controllers.pods import claimed, claims, interested
from seakeep.twin.labels import compile_selector
from seakeep.twin.moments import after
from seakeep.twin.state import State


class Jobs:
    name = "job"
    watches = frozenset({"Job", "Pod"})
    owners: ClassVar[Mapping[str, str]] = {"Pod": "Job"}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Job):
            yield item.ref
        elif isinstance(item, Pod):
            yield from interested(state, Job, item)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        job = view.state.get(Job, ref.namespace, ref.name)
        if job is None or job.spec.managed_by not in {"", "kubernetes.io/job-controller"}:
            return
        if is_finished(job):
            yield from _expired(view, job)
            return
        selector = compile_selector(job.spec.selector)
        yield from claims(view, job, selector)
        yield from _synced(Tally(view, job, claimed(view, job, selector)))


def _expired(view: View, job: Job) -> Iterator[Action]:
    ended = met(job, "Complete") or met(job, "Failed")
    if job.spec.ttl_seconds_after_finished is None or ended is None or job.metadata.deletion_timestamp is not None:
        return
    since = ended.last_transition_time or view.now
    left = (after(since, job.spec.ttl_seconds_after_finished) - view.now).total_seconds()
    yield Wait(job.ref, left, idle=True) if left > 0 else Delete(job.ref, "job: ttlSecondsAfterFinished")


def _synced(tally: Tally) -> Iterator[Action]:
    job = tally.job
    if tally.status.start_time is None and not job.spec.suspend:
        tally.status = replace(tally.status, start_time=tally.now)
    final = verdict(tally)
    if final is not None:
        for pod in tally.active:
            yield Delete(pod.ref, f"job: {final.reason}")
        tally.ending += len(tally.active)
        if final.type == "FailureTarget":
            # Every pod that has not ended counts as failed, one that is ending as well.
            tally.failed += tally.counting(
                [pod for pod in tally.tracked if pod not in tally.won and pod not in tally.lost]
            )
        tally.active = []
    elif job.metadata.deletion_timestamp is None:
        yield from manage(tally)
        wanted = 1 if tally.completions is None else tally.completions
        if tally.succeeded >= wanted and not tally.active:
            final = tally.condition("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")  # fmt: skip
        else:
            note_suspension(tally)
    yield from record(tally, final)
