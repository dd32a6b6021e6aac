"""Which Kubernetes the platform runs on."""

from __future__ import annotations

import re

from seakeep.facts.index import Index

_VERSION = re.compile(r"v?1\.(?P<minor>\d{1,3})\b")


def at_least(index: Index, minor: int) -> bool | None:
    """Whether the API server is 1.`minor` or newer. None where the source does not say."""
    found = _VERSION.match(index.snapshot.server_version)
    return int(found["minor"]) >= minor if found else None
