"""Limits of a node's kernel that a program finds too low: memory maps, file watches, open files, locked memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import is_of, lines_of
from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# The setting that lifts each, and the words of those who run into it: Elasticsearch, Java, Go, libuv, inotify(7).
_FORMS = (
    ("vm.max_map_count", late(r"vm\.max_map_count \[?\d+\]? is too low|max virtual memory areas")),
    (
        "fs.inotify.max_user_watches and fs.inotify.max_user_instances",
        late(
            r"inotify.{0,60}(?:too many open files|no space left|limit)|(?:too many open files|no space left).{0,60}inotify|fsnotify.{0,60}too many open files|System limit for number of file watchers reached|User limit of inotify (?:instances|watches) reached",
            re.IGNORECASE,
        ),
    ),
    (
        "the limit of open files (LimitNOFILE of the container runtime)",
        late(r"max file descriptors \[\d+\].{0,60}is too low|ulimit -n.{0,60}(?:too low|at least|should be)|open files.{0,30}(?:limit|ulimit).{0,30}too low", re.IGNORECASE),
    ),
    ("the limit of locked memory (LimitMEMLOCK of the container runtime)", late(r"memory locking requested .{0,80}not locked|Unable to lock JVM Memory|RLIMIT_MEMLOCK", re.IGNORECASE)),
    ("net.core.somaxconn", late(r"somaxconn is set to the lower value of \d+.{0,40}(?:fail|abort|exit)", re.IGNORECASE)),
)  # fmt: skip


class KernelLimit(Struct, frozen=True):
    """`node` is "" where the pod's was not shown."""

    setting: str
    node: str
    workload: Ref
    pods: tuple[Ref, ...]
    line: str
    evidence: tuple[Evidence, ...]


def kernel_limits(index: Index) -> Iterator[KernelLimit]:
    """One per workload and container."""
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            lines = [line for container, _, line in lines_of(index, crash.pod) if is_of(name, container)]
            if found := _last(lines):
                setting, line = found
                evidence = (Evidence(crash.pod.ref, "log", line[:300]), *crash.evidence[:2])
                pods = tuple(item.pod.ref for item in group)
                yield KernelLimit(setting, crash.pod.spec.node_name, workload, pods, line, evidence)
                break
    for item in heard(index):
        if found := _last(list(item.lines)):
            setting, line = found
            proof = (Evidence(item.pod.ref, "log", line[:300]),)
            yield KernelLimit(setting, item.pod.spec.node_name, item.workload, (item.pod.ref,), line, proof)


def limit_of(line: str) -> str:
    """The setting that a line complains of; "" for none."""
    return next((setting for setting, form in _FORMS if form.search(line[:2000])), "")


def _last(lines: list[str]) -> tuple[str, str] | None:
    return next(((setting, line) for line in reversed(lines) if (setting := limit_of(line))), None)
