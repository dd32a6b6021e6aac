"""Scratch volumes on their node's disk: which may grow, and which nodes ran out of it."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from seakeep.facts.disruption.evictions import evictions, pressures, shortage_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container, Node, PodSpec, StatefulSet
from seakeep.model.objects.pods import Volume
from seakeep.model.pattern import late

_DISK = "ephemeral-storage"
# What grows with the data or the load; sockets, rendered configuration and what a read-only root needs under /tmp stay small.
_GROWS = late(
    r"(?:^|[-_./])(?:caches?|spill(?:ed|ing)?|shuffle|scratch|spool|staging|checkpoints?|wal|queue|buffer|backlog|logs?|data|downloads?|uploads?|dumps?|heapdumps?|backups?|"
    r"exports?|segments?|index|blocks?|workspaces?|work|workdir|storage|artifacts?|models?|repos?|builds?|results)(?:$|[-_./0-9])",
    re.IGNORECASE,
)
_SHORT = frozenset({"disk space", "inodes"})


class Scratch(Struct, frozen=True):
    """An emptyDir on the node's disk that a container writes to, by the first of those. `grows`: by its name, or where it is mounted, it holds what becomes more."""

    volume: Volume
    container: Container
    path: str
    grows: bool

    @property
    def is_bounded(self) -> bool:
        return self.volume.empty_dir is not None and self.volume.empty_dir.size_limit is not None


def scratch_of(spec: PodSpec) -> list[Scratch]:
    """Memory-backed volumes count against their containers' memory limits."""
    found = []
    for volume in spec.volumes:
        if volume.empty_dir is None or volume.empty_dir.medium:
            continue
        mounts = [
            (part, mount)
            for part in (*spec.containers, *spec.init_containers)
            for mount in part.volume_mounts
            if mount.name == volume.name and not mount.read_only
        ]
        if mounts:
            grows = any(_grows(text) for text in (volume.name, *(mount.mount_path for _, mount in mounts)))
            part, mount = mounts[0]
            found.append(Scratch(volume, part, mount.mount_path, grows))
    return found


@lru_cache(maxsize=4096)
def _grows(text: str) -> bool:
    return bool(_GROWS.search(text))


def limits_disk(spec: PodSpec) -> bool:
    """The kubelet holds all that a pod writes against the sum of its containers' limits (`podEphemeralStorageLimitEviction`), or against the pod's own."""
    return _DISK in spec.resources.limits or any(_DISK in item.resources.limits for item in spec.containers)


@once
def nodes_short_of_disk(index: Index) -> frozenset[str]:
    """Nodes under disk pressure now, and those that evicted pods for it."""
    now = {node.name for node in index.snapshot.all(Node) if "DiskPressure" in pressures(node)}
    return frozenset(
        now | {item.node for item in evictions(index) if shortage_of(item.resource) in _SHORT and item.node}
    )


def keeps_nothing(index: Index, entry: Judged) -> bool:
    """None of its volumes outlives a pod: scratch space, configuration, and claims that are made and go with it."""
    item = index.snapshot.find(entry.ref)
    if isinstance(item, StatefulSet) and item.spec.volume_claim_templates:
        return False
    return all(
        each.empty_dir or each.config_map or each.secret or each.projected or each.downward_api or each.ephemeral
        for each in entry.spec.volumes
    )
