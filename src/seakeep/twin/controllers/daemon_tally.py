"""What a DaemonSet's status counts, kept node by node: a look at a DaemonSet of which nothing is to be done costs what has changed since the last one, not the number of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import ControllerRevision, DaemonSet, Node, Pod
from seakeep.twin.controller import View
from seakeep.twin.controllers import daemon_pods
from seakeep.twin.controllers.pods import is_pod_ready, is_terminating, owned_by, ready_for
from seakeep.twin.controllers.revisions import hash_in, template_of
from seakeep.twin.labels import compile_selector
from seakeep.twin.state import Entry, State, controller_of

# Of one node: (should have a pod, has one, its pod should not be there, ready, updated).
Counts = tuple[int, int, int, int, int]
_NOTHING: Counts = (0, 0, 0, 0, 0)


class Tally(NamedTuple):
    """As of two marks in the lists of changes. `busy` nodes are those where something is to be done, or may be; pods are by node and by name."""

    basis: tuple[object, ...]
    nodes: Entry | None
    pods: Entry | None
    on: dict[str, dict[str, Pod]]
    where: dict[str, str]
    counts: dict[str, Counts]
    busy: frozenset[str]
    total: Counts


def tally(view: View, item: DaemonSet, known: Sequence[ControllerRevision]) -> Tally | None:
    """Brought up to date. None where more is to be asked: availability depends on the clock, a revision is to be made or too old, an orphan may be adopted."""
    limit = 10 if item.spec.revision_history_limit is None else item.spec.revision_history_limit
    if (
        item.spec.min_ready_seconds
        or not known
        or len(known) - 1 > limit
        or view.state.has_orphans(Pod, item.namespace)
    ):
        return None
    state, key = view.state, item.ref
    basis = (item.spec, item.metadata, known[-1])
    old = cast("Tally | None", state.note(key))
    nodes, pods = state.mark("Node"), state.mark(key)
    if old is None or old.basis != basis:
        if template_of(known[-1]) != item.spec.template:
            return None
        old = Tally(basis, None, None, {}, {}, {}, frozenset(), _NOTHING)
        stale, moved = {node.name for node in state.all(Node)}, {pod.name for pod in state.pods_of(key)}
    else:
        if old.nodes is nodes and old.pods is pods:
            return old
        stale, moved = state.changed_since("Node", old.nodes), state.changed_since(key, old.pods)
        if not moved and all(_is_as_calm(state, item, old, name) for name in stale):
            new = old._replace(nodes=nodes)
            state.remember(key, new)
            return new
    found = _Counting(view, item, hash_in(known[-1]), old).run(stale, moved)
    new = Tally(basis, nodes, pods, found.on, found.where, found.counts, frozenset(found.busy), found.total)
    state.remember(key, new)
    return new


def _is_as_calm(state: State, item: DaemonSet, old: Tally, name: str) -> bool:
    """A node with nothing to do that should have a pod, before and after it changed: no more is asked of a node."""
    if name in old.busy or not old.counts.get(name, _NOTHING)[0]:
        return False
    node = state.get(Node, "", name)
    return node is not None and daemon_pods.fits(item, node)[0]


class _Counting:
    def __init__(self, view: View, item: DaemonSet, suffix: str, old: Tally) -> None:
        self.view, self.item, self.suffix = view, item, suffix
        self.selector = compile_selector(item.spec.selector)
        self.rolls, self.surges = daemon_pods.strategy(item) == "RollingUpdate", daemon_pods.surge(item, 1) > 0
        self.on, self.where, self.counts = dict(old.on), dict(old.where), dict(old.counts)
        self.busy, self.total = set(old.busy), old.total

    def run(self, stale: set[str], moved: Iterable[str]) -> _Counting:
        for name in moved:
            stale.update(self._move(name))
        for node in stale:
            self._count(node)
        return self

    def _move(self, name: str) -> Iterable[str]:
        """The nodes that a pod was on and is on."""
        state: State = self.view.state
        pod = state.get(Pod, self.item.namespace, name)
        before, after = self.where.pop(name, None), None
        if pod is not None and controller_of(pod) == self.item.ref:
            after = daemon_pods.target(pod)
            if is_terminating(pod) and is_ended(pod):
                after = None
        if before is not None:
            self.on[before] = {key: each for key, each in self.on[before].items() if key != name}
            yield before
        if after is not None and pod is not None:
            self.on[after] = {**self.on.get(after, {}), name: pod}
            self.where[name] = after
            yield after

    def _count(self, name: str) -> None:
        self.busy.discard(name)
        before, after = self.counts.pop(name, _NOTHING), _NOTHING
        pods = list(self.on.get(name, {}).values())
        node = self.view.state.get(Node, "", name)
        if node is not None:
            should, may_stay = daemon_pods.fits(self.item, node)
            first = min(pods, key=daemon_pods.oldest, default=None) if should else None
            after = self.counts[name] = (
                int(should),
                int(first is not None),
                int(bool(pods) and not should),
                int(first is not None and is_pod_ready(first)),
                int(first is not None and daemon_pods.is_updated(self.item, first, self.suffix)),
            )
            calm = self._is_calm(pods, should=should, may_stay=may_stay)
        else:
            calm = all(pod.spec.node_name for pod in pods)
        if not calm or not all(map(self._is_plain, pods)):
            self.busy.add(name)
        changes = zip(self.total, before, after, strict=True)
        self.total = cast("Counts", tuple(whole - less + more for whole, less, more in changes))

    def _is_calm(self, pods: Sequence[Pod], *, should: bool, may_stay: bool) -> bool:
        """Nothing is to be made or deleted on the node."""
        live = [pod for pod in pods if not is_terminating(pod)]
        if not may_stay:
            return not live
        if not pods:
            return not should
        return len(live) <= 1 and not any(map(is_ended, live)) and (bool(live) or not should or not self.surges)

    def _is_plain(self, pod: Pod) -> bool:
        """Its own, with its newest template where that matters, and not ready in what the clock has not reached."""
        return (
            owned_by(self.item, pod)
            and self.selector.matches(pod.labels)
            and (not self.rolls or is_terminating(pod) or daemon_pods.is_updated(self.item, pod, self.suffix))
            and (not is_pod_ready(pod) or ready_for(self.view.now, pod) >= 0)
        )
