"""`kind: Repacking` of the JSON contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from seakeep.model.repacking import Repacking as Value
from seakeep.render.rehearsal.types import Rehearsal
from seakeep.render.rehearsal.wire import rehearsal
from seakeep.render.report.types import Change, ObjectRef, Version, Wire
from seakeep.render.report.wire import object_ref


class WantingPod(Wire):
    """A pod that waits for room; `requests` in millicores of cpu and whole units of all else."""

    pod: ObjectRef
    workload: ObjectRef
    requests: Mapping[str, int]


class Move(Wire):
    """A pod that makes room. Of one that is not `known` an earlier step makes the pod, so that its name is not known. `alone`: its workload has no other pod."""

    pod: ObjectRef
    workload: ObjectRef
    source: str
    target: str
    known: bool
    alone: bool


class Lack(Wire):
    """Pods that stay without a place: what one asks for, and what the `nodes` that it may use have left, together and at most."""

    workload: ObjectRef
    pods: int
    asked: Mapping[str, int]
    nodes: int
    total: Mapping[str, int]
    most: Mapping[str, int]


class NewNode(Wire):
    """What a further node must have at least, `daemons` of it for its DaemonSets; `like` is a node with labels and taints that suit."""

    allocatable: Mapping[str, int]
    daemons: Mapping[str, int]
    pods: int
    like: str | None


class Repacking(Wire, kw_only=True):
    """`seakeep rehearse repack -o json`."""

    api_version: Version = "seakeep/v1"
    kind: Literal["Repacking"] = "Repacking"
    source: str
    fit: Literal["nothing-waits", "found", "partly", "no-room"]
    method: Literal["greedy", "cp-sat"] | None
    waiting: list[WantingPod]
    left: list[ObjectRef]
    resizings: list[Change]
    moves: list[Move]
    commands: list[str]
    lacks: list[Lack]
    new_nodes: list[NewNode]
    held: Mapping[str, int]
    elsewise: list[ObjectRef]
    notes: list[str]
    rehearsal: Rehearsal | None


DOCUMENTS = (Repacking,)


def repacking(value: Value) -> Repacking:
    return Repacking(
        source=value.source,
        fit=value.fit.value,
        method="cp-sat" if value.method == "cp-sat" else "greedy" if value.method else None,
        waiting=[WantingPod(object_ref(item.pod), object_ref(item.workload), item.requests) for item in value.waiting],
        left=[object_ref(ref) for ref in value.left],
        resizings=[
            Change(object_ref(item.target), dict(item.patch), list(item.remove), item.risk.value, item.why)
            for item in value.resizings
        ],
        moves=[
            Move(object_ref(item.pod), object_ref(item.workload), item.source, item.target, item.known, item.alone)
            for item in value.moves
        ],
        commands=list(value.commands),
        lacks=[
            Lack(object_ref(item.workload), item.pods, item.asked, item.nodes, item.total, item.most)
            for item in value.lacks
        ],
        new_nodes=[NewNode(item.allocatable, item.daemons, item.pods, item.like or None) for item in value.new_nodes],
        held=value.held,
        elsewise=[object_ref(ref) for ref in value.elsewise],
        notes=list(value.notes),
        rehearsal=rehearsal(value.rehearsal) if value.rehearsal is not None else None,
    )
