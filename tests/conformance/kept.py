"""What the real control plane did in a suite, kept, so that a changed twin is held against the same again within minutes and without it.

Where SEAKEEP_PLAYED names a folder, what is there of these cases and this Kubernetes is taken from it; otherwise they are played, and kept there. Who changes how the real side is
played deletes the folder.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from seakeep.testing.testbed.build import KUBERNETES

_FOLDER = "SEAKEEP_PLAYED"
T = TypeVar("T")


def kept(suite: str, cases: Iterable[object], form: type[T], play: Callable[[], T]) -> T:
    """What `play` gives, or gave for the same cases. It is read as `form`."""
    folder = os.environ.get(_FOLDER)
    if not folder:
        return play()
    key = hashlib.sha256(repr((KUBERNETES, list(cases))).encode()).hexdigest()[:16]
    path = Path(folder) / f"{suite}-{key}.msgpack.z"
    if not path.exists():
        packed = zlib.compress(msgspec.msgpack.encode(play()), 3)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packed)
    return msgspec.msgpack.decode(zlib.decompress(path.read_bytes()), type=form)
