"""What kube-scheduler says of a pod that fits nowhere. Source: pkg/scheduler/framework/types.go `FitError.Error`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Plugin SchedulingGates, PreEnqueue; with the gates' names.
GATED = "waiting for scheduling gates: "
NO_NODES = "no nodes available to schedule pods"
# How the reasons begin or end that a Filter gives of one node; what a PreFilter says of the pod is none of them.
_OF_NODES = ("node(s) ", "Insufficient ", "Too many pods")
_OF_NODE = " CSI driver is not installed on the node"


def failed_scheduling(
    reasons: Mapping[str, Sequence[str]], size: int, *, whole: str = "", absent: str = "", after: str = ""
) -> str:
    """As in the FailedScheduling event and the PodScheduled condition: how many of `size` nodes give which reason, sorted as text.

    `whole` refused all nodes at once; `absent` stands for nodes without reasons; `after` is what preemption came to.
    """
    if not size:
        return NO_NODES
    counts: dict[str, int] = {}
    for texts in reasons.values():
        for reason in texts:
            counts[reason] = counts.get(reason, 0) + 1
    if absent and size > len(reasons):
        counts[absent] = counts.get(absent, 0) + size - len(reasons)
    said = whole or ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    parts = [f"0/{size} nodes are available:", *([f"{said}."] if said else []), *([after] if after else [])]
    return " ".join(parts)


def whole_of(reasons: Mapping[str, Sequence[str]]) -> str:
    """What refused the pod before any node was looked at: the one reason that all nodes have, and that speaks of the pod. "" where there is none."""
    said = {tuple(texts) for texts in reasons.values()}
    if len(said) != 1:
        return ""
    (texts,) = said
    if len(texts) != 1 or texts[0].startswith(_OF_NODES) or texts[0].endswith(_OF_NODE):
        return ""
    return texts[0]
