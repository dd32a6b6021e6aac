"""Moves in an order that can be played: each by an eviction, with cordons that lead kube-scheduler to the place meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from seakeep.engine.play import Decode, Player
from seakeep.engine.rehearse import settle
from seakeep.engine.repack.packing import Counts, Packing
from seakeep.model.objects import Node, Pod
from seakeep.model.repacking import Move
from seakeep.model.scenario import BOUND, Step
from seakeep.twin.observed import Observed
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.profile import judge


def moves(packing: Packing, on: Sequence[dict[int, int]]) -> list[Move]:
    """From the counts that are to the counts that are meant, each when its target has room; where they wait for each other, one goes first and is without a place meanwhile."""
    counts = Counts.now(packing)
    open_ = [item for number, kind in enumerate(packing.kinds) for item in _of_kind(packing, number, on[number])]
    found = []
    while open_:
        item = next((item for item in open_ if _goes(counts, *item[:3])), open_[0])
        open_.remove(item)
        number, source, target, move = item
        counts.add(number, source, -1)
        counts.add(number, target, 1)
        found.append(move)
    return found


def _goes(counts: Counts, number: int, source: int, target: int) -> bool:
    """It has left its own node when it looks for another."""
    counts.add(number, source, -1)
    fits = counts.fits(number, target)
    counts.add(number, source, 1)
    return fits


def _of_kind(packing: Packing, number: int, on: dict[int, int]) -> Iterator[tuple[int, int, int, Move]]:
    kind = packing.kinds[number]
    gone = [(node, pod) for node, pods in kind.pods.items() for pod in pods[on.get(node, 0) :]]
    come = [
        node for node, count in sorted(on.items()) for _ in range(max(count - len(kind.pods.get(node, ())), 0))
    ]  # what waits takes what is left of these
    for (source, pod), target in zip(gone, come, strict=False):
        move = Move(pod, kind.workload, packing.nodes[source], packing.nodes[target], alone=kind.cost > 1)
        yield number, source, target, move


class Playing:
    """Plays moves on a twin, and notes the steps: a node that is to be cleared stays cordoned until the last move is made, so that its room waits for whom it is meant for."""

    def __init__(self, twin: Observed, decode: Decode) -> None:
        self.twin, self.steps = twin, list[Step]()
        self._player = Player(twin, decode)
        self._cleared: dict[str, None] = {}

    def move(self, item: Move) -> None:
        if item.target in self._cleared:
            self._cordon([item.target], off=True)
            del self._cleared[item.target]
        if item.source not in self._cleared and not self._is_cordoned(item.source):
            self._cordon([item.source])
            self._cleared[item.source] = None
        rivals = self._rivals(item)
        self._cordon(rivals)
        self.play(Step("evict", (f"{item.pod.namespace}/{item.pod.name}",)))
        self._cordon(rivals, off=True)

    def finish(self) -> None:
        for name in self._cleared:
            self._cordon([name], off=True)
        self._cleared = {}

    def play(self, step: Step) -> None:
        self.steps.append(step)
        self._player.play(step)
        settle(self.twin, BOUND)

    def _cordon(self, names: list[str], *, off: bool = False) -> None:
        if names:
            self.play(Step("uncordon" if off else "cordon", tuple(names)))

    def _is_cordoned(self, name: str) -> bool:
        node = self.twin.state.get(Node, "", name)
        return node is not None and node.spec.unschedulable

    def _rivals(self, item: Move) -> list[str]:
        """The nodes that kube-scheduler may prefer to the target; among equals it picks at random."""
        pod = self.twin.state.get(Pod, item.pod.namespace, item.pod.name)
        if pod is None:
            return []
        cluster = Cluster(self.twin.state)
        if pod.spec.node_name in cluster.index:
            cluster.remove(pod, cluster.index[pod.spec.node_name])
        verdict = judge(cluster, replace(pod, spec=replace(pod.spec, node_name="")))
        scores = dict(zip(verdict.feasible, verdict.total.tolist(), strict=True))
        least = scores.get(item.target)
        return [] if least is None else sorted(name for name, score in scores.items() if name != item.target and score >= least)  # fmt: skip
