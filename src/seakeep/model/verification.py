"""Whether the cluster still is as a run left it."""

from __future__ import annotations

from msgspec import Struct

from seakeep.model.run import RunState


class Difference(Struct, frozen=True):
    """`path` is empty where it is about the object as a whole."""

    change: str
    path: str
    message: str


class Verification(Struct, frozen=True):
    run: str
    plan: str
    state: RunState
    objects: int
    differences: tuple[Difference, ...]
