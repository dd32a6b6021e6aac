"""How many pods a protocol needs to serve."""

from __future__ import annotations


def least(rule: str, intended: int) -> int:
    """Of `intended` pods, how many must be ready.

    quorum: more than half (Raft, ZAB, erasure coding). in-sync: all but one of three or more, since with replication factor 3 and two in sync every pair of pods holds some partition
    alone; one of two. all: every one. one: any.
    """
    if intended <= 0:
        return 0
    match rule:
        case "quorum":
            return intended // 2 + 1
        case "in-sync":
            return intended - 1 if intended >= 3 else 1
        case "all":
            return intended
    return 1
