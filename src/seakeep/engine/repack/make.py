"""What lets waiting pods be placed, the least intrusive first: smaller requests of their own, pods moved away, smaller requests of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seakeep.engine.plan.waves import raw_of
from seakeep.engine.play import Decode, unplaced
from seakeep.engine.rehearse import settle
from seakeep.engine.repack.greedy import greedy
from seakeep.engine.repack.lacking import lacks, new_nodes
from seakeep.engine.repack.packing import Counts, Packing, Solver
from seakeep.engine.repack.read import Reading, read
from seakeep.engine.repack.resizing import Resizing
from seakeep.engine.repack.steps import Playing, moves
from seakeep.model.change import Change, applied
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.repacking import Fit, Lack, Move, NewNode, Wanting
from seakeep.model.scenario import BOUND, Step
from seakeep.twin.kubelet.faults import root_of
from seakeep.twin.observed import Observed
from seakeep.twin.requests import reserved
from seakeep.twin.state import State

# A set whose pods come one after the other shows its next pod only when the one before runs.
_ROUNDS = 10
SHORT = "best fit does not place {} of {} pods; CP-SAT, which may, is not installed: pip install 'seakeep[repack]'"


@dataclass
class Found:
    """What was found by playing it; `steps` lead from the base to where the pods in `left` still wait, by their workload."""

    waiting: tuple[Wanting, ...]
    elsewise: tuple[Ref, ...]
    held: Mapping[str, int]
    left: dict[Ref, Ref] = field(default_factory=dict)
    method: str = ""
    steps: list[Step] = field(default_factory=list)
    resizings: list[Change] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    lacks: tuple[Lack, ...] = ()
    new_nodes: tuple[NewNode, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def helped(self) -> tuple[Ref, ...]:
        """Workloads fewer of whose pods wait than before; by number, for a roll-out gives pods other names."""
        left = Counter(self.left.values())
        return tuple(ref for ref, count in sorted(self._waiting_by_workload.items()) if left[ref] < count)

    @property
    def _waiting_by_workload(self) -> Counter[Ref]:
        return Counter(item.workload for item in self.waiting)

    @property
    def fit(self) -> Fit:
        if not self.waiting:
            return Fit.NOTHING_WAITS
        if not self.left:
            return Fit.FOUND
        return Fit.PARTLY if self.helped else Fit.NO_ROOM

    def forget(self) -> None:
        """What helped nobody is not worth doing."""
        self.steps, self.resizings, self.moves, self.method = [], [], [], ""


def repack(base: Observed, sizes: Mapping[Ref, Resizing], decode: Decode, solver: Solver | None) -> Found:
    """`base` is settled, and left as it is."""
    first = _reading(base)
    waiting = tuple(_wanting(base.state, ref) for kind in first.packing.kinds for ref in kind.waiting)
    found = Found(tuple(sorted(waiting, key=lambda item: item.pod)), first.elsewise, first.held)
    if not waiting:
        return found
    known = {pod.ref for pod in base.state.all(Pod)}
    twin = base.branch()
    twin.let_go()
    own = {item.workload for item in waiting}
    resized = _resized(twin, found, [sizes[ref] for ref in sorted(own & sizes.keys())], decode)
    twin, counts = _moved(resized, found, known, decode, solver, first if resized is twin else _reading(resized))
    if found.left:
        others = {ref: item for ref, item in sizes.items() if ref not in own}
        chosen = _enough(twin, others, solver) if others else []
        if chosen:
            twin = _resized(twin, found, chosen, decode)
            twin, counts = _moved(twin, found, known, decode, solver, _reading(twin))
    if found.left:
        found.lacks, found.new_nodes = tuple(lacks(counts)), tuple(new_nodes(counts, twin.state))
        if found.fit is Fit.NO_ROOM:
            found.forget()
    return found


def _waits(state: State) -> list[Ref]:
    return sorted(ref for ref, _ in unplaced(state))


def _reading(twin: Observed, sizes: Mapping[Ref, Resizing] | None = None) -> Reading:
    requests = {ref: item.requests for ref, item in sizes.items()} if sizes else None
    return read(twin.state, _waits(twin.state), requests)


def _wanting(state: State, ref: Ref) -> Wanting:
    pod = state.get(Pod, ref.namespace, ref.name)
    if pod is None:
        raise LookupError(ref)
    return Wanting(ref, root_of(state, pod), dict(sorted(reserved(pod, running=False).requests.items())))


def _solved(packing: Packing, solver: Solver | None) -> tuple[Counts, str]:
    """The better of both, greedy where they are as good."""
    quick = greedy(packing)
    if solver is None or not any(quick.unplaced):
        return quick, "greedy"
    better = solver(packing, quick.on)
    if better is None:
        return quick, "greedy"
    counts = Counts(packing, [list(room) for room in packing.free], [{} for _ in packing.kinds])
    for number, on in enumerate(better):
        for node, count in on.items():
            counts.add(number, node, count)
    return (counts, "cp-sat") if sum(counts.unplaced) < sum(quick.unplaced) else (quick, "greedy")


def _moved(
    start: Observed, found: Found, known: set[Ref], decode: Decode, solver: Solver | None, reading: Reading
) -> tuple[Observed, Counts]:
    """Round after round, as long as fewer wait afterwards than before, or others; `reading` is of the start. With the best that is known on paper of what is left."""
    twin, waits = start, _waiting(reading)
    counts, method = _solved(reading.packing, solver)
    for _ in range(_ROUNDS):
        if not waits:
            break
        hopeful = sum(left for kind, left in enumerate(counts.unplaced) if counts.packing.could_hold(kind))
        if solver is None and hopeful:
            found.notes = [SHORT.format(hopeful, len(waits))]
        wished = moves(counts.packing, counts.on)
        if not wished or sum(counts.unplaced) >= len(waits):
            break
        branch = twin.branch()
        playing = Playing(branch, decode)
        for item in wished:
            playing.move(item)
        playing.finish()
        played = _reading(branch)
        after = _waiting(played)
        if set(after) >= set(waits) or _displaced(twin, branch, waits, after):
            found.notes.append("the moves found do not help when they are played: kube-scheduler puts pods elsewhere, or budgets bar evictions")  # fmt: skip
            break
        found.moves += [_named(item, known) for item in wished]
        found.steps += playing.steps
        found.method = method if found.method != "cp-sat" else found.method
        twin, waits = branch, after
        if waits:
            counts, method = _solved(played.packing, solver)
    found.left = {ref: _wanting(twin.state, ref).workload for ref in waits}
    if not waits:
        found.notes = []
    return twin, counts


def _waiting(reading: Reading) -> list[Ref]:
    return [ref for kind in reading.packing.kinds for ref in kind.waiting]


def _displaced(twin: Observed, branch: Observed, waits: Sequence[Ref], after: Sequence[Ref]) -> bool:
    """Whether pods wait now of workloads none of whose pods waited before: one gap for another is no gain."""
    before = {_wanting(twin.state, ref).workload for ref in waits}
    return any(_wanting(branch.state, ref).workload not in before for ref in after)


def _named(item: Move, known: set[Ref]) -> Move:
    return item if item.pod in known else Move(item.pod, item.workload, item.source, item.target, known=False, alone=item.alone)  # fmt: skip


def _enough(twin: Observed, others: Mapping[Ref, Resizing], solver: Solver | None) -> list[Resizing]:
    """On paper: the fewest that do what all of them would; those that free least are the first to be let off. Where best fit does not see what they do, all that CP-SAT has a use for."""

    def missing(sizes: Mapping[Ref, Resizing]) -> int:
        return sum(greedy(_reading(twin, sizes).packing).unplaced)

    best, now = missing(others), missing({})
    if best >= now:
        counts, _ = _solved(_reading(twin, others).packing, solver)
        return [others[ref] for ref in sorted(others)] if sum(counts.unplaced) < now else []
    chosen = dict(others)
    for ref in sorted(others, key=lambda ref: (_freed(twin, others[ref]), ref)):
        fewer = {key: item for key, item in chosen.items() if key != ref}
        if missing(fewer) <= best:
            chosen = fewer
    return [chosen[ref] for ref in sorted(chosen)]


def _freed(twin: Observed, item: Resizing) -> int:
    """In bytes, a millicore as heavy as 4 MiB: the usual shape of nodes."""
    weigh = {"cpu": 4 * 1024**2, "memory": 1}
    before, after = _reading(twin).packing, _reading(twin, {item.change.target: item}).packing
    weights = [weigh.get(name, 0) for name in after.resources]
    return sum(
        weight * (new - old)
        for one, two in zip(Counts.now(before).free, Counts.now(after).free, strict=True)
        for weight, old, new in zip(weights, one, two, strict=True)
    )


def _resized(start: Observed, found: Found, wanted: Sequence[Resizing], decode: Decode) -> Observed:
    if not wanted:
        return start
    twin = start.branch()
    playing = Playing(twin, decode)
    for item in wanted:
        old = twin.state.find(item.change.target)
        if old is not None:
            playing.play(Step("apply", objects=(applied(raw_of(old), item.change),)))
    settle(twin, BOUND)
    found.steps += playing.steps
    found.resizings += [item.change for item in wanted]
    return twin
