"""What a diagnosis says of faults: which objects are behind them, and which calls do not get through because of that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from seakeep.model.objects import KubeObject, Pod
from seakeep.model.refs import Ref
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
    """One of the culprits is not what it was, and every call gets through."""
    if not any(content(state.find(ref)) != content(before.find(ref)) for ref in blame.culprits):
        return False
    network = Network(state)
    return all(reach(network, pod.ref, *call).verdict not in BARRED for call in blame.calls)


def content(item: KubeObject | None) -> object:
    """What others see of it: not who owns it, nor its status."""
    if item is None:
        return None
    return tuple(getattr(item, name, None) for name in ("data", "binary_data", "type", "keys", "spec"))
