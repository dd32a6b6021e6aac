"""Owners whose new pods never stay: what they make is replaced at once, for ever, and at a higher price each time, as more is left behind."""

from __future__ import annotations

from seakeep.model.objects import DaemonSet, Job, Node, Workload
from seakeep.model.refs import Ref
from seakeep.twin.state import State

# Whatever is wanted, so many new pods are nothing unusual: a rolling upgrade of many nodes moves each several times.
_FEW, _TIMES = 500, 20


def is_runaway(state: State, owner: Ref, made: int) -> bool:
    """Far more was made for a workload than it wants."""
    if made <= _FEW:
        return False
    item = state.find(owner)
    return isinstance(item, Workload | Job) and made > _FEW + _TIMES * _wanted(state, item)


def _wanted(state: State, item: Workload | Job) -> int:
    if isinstance(item, DaemonSet):
        return len(state.objects().get(Node.__name__, ()))
    if isinstance(item, Job):
        return max(item.spec.parallelism or 0, item.spec.completions or 0, 1)
    return 1 if item.spec.replicas is None else item.spec.replicas
