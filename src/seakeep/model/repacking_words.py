"""Figures of a repacking in words, for its text and for a plan's questions."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.model.quantity import format_bytes, format_cpu
from seakeep.model.repacking import Lack, Move, NewNode

_BYTES = frozenset({"memory", "ephemeral-storage"})


def amounts_text(amounts: Mapping[str, int]) -> str:
    """`4 CPU, 8Gi memory`; the pod's slot is worth a word only where it is all there is."""
    shown = {name: amount for name, amount in amounts.items() if name != "pods"} or amounts
    return ", ".join(_one(name, amount) for name, amount in sorted(shown.items()))


def _one(name: str, amount: int) -> str:
    if name == "cpu":
        return f"{format_cpu(amount)} CPU"
    return f"{format_bytes(amount)} {name}" if name in _BYTES or name.startswith("hugepages-") else f"{amount} {name}"


def lack_text(item: Lack) -> str:
    pods = f"{item.pods} pods" if item.pods > 1 else "1 pod"
    wants = f"{item.workload}: {pods} without a place, asking for {amounts_text(item.asked)}{' each' if item.pods > 1 else ''}"  # fmt: skip
    if not item.nodes:
        return f"{wants}; no node that it may use is as large"
    where = f"the {item.nodes} nodes that it may use have" if item.nodes > 1 else "the one node that it may use has"
    return f"{wants}; {where} {amounts_text(item.total)} left" + (f" together, at most {amounts_text(item.most)} on one" if item.nodes > 1 else "")  # fmt: skip


def new_node_text(item: NewNode) -> str:
    pods = f"{item.pods} pods" if item.pods > 1 else "1 pod"
    daemons = f", {amounts_text(item.daemons)} of it for its DaemonSets" if item.daemons else ""
    like = f", with the labels and taints of {item.like}" if item.like else ""
    return f"a node with at least {amounts_text(item.allocatable)} allocatable{daemons}{like}: takes {pods}"


def move_text(item: Move) -> str:
    return f"{item.pod} from {item.source} to {item.target}" + (" (its only pod: a pause until it runs there)" if item.alone else "")  # fmt: skip
