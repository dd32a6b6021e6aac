"""A scenario played on a twin, step by step, with what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from seakeep.engine import expect
from seakeep.engine.play import CHANGES, Decode, Player, Reads, changed_by, waiting
from seakeep.engine.rollouts import failed_jobs, unfinished
from seakeep.engine.watch import Board, Watch, below
from seakeep.model.objects import DaemonSet, Deployment, Job, Node, Pod, ReplicaSet, StatefulSet
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Course, Event, Level, Need, Played, Verdict
from seakeep.model.scenario import Scenario, Step
from seakeep.twin.controllers.pods import is_active
from seakeep.twin.observed import Observed, changing

_ORDER = list(Verdict)
# Of one step; the counts and the course have everything.
_EVENTS = 2_000
_VERDICTS = {"refused": Verdict.REFUSED, "blocked": Verdict.BLOCKED, "failed": Verdict.DEGRADED}


def play(
    twin: Observed,
    board: Board,
    scenario: Scenario,
    decode: Decode,
    say: Callable[[str], None],
    done: Callable[[Played, Watch], None] = lambda _, __: None,
    reads: Reads | None = None,
) -> tuple[tuple[Played, ...], Watch]:
    """The twin has settled. What was waiting before is not blamed on the scenario. `done` is called after each step, `reads` judges each manifest before the twin does."""
    watch = Watch(board, twin)
    known = _waiting_homes(watch)
    played = []
    for step in scenario.steps:
        say(f"Playing {step.text}")
        played.append(_step(twin, watch, step, Player(twin, decode, reads), known))
        done(played[-1], watch)
        known |= _waiting_homes(watch)
    return tuple(played), watch


def _step(twin: Observed, watch: Watch, step: Step, player: Player, known: AbstractSet[Ref]) -> Played:
    watch.begin()
    first, started = len(twin.steps), watch.elapsed
    failed = set(failed_jobs(twin))
    player.play(step)
    changed = _at_rest(twin, step.bound, first)
    if step.verb == "wait":
        # Also what is idle else: CronJobs start their Jobs, and the time that was asked for has passed.
        twin.settle(within=step.bound - (watch.elapsed - started))
    watch.look()
    changed_here = changed_by(step, player.decode)
    fresh = [
        item
        for ref, item in sorted(waiting(twin).items())
        if (ref if ref.kind != "Pod" else watch.home(ref)) not in known or changed_here(_root(watch, ref))
    ]
    refusals = (*player.refusals, *fresh)
    refusals += tuple(item for ref, item in failed_jobs(twin).items() if ref not in failed)
    refusals += tuple(unfinished(twin, changed_here, {_root(watch, item.object) for item in refusals}))
    short = watch.shortages()
    # Pods without a place are what a lost or drained node leaves behind; of a change they are its failure.
    waits = Verdict.BLOCKED if step.verb in CHANGES else Verdict.FINE
    verdict = worst(
        Verdict.UNSETTLED if changed else Verdict.FINE,
        Verdict.DEGRADED if short else Verdict.FINE,
        *(_VERDICTS.get(item.kind, waits) for item in refusals),
    )
    return Played(
        step=step.text,
        verdict=verdict,
        at=started,
        until=watch.elapsed,
        refusals=refusals,
        events=tuple(Event(item.at, item.object, item.what, item.why) for item in twin.steps[first:][:_EVENTS]),
        expectations=tuple(expect.judge(wish, watch, verdict, refusals) for wish in step.expects),
        oscillating=changed,
        short=short,
    )


def _at_rest(twin: Observed, bound: float, first: int) -> tuple[tuple[Ref, int], ...]:
    """What changes for ever, with how often it did. Where no time passes over it, it is held still: the rest then settles, and the steps that follow are not about that."""
    found: dict[Ref, int] = {}
    start = twin.now
    for _ in range(_TIMES):
        stuck, changed = settle(twin, bound - (twin.now - start).total_seconds())
        if not stuck:
            break
        if twin.due:
            found |= dict(changed)
            break
        held = _oscillating(twin, found, first) or dict(changed)
        found |= held
        twin.hold_still(held)
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _waiting_homes(watch: Watch) -> set[Ref]:
    """What waits, pods by the workload that they belong to: under a new name it is no news."""
    return {ref if ref.kind != "Pod" else watch.home(ref) for ref in waiting(watch.twin)}


def _root(watch: Watch, ref: Ref) -> Ref:
    return watch.home(ref) if ref.kind == "Pod" else watch.twin.state.root(ref)


def settle(
    twin: Observed, bound: float, enough: Callable[[], bool] = lambda: False
) -> tuple[bool, tuple[tuple[Ref, int], ...]]:
    """Runs until nothing is left to do, to the bound, or until it was `enough`. Unsettled is what still changes in the last third before the bound; retries of refused requests are no change."""
    first, start = len(twin.steps), twin.now
    middle = first
    while twin.busy and not enough():
        spent, due = (twin.now - start).total_seconds(), twin.due or 0.0
        if spent + due > bound:
            break
        stuck = twin.settle(within=due)
        if stuck is not None or len(twin.steps) - first > twin.settings.most_steps:
            return True, changing(twin, first)
        if spent <= bound * 2 / 3:
            middle = len(twin.steps)
    else:
        return False, ()
    late = tuple(item for item in changing(twin, middle) if item[1] >= _OFTEN)
    return bool(late), tuple(item for item in late if item[0].kind in _ACTING) or late


# Controllers act for these; what else changes follows from that.
_ACTING = frozenset(
    {"CronJob", "DaemonSet", "Deployment", "HorizontalPodAutoscaler", "Job", "Node", "ReplicaSet", "StatefulSet"}
) | {"ReplicationController", "PersistentVolumeClaim"}
_OFTEN, _TIMES = 3, 4


def calm(twin: Observed, bound: float) -> tuple[Observed, tuple[tuple[Ref, int], ...]]:
    """The twin as it is once it has settled, and what never would, with how often it changed before it was stopped.

    Controllers do not act on that: it is held still as the source shows it, so that nobody pays for it again.
    """
    found: dict[Ref, int] = {}
    start = twin
    for _ in range(_TIMES):
        twin = start.branch()
        twin.settings = replace(start.settings, most_steps=_enough(start))
        stuck, _ = settle(twin, bound)
        held = _oscillating(twin, found) if stuck else {}
        if not held:
            break
        found |= held
        start.hold_still(held)
    twin.settings = start.settings
    return twin, tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _oscillating(twin: Observed, known: Collection[Ref], first: int = 0) -> dict[Ref, int]:
    """What changed most often, among what controllers act for. What else changes follows from that; it is named only where there is nothing else."""
    every = [item for item in changing(twin, first, None) if item[1] >= _OFTEN and item[0] not in known]
    acting = [item for item in every if item[0].kind in _ACTING] or ([] if known else every)
    most = max((count for _, count in acting), default=0)
    return {ref: count for ref, count in acting if count * 10 >= most}


def _enough(twin: Observed) -> int:
    """Steps in which all that settles has settled. Pods that are there or wanted count, more than a cluster is made for is not wanted in earnest; those that only end count little, as what never settles leaves thousands of them behind."""
    state = twin.state
    wanted = [item.spec.replicas for kind in (Deployment, StatefulSet, ReplicaSet) for item in state.all(kind)]
    wanted += [item.spec.parallelism for item in state.all(Job)]
    each = sum(number if number is not None else 1 for number in wanted if number is None or 0 <= number <= _EARNEST)
    pods = list(state.all(Pod))
    active = sum(map(is_active, pods)) + each + len(list(state.all(DaemonSet))) * len(list(state.all(Node)))
    return _FEW_STEPS + _STEPS_PER_POD * active + _STEPS_TO_END * len(pods)


_FEW_STEPS, _STEPS_PER_POD, _STEPS_TO_END, _EARNEST = 1_000, 100, 5, 20_000


def worst(*verdicts: Verdict) -> Verdict:
    return max(verdicts, key=_ORDER.index, default=Verdict.FINE)


def levels(platform: Platform, needs: Mapping[Ref, Need], counts: Mapping[Ref, int]) -> tuple[Level, ...]:
    """Every service that has needs, by id."""
    by_service = _by_service(needs)
    found = []
    for service in platform.services:
        members = by_service.get(service.id)
        if members:
            short = tuple(str(need.workload) for need in members if counts.get(need.workload, 0) < need.needed)
            found.append(
                Level(
                    service.id,
                    service.name,
                    service.namespace,
                    service.criticality,
                    sum(min(counts.get(need.workload, 0), need.intended) for need in members),
                    sum(need.intended for need in members),
                    sum(need.needed for need in members),
                    short,
                )
            )
    return tuple(found)


def courses(platform: Platform, watch: Watch) -> tuple[Course, ...]:
    """Services whose ready pods changed, in order of their id."""
    found = []
    by_service = _by_service(watch.board.needs)
    for service in platform.services:
        needs = by_service.get(service.id, ())
        moved = [need for need in needs if need.workload in watch.history]
        if not moved:
            continue
        values = {need.workload: min(watch.board.counts.get(need.workload, 0), need.intended) for need in needs}
        points = [(0.0, sum(values.values()))]
        changes = sorted(
            (at, need.workload, min(ready, need.intended))
            for need in moved
            for at, ready in watch.history[need.workload][1:]
        )
        for at, workload, ready in changes:
            values[workload] = ready
            total = sum(values.values())
            if len(points) > 1 and points[-1][0] == at:
                points[-1] = (at, total)
            elif points[-1][1] != total:
                points.append((at, total))
        spans = sorted(
            span for need in moved for span in below(watch.history[need.workload], need.needed, watch.elapsed)
        )
        intended, needed = sum(need.intended for need in needs), sum(need.needed for need in needs)
        found.append(Course(service.id, service.name, intended, needed, tuple(points), _joined(spans)))
    return tuple(found)


def _by_service(needs: Mapping[Ref, Need]) -> Mapping[str, Sequence[Need]]:
    found: dict[str, dict[Ref, Need]] = defaultdict(dict)
    for need in needs.values():
        found[need.service][need.workload] = need
    return {service: [members[ref] for ref in sorted(members)] for service, members in found.items()}


def _joined(spans: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
