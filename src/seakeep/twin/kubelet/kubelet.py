"""What kubelets do with the pods of their nodes: start them, make them ready, restart and end them. A lost node's kubelet does nothing. Source: pkg/kubelet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_ended, is_ready
from seakeep.model.objects import ConfigMap, KubeObject, Node, Pod, Secret, Service
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.changes import ALL, GONE, MADE, METADATA, PHASE, READY, SPEC
from seakeep.twin.controller import Question, View
from seakeep.twin.kubelet.attachment import claims_of, released
from seakeep.twin.kubelet.blame import Blames
from seakeep.twin.kubelet.bounds import past_deadline, time_left, turned_away
from seakeep.twin.kubelet.dependencies import Needed, Needs, consumers
from seakeep.twin.kubelet.faults import Faults, Recorded, no_faults, root_of
from seakeep.twin.kubelet.life import Life
from seakeep.twin.kubelet.measured import Memory, exceeds, unknown_memory
from seakeep.twin.kubelet.stopping import ending, stopped
from seakeep.twin.memo import by_identity
from seakeep.twin.state import State

_WATCHED = frozenset({"ConfigMap", "Node", "Pod", "Secret"})
# What decides whether a call gets through.
_ON_THE_WAY = frozenset({"EndpointSlice", "NetworkPolicy", "Service"})


@dataclass(frozen=True, slots=True)
class Kubelet:
    """A kubelet that was lost in the twin (`State.silent`) does nothing from that moment on; one that the snapshot shows as lost has a Ready condition that is not True.

    `faults` tells what goes wrong in a pod, `needs` which Services a workload must reach to be ready, `memory` what a container is known to use. `lasting` are pods of Jobs that run: when they would end is not known.
    """

    faults: Faults = no_faults
    needs: Needs = field(default_factory=dict)
    memory: Memory = unknown_memory
    lasting: frozenset[Ref] = frozenset()
    name: str = "kubelet"
    # Not a node's cordon and taints, and no pod that is gone.
    minds: ClassVar[Mapping[str, int]] = {"Node": ALL & ~SPEC, "Pod": ALL & ~GONE}
    forgets: bool = True

    @property
    def watches(self) -> frozenset[str]:
        blames = self.faults.blames if isinstance(self.faults, Recorded) else Blames()
        return _WATCHED | _ON_THE_WAY | {ref.kind for ref in blames.by_culprit} if blames else _WATCHED

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        blames: Blames | None = self.faults.blames if isinstance(self.faults, Recorded) else None
        if not blames and isinstance(item, Pod):
            return (item.ref,) if _runs(item) else ()
        return self._concerned(state, item, blames)

    @property
    def further(self) -> Sequence[Question]:
        """Pods that wait for others to be ready, or for their volumes."""
        waiting = (
            Question(METADATA | READY, self._consumers, self._unneeded),
            Question(MADE | GONE, self._closed, self._unneeded),
        )
        return (*(waiting if self.needs else ()), Question(GONE | PHASE, released, _shares_nothing))

    def _unneeded(self, state: State, pod: Pod) -> bool:
        """Behind no Service that is needed."""
        by_service = self.needs.by_service if isinstance(self.needs, Needed) else None
        picks = state.who_picks(Service, pod.metadata.namespace, pod.metadata.labels)
        return by_service is not None and not any(ref in by_service for ref in picks)

    def _consumers(self, state: State, item: KubeObject) -> Iterable[Ref]:
        return consumers(state, self.needs, item) if isinstance(item, Pod) else ()

    def _closed(self, state: State, item: KubeObject) -> Iterable[Ref]:
        """A pod that is not ready and comes or goes can only close or open a circle of needs (see `answers`): one of a workload without needs is in none."""
        needs = self.needs
        if not isinstance(item, Pod) or (isinstance(needs, Needed) and item.metadata.namespace not in needs.spaces):
            return ()
        return consumers(state, needs, item) if is_ready(item) or root_of(state, item) in needs else ()

    def _concerned(self, state: State, item: KubeObject, blames: Blames | None) -> list[Ref]:
        found = list(_blamed(state, item, blames)) if blames else []
        if isinstance(item, Pod):
            if _runs(item):
                found.append(item.ref)
        elif isinstance(item, Node):
            found.extend(pod.ref for pod in state.pods_on(item.name))
        elif isinstance(item, (ConfigMap, Secret)):
            # A container that could not be made, or ends again and again, may work with what has changed.
            pods = state.within(Pod, item.namespace)
            found.extend(pod.ref for pod in pods if pod.spec.node_name and condition(pod, "Ready") != "True")
        return found

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        pod = view.state.get(Pod, ref.namespace, ref.name)
        if pod is None or not pod.spec.node_name:
            return ()
        node = view.state.get(Node, "", pod.spec.node_name)
        if node is None or pod.spec.node_name in view.state.silent or not is_up(node):
            return ()
        if pod.metadata.deletion_timestamp is not None:
            return ending(view, ref, pod)
        return self._living(view, pod, node) if not is_ended(pod) else ()

    def _living(self, view: View, pod: Pod, node: Node) -> Iterator[Action]:
        left = time_left(pod, view.now) if pod.spec.active_deadline_seconds is not None else None
        away = turned_away(view.state, pod, node) if pod.status.start_time is None else None
        if left is not None and left <= 0:
            yield Update(replace(pod, status=past_deadline(stopped(view, pod))), "kubelet: DeadlineExceeded")
        elif away is not None:
            yield Update(replace(pod, status=away), f"kubelet: {away.reason}")
        elif not self._rests(view, pod):
            yield from Life(self.faults, self.needs, self.memory, view, pod, lasts=pod.ref in self.lasting).run()
        if left is not None and left > 0:
            yield Wait(pod.ref, left, idle=True)

    def _rests(self, view: View, pod: Pod) -> bool:
        """Most pods, most of the time: ready, with nothing known that could change it."""
        if pod.status.phase != "Running" or condition(pod, "Ready") != "True" or pod.spec.restart_policy != "Always":
            return False
        known = self.faults.known if isinstance(self.faults, Recorded) else None
        if known is None and self.faults is not no_faults:
            return False
        if known or self.needs:
            root = root_of(view.state, pod)
            if root in self.needs or (known and root in known):
                return False
        return not any(exceeds(self.memory, view.state, pod, item) for item in pod.spec.containers)


def _shares_nothing(_: State, pod: Pod) -> bool:
    return not claims_of(pod.spec)


def _runs(pod: Pod) -> bool:
    return bool(pod.spec.node_name) and not is_ended(pod)


def _blamed(state: State, item: KubeObject, blames: Blames) -> Iterator[Ref]:
    """Pods whose fault may have gone: its culprit changed, or the way to what they call."""
    workloads = blames if item.kind in _ON_THE_WAY else blames.by_culprit.get(item.ref, ())
    if not workloads:
        return
    for space in sorted({workload.namespace for workload in workloads}):
        for pod in state.within(Pod, space):
            if condition(pod, "Ready") != "True" and root_of(state, pod) in workloads:
                yield pod.ref


@by_identity
def is_up(node: Node) -> bool:
    """The kubelet reports, and says that the node is ready; a node that was read without conditions counts as up."""
    ready = next((item.status for item in node.status.conditions if item.type == "Ready"), "True")
    return ready == "True"
