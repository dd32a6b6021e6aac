"""Writes to a file system that is mounted read-only, where it is the container's own image."""

from __future__ import annotations

import re

from msgspec import Struct

from seakeep.facts.containers.logs import is_of, lines_of
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import container_named
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_READ_ONLY = late(r"read-only file ?system|\bEROFS\b|ReadOnlyFileSystemException", re.IGNORECASE)
_PATH = late(r"(?:^|[\s'\"`(=:\[])(?P<path>/[\w.@+-]+(?:/[\w.@+-]+)*)")
# Where data lies by custom: a volume that was mounted read-only, unless the container shows that nothing is mounted there.
_DATA = late(r"^/(?:data|var/lib|bitnami|mnt|export)(?:/|$)")
# The program that complains stands in the line as well.
_PROGRAM = late(r"^/(?:usr/)?(?:local/)?s?bin/|\.sh$|\.(?:py|js|rb)$")


class Unwritable(Struct, frozen=True):
    """`path` is empty where the line names none; `seen` where the container's securityContext was shown."""

    pod: Pod
    workload: Ref
    path: str
    evidence: Evidence
    seen: bool


def unwritable(index: Index, pod: Pod, name: str) -> Unwritable | None:
    """By the newest line on it. Not where a volume is mounted, and not where the setting is known to be off: then the node's disk, or a volume's, was set read-only."""
    lines = [line for container, _, line in lines_of(index, pod) if is_of(name, container)]
    line = next((line for line in reversed(lines) if _READ_ONLY.search(line[:2000])), "")
    if not line:
        return None
    container = container_named(pod, name)
    security = container.security_context if container else None
    seen = bool(security and security.read_only_root_filesystem)
    paths = [match["path"] for match in _PATH.finditer(line[:2000]) if not _PROGRAM.search(match["path"])]
    path = paths[-1] if paths else ""
    mounts = [mount.mount_path.rstrip("/") for mount in container.volume_mounts] if container else []
    mounted = any(mount and f"{path}/".startswith(f"{mount}/") for mount in mounts)
    off = not seen and index.snapshot.depth(pod.ref) is Depth.FULL
    unclear = not seen and (not path or (not mounts and _DATA.search(path)))
    if mounted or off or unclear:
        return None
    return Unwritable(pod, workload_of(index, pod), path, Evidence(pod.ref, "log", line[:300]), seen)
