"""DaemonSets: a pod on every node that fits. Source: pkg/controller/daemon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from seakeep.model.objects import DaemonSet, KubeObject, Node, Pod
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.controllers import daemon_pods, revisions
from seakeep.twin.controllers.daemon_rollout import Rollout
from seakeep.twin.controllers.daemon_tally import Tally, tally
from seakeep.twin.controllers.pods import (
    claimed,
    claims,
    interested,
    is_available,
    is_pod_ready,
    is_terminating,
    pod_from,
    until_available,
)
from seakeep.twin.controllers.revisions import REVISION_LABEL, hash_in, revisions_of
from seakeep.twin.labels import compile_selector
from seakeep.twin.state import State


class DaemonSets:
    name = "daemonset"
    watches = frozenset({"DaemonSet", "Node", "Pod"})
    owners: ClassVar[Mapping[str, str]] = {"Pod": "DaemonSet"}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, DaemonSet):
            yield item.ref
        elif isinstance(item, Pod):
            yield from interested(state, DaemonSet, item)
        elif isinstance(item, Node):
            yield from (each.ref for each in state.all(DaemonSet))

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(DaemonSet, ref.namespace, ref.name)
        if item is None or item.metadata.deletion_timestamp is not None:
            return
        selector = compile_selector(item.spec.selector)
        if selector.empty:
            return
        found = tally(view, item, revisions_of(view, item))
        if found is not None and not found.busy:
            yield from _calm(item, found)
            return
        yield from claims(view, item, selector)
        pods = claimed(view, item, selector)
        yield from revisions.synced(view, item, pods)
        known = revisions_of(view, item)
        if not known:
            return
        sync = _Sync(view, item, pods, hash_in(known[-1]))
        yield from sync.manage()
        yield from sync.roll()
        live = {pod.labels.get(REVISION_LABEL, "") for pod in pods}
        used = frozenset(each.name for each in known if hash_in(each) in live or each is known[-1])
        yield from revisions.cleaned(view, item, used)
        yield from sync.status()


def _calm(item: DaemonSet, found: Tally) -> Iterator[Action]:
    """Every node has what it should have."""
    wanted, current, misplaced, ready, updated = found.total
    status = replace(
        item.status,
        observed_generation=item.metadata.generation,
        desired_number_scheduled=wanted,
        current_number_scheduled=current,
        number_misscheduled=misplaced,
        number_ready=ready,
        number_available=ready,
        number_unavailable=wanted - ready,
        updated_number_scheduled=updated,
    )
    if status != item.status:
        yield Update(replace(item, status=status), "daemonset: status")


class _Sync:
    def __init__(self, view: View, item: DaemonSet, pods: Sequence[Pod], suffix: str) -> None:
        self.view, self.item, self.hash = view, item, suffix
        self.nodes = tuple(view.state.all(Node))
        self.fits = {node.name: daemon_pods.fits(item, node) for node in self.nodes}
        self.by_node = _by_node(pods)
        self.surges = daemon_pods.surge(item, 1) > 0
        self.busy = False

    def manage(self) -> Iterator[Action]:
        wanted: list[str] = []
        for node in self.nodes:
            should, may_stay = self.fits[node.name]
            pods = self.by_node.get(node.name)
            if should and pods is None:
                wanted.append(node.name)
            elif may_stay:
                running = yield from self._unfinished(pods or ())
                if self.surges and not running and should:
                    wanted.append(node.name)
                yield from self._surplus(running)
            else:
                yield from (self._delete(pod, "the node fits no more") for pod in pods or () if not is_terminating(pod))
        for name in sorted(self.by_node.keys() - self.fits.keys()):
            unplaced = (pod for pod in self.by_node[name] if not pod.spec.node_name)
            yield from (self._delete(pod, "its node is gone") for pod in unplaced)
        for name in wanted:
            self.busy = True
            yield Create(self.pod(name), f"daemonset: no pod on {name}")
            if self.item.ref in self.view.refused:
                return

    def pod(self, node: str) -> Pod:
        template = daemon_pods.template(self.item, self.hash, node)
        prefix = f"{self.item.name}-"
        return pod_from(self.item, template, prefix + self.view.suffix(), prefix)

    def _delete(self, pod: Pod, why: str) -> Delete:
        self.busy = True
        return Delete(pod.ref, f"daemonset: {why}")

    def _unfinished(self, pods: Sequence[Pod]) -> Generator[Action, None, list[Pod]]:
        """Deletes pods that have ended; gives those that run, oldest first."""
        running: list[Pod] = []
        for pod in pods:
            if is_terminating(pod):
                continue
            if pod.status.phase in {"Failed", "Succeeded"}:
                yield self._delete(pod, f"Found {pod.status.phase.lower()} daemon pod")
            else:
                running.append(pod)
        return sorted(running, key=daemon_pods.oldest)

    def _surplus(self, running: list[Pod]) -> Iterator[Action]:
        if not self.surges:
            yield from (self._delete(pod, "more than one on its node") for pod in running[1:])
            return
        new = [pod for pod in running if pod.labels.get(REVISION_LABEL) == self.hash]
        old = [pod for pod in running if pod.labels.get(REVISION_LABEL) != self.hash]
        yield from (self._delete(pod, "more than one of its revision on its node") for pod in (*new[1:], *old[1:]))
        if new and old:
            if not is_pod_ready(old[0]):
                yield self._delete(old[0], "not ready, and a newer one is there")
            elif is_available(self.view.now, new[0], self.item.spec.min_ready_seconds):
                yield self._delete(old[0], "a newer one is available")

    def roll(self) -> Iterator[Action]:
        """Only once what was made and deleted before has been seen."""
        if self.busy or daemon_pods.strategy(self.item) != "RollingUpdate":
            return
        rollout = Rollout(self.view, self.item, self.by_node, self.fits, self.hash)
        yield from rollout.run(self.pod)

    def status(self) -> Iterator[Action]:
        pods = self.view.state.pods_of(self.item.ref)
        by_node = _by_node(pods)
        item = self.view.state.get(DaemonSet, self.item.namespace, self.item.name)
        if item is None:
            return
        wanted = [node for node in self.nodes if self.fits[node.name][0]]
        first = [min(by_node[node.name], key=daemon_pods.oldest) for node in wanted if by_node.get(node.name)]
        least = item.spec.min_ready_seconds
        available = sum(is_available(self.view.now, pod, least) for pod in first)
        status = replace(
            item.status,
            observed_generation=item.metadata.generation,
            desired_number_scheduled=len(wanted),
            current_number_scheduled=len(first),
            number_misscheduled=sum(bool(by_node.get(node.name)) for node in self.nodes if not self.fits[node.name][0]),
            number_ready=sum(is_pod_ready(pod) for pod in first),
            number_available=available,
            number_unavailable=len(wanted) - available,
            updated_number_scheduled=sum(daemon_pods.is_updated(item, pod, self.hash) for pod in first),
        )
        yield Update(replace(item, status=status), "daemonset: status")
        wait = until_available(self.view.now, pods, least)
        if wait:
            yield Wait(item.ref, wait)


def _by_node(pods: Iterable[Pod]) -> Mapping[str, list[Pod]]:
    """Of pods that have not ended on their way out, by the node they are on or are meant for."""
    found: dict[str, list[Pod]] = defaultdict(list)
    for pod in pods:
        if is_terminating(pod) and pod.status.phase in {"Failed", "Succeeded"}:
            continue
        found[daemon_pods.target(pod)].append(pod)
    found.pop("", None)
    return dict(found)
