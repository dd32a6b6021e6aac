"""The programs in containers that fail for as long as a call does not get through: pods with the annotation `until`.

A pod that has not started yet is told at its start; one that fails is well again once the call gets through; one that runs goes on, whatever becomes of what it called.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from seakeep.testing.testbed.api import Api, ApiError, Object
from seakeep.testing.testbed.calls import Cluster
from seakeep.testing.testbed.nodes import PREFIX

UNTIL, CALL = f"{PREFIX}until", f"{PREFIX}call"
_BARRED, _ANSWERED = "barred", "answered"
# KWOK plays a pod whose status has no such condition.
_PLAYED = "PodReadyToStartContainers"
_SECONDS = 0.3


class Programs(threading.Thread):
    """Runs between `start` and `stop`, or as a context manager. `error` is what ended it, if anything did."""

    def __init__(self, api: Api) -> None:
        super().__init__(name="programs", daemon=True)
        self._api, self._ended = api, threading.Event()
        self.error: Exception | None = None

    def __enter__(self) -> Programs:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self) -> None:
        try:
            while not self._ended.wait(_SECONDS):
                self.look()
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise it to
            self.error = error
        finally:
            self._api.close()

    def stop(self) -> None:
        """Raises what ended it before."""
        self._ended.set()
        if self.is_alive():
            self.join()
        if self.error is not None:
            raise self.error

    def look(self) -> None:
        """Once over all pods that wait for a call."""
        waiting = list(_waiting(self._api.find("v1", "Pod")))
        if waiting:
            cluster = Cluster.seen(self._api)
            for pod in waiting:
                self._tell(pod, answered=_all_answered(cluster, pod))

    def _tell(self, pod: Object, *, answered: bool) -> None:
        metadata = pod["metadata"]
        before, now = metadata["annotations"].get(CALL), _ANSWERED if answered else _BARRED
        if before == now:
            return
        said: Object = {"metadata": {"annotations": {CALL: now}, "uid": metadata["uid"]}}
        kept = [item for item in pod["status"].get("conditions", []) if item["type"] != _PLAYED]
        again: Object = {"status": {"conditions": kept}, "metadata": {"uid": metadata["uid"]}}
        try:
            self._api.merge("v1", "Pod", metadata["name"], metadata["namespace"], said)
            if before is not None:
                self._api.merge("v1", "Pod", metadata["name"], metadata["namespace"], again, "status")
        except ApiError as error:
            if error.status not in {404, 409}:  # it went meanwhile
                raise


def _waiting(pods: Iterable[Object]) -> Iterable[Object]:
    for pod in pods:
        said = pod["metadata"].get("annotations") or {}
        started = pod["spec"].get("nodeName") and "deletionTimestamp" not in pod["metadata"]
        if UNTIL in said and started and said.get(CALL) != _ANSWERED:
            yield pod


def _all_answered(cluster: Cluster, pod: Object) -> bool:
    calls = (item.rpartition(":") for item in pod["metadata"]["annotations"][UNTIL].split())
    return all(cluster.answers(pod, host, int(port)) for host, _, port in calls)
