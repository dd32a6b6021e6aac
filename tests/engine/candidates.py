"""Leaves made for the purpose, and what they find."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from tests.engine.strategies import objects, snapshot

WEB, DB = Ref("Deployment", "default", "w0"), Ref("Deployment", "default", "w1")


def leaf(leaf_id: str, *candidates: Candidate, generic: bool = False) -> CauseLeaf:
    return CauseLeaf(id=leaf_id, title=leaf_id, reads=(Pod,), find=lambda _: candidates, generic=generic)


def candidate(
    leaf_id: str,
    ref: Ref,
    confidence: float = PROVEN,
    affects: tuple[Ref, ...] = (),
    *,
    current: bool = True,
    time: datetime | None = None,
) -> Candidate:
    return Candidate(
        leaf_id, ref, leaf_id, (Evidence(ref, "x", "y", time, current),), Repair("Do it."), confidence, affects
    )


def pods_of(name: str, count: int) -> tuple[Ref, ...]:
    return tuple(Ref("Pod", "default", f"{name}-7d9c6b5f4-{number:05d}") for number in range(count))


def index(shape: list[tuple[str, int, int]], extra: Iterable[dict[str, Any]] = ()) -> Index:
    return Index(snapshot([*objects(shape), *extra]))
