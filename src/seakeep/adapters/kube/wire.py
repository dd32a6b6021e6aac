"""What every list answer has."""

from __future__ import annotations

import msgspec

from seakeep.model.objects import KubeObject
from seakeep.model.snapshot import Depth

Found = list[tuple[KubeObject, Depth]]


class ListMeta(msgspec.Struct, frozen=True, gc=False):
    continue_: str = msgspec.field(name="continue", default="")


class GarbageError(ValueError):
    """The server said 200 and sent something else than what was asked for."""
