"""The last lines of what is unhealthy, and of the runs before."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.lister import FORBIDDEN
from seakeep.adapters.kube.transport import StatusError, Transport
from seakeep.adapters.transcript.machines import backend_check
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.objects import ContainerStatus, Pod
from seakeep.model.snapshot import Check, Log, Unread

# Tail of a log whose lines are too long for the limit: the limit cuts the end, which matters most.
_FEW_LINES = 20


@dataclass(frozen=True, slots=True)
class _Wanted:
    pod: Pod
    container: str
    previous: bool


class LogReader:
    """One observation's logs. What the API server says of a kubelet that it cannot reach is kept as a check of that node."""

    def __init__(self, transport: Transport, limits: Limits, progress: Callable[[str], None]) -> None:
        self._transport = transport
        self._limits = limits
        self._progress = progress
        self._lock = threading.Lock()
        self._left = limits.logs_bytes
        self._refused: set[str] = set()
        self._silent: dict[str, Check] = {}
        self._lost: dict[str, str] = {}

    def read(self, assembly: Assembly, pool: Executor) -> None:
        wanted = list(_wanted(Index(assembly.snapshot()), self._limits))
        assembly.logs += [log for log in pool.map(self._log, wanted) if log and log.text]
        assembly.checks += [check for _, check in sorted(self._silent.items())]
        assembly.unread += [Unread("logs", namespace, "forbidden") for namespace in sorted(self._refused)]
        assembly.unread += [Unread("logs", namespace, reason) for namespace, reason in sorted(self._lost.items())]
        if self._left <= 0:
            assembly.unread.append(Unread("logs", "", f"more than {self._limits.logs_bytes // 1024**2} MiB"))

    def _log(self, wanted: _Wanted) -> Log | None:
        pod = wanted.pod
        if pod.namespace in self._refused or pod.spec.node_name in self._silent or self._left <= 0:
            return None
        self._progress(f"Reading logs of {pod.namespace}/{pod.name}")
        try:
            body = self._get(wanted, self._limits.log_lines)
            if len(body) >= self._limits.log_bytes:
                body = self._get(wanted, _FEW_LINES)
        except StatusError as error:
            self._note(pod, error)
            return None
        with self._lock:
            self._left -= len(body)
        return Log(pod.namespace, pod.name, wanted.container, wanted.previous, body.decode("utf-8", "replace"))

    def _get(self, wanted: _Wanted, lines: int) -> bytearray:
        query: dict[str, str | int] = {
            "container": wanted.container,
            "tailLines": lines,
            "limitBytes": self._limits.log_bytes,
            "previous": str(wanted.previous).lower(),
        }
        path = f"/api/v1/namespaces/{wanted.pod.namespace}/pods/{wanted.pod.name}/log"
        return self._transport.get(path, query, "*/*", once=True)

    def _note(self, pod: Pod, error: StatusError) -> None:
        """400 and 404 are ordinary: the container has not started, its last run was cleaned up, or the pod is gone since."""
        check = backend_check(f"Error from server: {error.message}", "logs", f"{pod.namespace}/{pod.name}")
        with self._lock:
            if error.status == FORBIDDEN:
                self._refused.add(pod.namespace)
            elif check and pod.spec.node_name:
                self._silent.setdefault(pod.spec.node_name, check)
            elif error.status not in {400, 404}:
                self._lost.setdefault(pod.namespace, error.reason)


def _wanted(index: Index, limits: Limits) -> Iterator[_Wanted]:
    count: Counter[object] = Counter()
    pods = 0
    for pod in index.pods:
        if not _is_of_interest(pod):
            continue
        workload = workload_of(index, pod)
        count[workload] += 1
        pods += 1
        if count[workload] > limits.log_pods_of_one or pods > limits.log_pods:
            continue
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            if status.restart_count:
                yield _Wanted(pod, status.name, True)
            if _has_run(status):
                yield _Wanted(pod, status.name, False)


def _is_of_interest(pod: Pod) -> bool:
    """Failed, not ready (also in its first moments: its log may tell what it waits for), or ready after restarts."""
    return _restarted(pod) or (pod.status.phase == "Failed" if is_finished(pod) else not is_ready(pod))


def _has_run(status: ContainerStatus) -> bool:
    return bool(status.state.running or status.state.terminated)


def _restarted(pod: Pod) -> bool:
    return any(status.restart_count for status in (*pod.status.init_container_statuses, *pod.status.container_statuses))
