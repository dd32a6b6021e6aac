"""Limits of a node that a program finds too low: by name (memory maps, open files, locked memory), or without one (file watches)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import is_of, lines_of
from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# The setting that lifts each, and the words of those who run into it: Elasticsearch, Java, Redis. They name it themselves, so it is a configuration that they refuse.
_NAMED = (
    ("vm.max_map_count", late(r"vm\.max_map_count \[?\d+\]? is too low|max virtual memory areas")),
    (
        "the limit of open files (LimitNOFILE of the container runtime)",
        late(r"max file descriptors \[\d+\].{0,60}is too low|ulimit -n.{0,60}(?:too low|at least|should be)|open files.{0,30}(?:limit|ulimit).{0,30}too low", re.IGNORECASE),
    ),
    ("the limit of locked memory (LimitMEMLOCK of the container runtime)", late(r"memory locking requested .{0,80}not locked|Unable to lock JVM Memory|RLIMIT_MEMLOCK", re.IGNORECASE)),
    ("net.core.somaxconn", late(r"somaxconn is set to the lower value of \d+.{0,40}(?:fail|abort|exit)", re.IGNORECASE)),
)  # fmt: skip
WATCHES = "fs.inotify.max_user_watches and fs.inotify.max_user_instances"
# Go, libuv, inotify(7).
_NO_WATCHES = late(
    r"inotify.{0,60}(?:too many open files|no space left|limit)|(?:too many open files|no space left).{0,60}inotify|fsnotify.{0,60}too many open files|System limit for number of file watchers reached|User limit of inotify (?:instances|watches) reached",
    re.IGNORECASE,
)


class KernelLimit(Struct, frozen=True):
    """`node` is "" where the pod's was not shown."""

    node: str
    workload: Ref
    pods: tuple[Ref, ...]
    line: str
    evidence: tuple[Evidence, ...]


def kernel_limits(index: Index) -> Iterator[KernelLimit]:
    """One per workload and container."""
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            if line := _last([line for container, _, line in lines_of(index, crash.pod) if is_of(name, container)]):
                evidence = (Evidence(crash.pod.ref, "log", line[:300]), *crash.evidence[:2])
                pods = tuple(item.pod.ref for item in group)
                yield KernelLimit(crash.pod.spec.node_name, workload, pods, line, evidence)
                break
    for item in heard(index):
        if line := _last(item.lines):
            proof = (Evidence(item.pod.ref, "log", line[:300]),)
            yield KernelLimit(item.pod.spec.node_name, item.workload, (item.pod.ref,), line, proof)


def named_limit(line: str) -> str:
    """The node's setting that a line calls too low; "" for none."""
    return next((setting for setting, form in _NAMED if form.search(line[:2000])), "")


def is_about_limit(line: str) -> bool:
    return bool(named_limit(line) or _NO_WATCHES.search(line[:2000]))


def _last(lines: Sequence[str]) -> str:
    return next((line for line in reversed(lines) if _NO_WATCHES.search(line[:2000])), "")
