"""Ready pods per workload while a twin runs: what changed is counted, not everything."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Need, Shortage
from seakeep.twin.observed import Observed
from seakeep.twin.state import State, controller_of

Key = tuple[str, str]


@dataclass(frozen=True)
class Board:
    """What every branch of one base shares: the needs by workload, which workload an owner belongs to, and the ready pods of the base with their workload."""

    needs: Mapping[Ref, Need]
    owners: dict[Ref, Ref]
    ready: Mapping[Key, Ref]
    counts: dict[Ref, int]

    @property
    def short(self) -> set[str]:
        """Services with a workload below its need."""
        return {need.service for ref, need in self.needs.items() if self.counts.get(ref, 0) < need.needed}


def board(twin: Observed, index: Index, needs: Mapping[Ref, Need]) -> Board:
    """`index` is of the snapshot that the twin was built from: it knows owners that were not read."""
    owners: dict[Ref, Ref] = {}
    bare: dict[Ref, Ref] = {}
    for pod in index.pods:
        workload = workload_of(index, pod)
        need = needs.get(workload)
        target = need.workload if need is not None else workload
        owner = controller_of(pod)
        if owner is None or owner.kind == "Node":
            bare[pod.ref] = target
        else:
            owners[owner] = target
    owners.update(bare)
    for ref, need in needs.items():
        owners.setdefault(ref, need.workload)
    ready: dict[Key, Ref] = {}
    counts: dict[Ref, int] = defaultdict(int)
    for pod in twin.state.all(Pod):
        if serves(twin, pod):
            workload = home(twin.state, owners, pod)
            ready[pod.namespace, pod.name] = workload
            counts[workload] += 1
    return Board({need.workload: need for need in needs.values()}, owners, ready, dict(counts))


def serves(twin: Observed, pod: Pod) -> bool:
    """Ready for good, and on a node that still runs: a lost node's pods stay Ready until the control plane notices, but nobody reaches them."""
    return pod.spec.node_name not in twin.state.silent and is_ready(pod) and not twin.fails(pod)


def home(state: State, owners: dict[Ref, Ref], pod: Pod) -> Ref:
    """The workload that a pod belongs to; owners that came later are looked up once."""
    owner = controller_of(pod)
    if owner is None or owner.kind == "Node":
        return owners.get(pod.ref, pod.ref)
    known = owners.get(owner)
    if known is None:
        above = state.root(owner)
        known = owners[owner] = owners.get(above, above)
    return known


class Watch:
    """Counts of one branch over time. `history` has (seconds, ready) for each workload whose count changed, its first entry being the start."""

    def __init__(self, board: Board, twin: Observed) -> None:
        self.board, self.twin = board, twin
        self.start = twin.now
        # Over the board's, which is not copied: a branch of a large cluster mostly changes a few.
        self.counts: ChainMap[Ref, int] = ChainMap({}, board.counts)
        self.history: dict[Ref, list[tuple[float, int]]] = {}
        self._ready: dict[Key, Ref | None] = {}
        self._mark = len(twin.steps)
        self._silent = frozenset(twin.state.silent)
        self._began = 0.0
        self._marks: dict[Ref, int] = {}
        twin.seen = self.look

    def home(self, ref: Ref) -> Ref:
        """The workload that a pod belongs to; of a pod that is gone itself."""
        pod = self.twin.state.get(Pod, ref.namespace, ref.name)
        return home(self.twin.state, self.board.owners, pod) if pod is not None else ref

    @property
    def elapsed(self) -> float:
        return (self.twin.now - self.start).total_seconds()

    def look(self) -> None:
        twin, state = self.twin, self.twin.state
        touched = {
            (step.object.namespace, step.object.name) for step in twin.steps[self._mark :] if step.object.kind == "Pod"
        }
        self._mark = len(twin.steps)
        silent = frozenset(state.silent)
        for node in silent ^ self._silent:
            touched.update((pod.namespace, pod.name) for pod in state.pods_on(node))
        self._silent = silent
        moved: dict[Ref, int] = {}
        for key in touched:
            before = self._ready[key] if key in self._ready else self.board.ready.get(key)
            pod = state.get(Pod, *key)
            after = home(state, self.board.owners, pod) if pod is not None and serves(twin, pod) else None
            if before == after:
                continue
            self._ready[key] = after
            for workload, step in ((before, -1), (after, 1)):
                if workload is not None:
                    moved.setdefault(workload, self.counts.get(workload, 0))
                    self.counts[workload] = self.counts.get(workload, 0) + step
        for workload, old in moved.items():
            new = self.counts[workload]
            if new != old:
                self.history.setdefault(workload, [(0.0, old)]).append((self.elapsed, new))

    def begin(self) -> None:
        """From here on `shortages` count, until the next `begin`."""
        self._began = self.elapsed
        self._marks = {workload: len(points) for workload, points in self.history.items()}

    def course(self, workload: Ref) -> list[tuple[float, int]]:
        """(seconds, ready) since `begin`, the first entry being what there was."""
        points, mark = self.history.get(workload, []), self._marks.get(workload, 0)
        before = points[mark - 1][1] if mark else self.board.counts.get(workload, 0)
        # The very first entry of a history says what there was before its first change.
        return [(self._began, before), *points[mark or 1 :]]

    def shortages(self) -> tuple[Shortage, ...]:
        """Workloads that fell below their need and were not below when it began."""
        found = []
        for workload in sorted(self.history):
            need, points = self.board.needs.get(workload), self.course(workload)
            low = min(ready for _, ready in points)
            if need is not None and points[0][1] >= need.needed > low:
                spans = below(points, need.needed, self.elapsed)
                seconds = round(sum(end - start for start, end in spans), 3)
                recovered = self.counts.get(workload, 0) >= need.needed
                found.append(Shortage(need.service, workload, low, need.needed, seconds, recovered))
        return tuple(found)


def below(points: list[tuple[float, int]], needed: int, end: float) -> tuple[tuple[float, float], ...]:
    """The spans in which there are fewer than needed."""
    spans: list[tuple[float, float]] = []
    for (at, ready), (until, _) in zip(points, [*points[1:], (end, 0)], strict=True):
        if ready < needed and until > at:
            if spans and spans[-1][1] == at:
                spans[-1] = (spans[-1][0], until)
            else:
                spans.append((at, until))
    return tuple(spans)
