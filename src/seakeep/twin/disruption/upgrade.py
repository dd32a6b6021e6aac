"""A rolling upgrade of nodes: each is drained, its machine replaced by an equal fresh one, and made schedulable again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Condition, Node
from seakeep.model.objects.pods import PodStatus
from seakeep.twin.disruption.drain import Drain, drain, uncordon
from seakeep.twin.disruption.drain_filters import DrainOptions
from seakeep.twin.disruption.outage import posted
from seakeep.twin.world import Twin

# What controllers put on a node; the new machine registers without it.
_PASSING = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")


@dataclass(frozen=True, slots=True)
class Upgrade:
    """`drains` in their order, the last one being that which stopped the upgrade where not all nodes are `done`."""

    drains: tuple[Drain, ...]
    done: tuple[str, ...]
    seconds: float


def upgrade(
    twin: Twin, nodes: Sequence[str], options: DrainOptions | None = None, *, replaced_after: float = 120.0
) -> Upgrade:
    """One after the other, as managed node groups do; it stops at the first node that cannot be drained. Raises RejectedError for a node that is not there."""
    start, drains, done = twin.now, [], []
    for name in nodes:
        found = drain(twin, name, options)
        drains.append(found)
        if not found.drained:
            break
        renew(twin, name, replaced_after)
        found.out.append(uncordon(twin, name))
        done.append(name)
    return Upgrade(tuple(drains), tuple(done), (twin.now - start).total_seconds())


def renew(twin: Twin, name: str, after: float) -> None:
    """The node leaves, and after so many seconds an equal machine registers by the same name. Pods that are still bound to it (agents, static pods) start anew there."""
    old = twin.state.get(Node, "", name)
    if old is None:
        return
    twin.state.silent = {**twin.state.silent, name: twin.now}
    twin.delete(old.ref, "upgrade: the machine is replaced")
    twin.settle(within=after)
    for pod in twin.state.pods_on(name):
        bound = (Condition(type="PodScheduled", status="True", last_transition_time=twin.now),)
        if not is_ended(pod):
            twin.record(replace(pod, status=PodStatus(phase="Pending", conditions=bound)), "kubelet: a new machine")
    twin.state.silent = {each: since for each, since in twin.state.silent.items() if each != name}
    kept = tuple(taint for taint in old.spec.taints if not taint.key.startswith(_PASSING))
    fresh = replace(
        old,
        metadata=replace(old.metadata, uid="", deletion_timestamp=None),
        spec=replace(old.spec, unschedulable=False, taints=kept),
        status=replace(old.status, conditions=posted(twin, replace(old, status=replace(old.status, conditions=())))),
    )
    twin.create(fresh, "upgrade: the new machine registers")
