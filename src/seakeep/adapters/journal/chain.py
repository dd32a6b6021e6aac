"""The hash chain: each entry's hash is over its content and the hash before it, so that what is changed, left out or put in shows."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from seakeep.model.run import Entry


def body(entry: Entry) -> str:
    return msgspec.json.encode(entry, order="deterministic").decode()


def following(previous: str, run: str, number: int, at: str, content: str) -> str:
    parts = (previous, run, str(number), at, content)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def first(run: str, at: str, cluster: str, plan: str) -> str:
    """Of the run itself: its plan cannot be exchanged later."""
    return following("", run, 0, at, msgspec.json.encode((cluster, plan)).decode())


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
