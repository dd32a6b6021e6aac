"""What kube-scheduler says of a pod that fits nowhere. Source: pkg/scheduler/framework/types.go `FitError.Error`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

NO_NODES = "no nodes available to schedule pods"


def failed_scheduling(
    reasons: Mapping[str, Sequence[str]], size: int, *, whole: str = "", absent: str = "", after: str = ""
) -> str:
    """As in the FailedScheduling event and the PodScheduled condition: how many of `size` nodes give which reason, sorted as text.

    `whole` refused all nodes at once; `absent` stands for nodes without reasons; `after` is what preemption came to.
    """
    if not size:
        return NO_NODES
    counts = Counter(reason for texts in reasons.values() for reason in texts)
    if absent and size > len(reasons):
        counts[absent] += size - len(reasons)
    said = whole or ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    parts = [f"0/{size} nodes are available:", *([f"{said}."] if said else []), *([after] if after else [])]
    return " ".join(parts)
