"""As many pods as a Job wants now. Source: pkg/controller/job (manageJob)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Pod
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.controllers import job_indexes as indexes
from seakeep.twin.controllers.job_backoff import finished, left
from seakeep.twin.controllers.job_pods import new_pod, untracked
from seakeep.twin.controllers.job_tally import Tally
from seakeep.twin.controllers.pods import deletion_rank, is_terminating

_BURST = 500


def manage(tally: Tally) -> Iterator[Action]:
    if tally.job.spec.suspend:
        yield from _removed(tally, len(tally.active), "suspended")
        return
    if tally.completions is None:
        wanted = len(tally.active) if tally.succeeded else tally.parallelism
    else:
        wanted = max(min(tally.completions - tally.succeeded, tally.parallelism), 0)
    surplus = max(len(tally.active) - wanted, 0)
    double = _doubled(tally)
    if surplus or double:
        yield from _removed(tally, surplus, f"{wanted} pods wanted", double)
        return
    missing = wanted - len(tally.active) - (tally.ending if tally.replaces_failed_only else 0)
    if missing > 0:
        yield from _made(tally, min(missing, _BURST))


def _doubled(tally: Tally) -> list[Pod]:
    """All but one of the active pods of an index, and those with none that counts."""
    if not tally.indexed:
        return []
    found: list[Pod] = []
    for index in sorted({indexes.index_of(pod) for pod in tally.active}):
        same = _ranked(tally, [pod for pod in tally.active if indexes.index_of(pod) == index])
        found.extend(same[:-1] if 0 <= index < (tally.completions or 0) else same)
    return found


def _removed(tally: Tally, count: int, why: str, first: Sequence[Pod] = ()) -> Iterator[Action]:
    ranked = _ranked(tally, [pod for pod in tally.active if pod not in first])
    gone = [*first, *ranked[: max(count - len(first), 0)]][:_BURST]
    for pod in gone:
        yield Update(untracked(pod), "job: finalizer")
        yield Delete(pod.ref, f"job: {why}")
    tally.active = [pod for pod in tally.active if pod not in gone]
    tally.ending += len(gone)


def _ranked(tally: Tally, pods: list[Pod]) -> list[Pod]:
    return sorted(pods, key=lambda pod: deletion_rank(tally.now, pod, 0, cost=False))


def _made(tally: Tally, count: int) -> Iterator[Action]:
    numbers: list[int | None] = [*_free_indexes(tally)[:count]] if tally.indexed else [None] * count
    if tally.job.spec.backoff_limit_per_index is None:
        pause = left(tally.now, tally.backoff.failures, tally.backoff.last)
        if pause > 0:
            yield Wait(tally.job.ref, pause)
            return
    else:
        pauses = [_pause(tally, index) for index in numbers]
        if pauses and min(pauses) > 0:
            yield Wait(tally.job.ref, min(pauses))
            return
        numbers = [index for index, pause in zip(numbers, pauses, strict=True) if pause <= 0]
    for index in numbers:
        pod = new_pod(tally, index)
        yield Create(pod, f"job: {len(tally.active)} active pods")
        found = tally.view.state.get(Pod, pod.namespace, pod.name)
        if found is None:
            return
        tally.active.append(found)


def _free_indexes(tally: Tally) -> list[int]:
    taken = tally.taken()
    if tally.replaces_failed_only:
        taken |= {indexes.index_of(pod) for pod in tally.pods if is_terminating(pod) and not is_ended(pod)}
    return [index for index in range(tally.completions or 0) if index not in taken]


def _pause(tally: Tally, index: int | None) -> float:
    """Of an index, each of which has a limit of its own."""
    pod = None if index is None else tally.delayed.get(index)
    if pod is None:
        return 0.0
    return left(tally.now, indexes.failures(pod) + indexes.failures(pod, indexes.IGNORED) + 1, finished(pod))
