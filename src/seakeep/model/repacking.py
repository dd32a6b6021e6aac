"""A repacking: what would let waiting pods be placed in the room that the cluster has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from seakeep.model.change import Change
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Rehearsal


class Fit(StrEnum):
    """`nothing-waits`; `found`: all are placed when it is played; `partly`: some are; `no-room`: none is."""

    NOTHING_WAITS = "nothing-waits"
    FOUND = "found"
    PARTLY = "partly"
    NO_ROOM = "no-room"


@dataclass(frozen=True, slots=True)
class Wanting:
    """A pod that waits for room, and what it reserves (millicores of cpu, whole units of all else)."""

    pod: Ref
    workload: Ref
    requests: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Move:
    """A pod that makes room. `known` is False for pods that only a step before makes: their names are not known yet. `alone`: no other pod of its workload is ready meanwhile."""

    pod: Ref
    workload: Ref
    source: str
    target: str
    known: bool = True
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """Pods that stay without a place. `asked` is what one of them reserves, `total` what the `nodes` that it may use have left together, `most` what the one with most has."""

    workload: Ref
    pods: int
    asked: Mapping[str, int]
    nodes: int
    total: Mapping[str, int]
    most: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NewNode:
    """Allocatable that a further node must have at least, `daemons` of it for the pods that every node gets; `like` is a node whose labels and taints suit."""

    allocatable: Mapping[str, int]
    daemons: Mapping[str, int]
    pods: int
    like: str


@dataclass(frozen=True, slots=True)
class Repacking:
    """`method` found the moves: `greedy` or `cp-sat`, empty where none are needed. `held` counts pods that could not be moved, by the reason. `elsewise` are pods that wait for something else than room."""

    source: str
    fit: Fit
    method: str
    waiting: tuple[Wanting, ...]
    left: tuple[Ref, ...]
    resizings: tuple[Change, ...]
    moves: tuple[Move, ...]
    commands: tuple[str, ...]
    lacks: tuple[Lack, ...]
    new_nodes: tuple[NewNode, ...]
    held: Mapping[str, int]
    elsewise: tuple[Ref, ...]
    notes: tuple[str, ...] = ()
    rehearsal: Rehearsal | None = None
