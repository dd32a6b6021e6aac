"""Which Kubernetes the platform runs on."""

from __future__ import annotations

import re

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import Node

_VERSION = re.compile(r"v?1\.(?P<minor>\d{1,3})\b")


def at_least(index: Index, minor: int) -> bool | None:
    """Whether the API server is 1.`minor` or newer. None where the source does not say: nodes tell no more than that it is not older than their kubelets."""
    said = _minor(index.snapshot.server_version)
    if said is not None:
        return said >= minor
    return True if _newest_kubelet(index) >= minor else None


@once
def _newest_kubelet(index: Index) -> int:
    found = (_minor(node.status.node_info.kubelet_version) for node in index.snapshot.all(Node))
    return max((minor for minor in found if minor is not None), default=0)


def _minor(version: str) -> int | None:
    found = _VERSION.match(version)
    return int(found["minor"]) if found else None
