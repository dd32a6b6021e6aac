"""What a diagnosis says of faults: which objects are behind them, and which calls do not get through because of that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import KubeObject, Pod, Workload
from seakeep.model.refs import Ref
from seakeep.twin.labels import compile_selector
from seakeep.twin.network.answer import Verdict
from seakeep.twin.network.base import Network
from seakeep.twin.network.reach import reach
from seakeep.twin.state import State

# Host as the pod names it, port and protocol.
Call = tuple[str, int, str]
BARRED = frozenset({Verdict.UNRESOLVED, Verdict.DROPPED, Verdict.REFUSED, Verdict.NO_ENDPOINTS})


class Blame(Struct, frozen=True):
    """Of one workload's faults. `culprits` are the objects that are to blame, those that a repair would make included; `calls` what its pods could not reach when the fault was seen."""

    culprits: tuple[Ref, ...]
    calls: tuple[Call, ...] = ()


class Blames(dict[Ref, Blame]):
    """By workload: the topmost controller of the pods."""

    @cached_property
    def by_culprit(self) -> Mapping[Ref, tuple[Ref, ...]]:
        found: dict[Ref, list[Ref]] = {}
        for workload, blame in sorted(self.items()):
            for culprit in blame.culprits:
                found.setdefault(culprit, []).append(workload)
        return {culprit: tuple(workloads) for culprit, workloads in found.items()}


def is_mended(before: State, state: State, pod: Pod, blame: Blame) -> bool:
    """One of the culprits was put right, and every call gets through."""
    if not any(_is_put_right(before, state, ref) for ref in blame.culprits):
        return False
    network = Network(state)
    return all(reach(network, pod.ref, *call).verdict not in BARRED for call in blame.calls)


def _is_put_right(before: State, state: State, ref: Ref) -> bool:
    """A workload that others need is right when it has ready pods, whatever was changed on it; what a node lacks is not in its spec; all else is what is written there."""
    old, new = before.find(ref), state.find(ref)
    if isinstance(old, Workload) or isinstance(new, Workload):
        return _serves(state, new) and not _serves(before, old)
    return ref.kind != "Node" and content(new) != content(old)


def _serves(state: State, item: KubeObject | None) -> bool:
    if not isinstance(item, Workload) or item.spec.selector is None:
        return False
    return any(is_ready(pod) for pod in state.pods_picked(item.namespace, compile_selector(item.spec.selector)))


def content(item: KubeObject | None) -> object:
    """What others see of it: not who owns it, nor its status."""
    if item is None:
        return None
    return tuple(getattr(item, name, None) for name in ("data", "binary_data", "type", "keys", "spec"))
