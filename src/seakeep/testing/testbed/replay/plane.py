"""A control plane whose controllers can be stopped while objects are restored, and what it is asked while a scenario is played."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seakeep.testing.testbed import build, commands
from seakeep.testing.testbed.api import Object
from seakeep.testing.testbed.cluster import ControlPlane
from seakeep.testing.testbed.process import Process

# Kinds whose objects tell how far a rollout is and what cannot be done.
WATCHED = {
    "Namespace": "v1",
    "Node": "v1",
    "StorageClass": "storage.k8s.io/v1",
    "CSINode": "storage.k8s.io/v1",
    "PersistentVolume": "v1",
    "PersistentVolumeClaim": "v1",
    "Pod": "v1",
    "Event": "v1",
    "ReplicationController": "v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}
_AT_REST = {"CSINode", "CronJob", "Event", "Namespace", "Node", "StorageClass"}
_MOVING = tuple(kind for kind in WATCHED if kind not in _AT_REST)
_READY_SECONDS = 60.0
_POLL = 0.5


class Plane(ControlPlane):
    """Not safe to use from several threads."""

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nobody acts on what is written meanwhile."""
        for name in ("kwok", "kube-scheduler", "kube-controller-manager"):
            process = next(item for item in self._processes if item.name == name)
            process.stop()
            self._processes.remove(process)
        yield
        settings, ports = self._settings, self._settings.ports
        authority = self.folder / "ca.crt"
        manager = self._run("kube-controller-manager", commands.controller_manager(settings))
        scheduler = self._run("kube-scheduler", commands.scheduler(settings))
        kwok = self._run("kwok", commands.kwok(settings))
        _wait(manager, ports.controller_manager, authority)
        _wait(scheduler, ports.scheduler, authority)
        _wait(kwok, ports.kwok, None)

    @property
    def kubelet_port(self) -> int:
        return self._settings.ports.kubelet

    def watched(self) -> list[Object]:
        return [
            {"apiVersion": version, "kind": kind, **item}
            for kind, version in WATCHED.items()
            for item in self.api.find(version, kind)
        ]

    def settle(self, quiet: float, least: float, most: float) -> bool:
        """Waits until nothing has changed for `quiet` seconds and at least `least` have passed. False where `most` were not enough."""
        started = changed = time.monotonic()
        before: list[str] = []
        while True:
            items = [item for kind in _MOVING for item in self.api.find(WATCHED[kind], kind)]
            now = time.monotonic()
            versions = [item["metadata"]["resourceVersion"] for item in items]
            if versions != before or not all(map(_seen, items)):
                before, changed = versions, now
            if now - changed >= quiet and now - started >= least:
                return True
            if now - started > most:
                return False
            time.sleep(_POLL)

    def evict(self, namespace: str, name: str, *, dry_run: bool = False) -> tuple[int, str]:
        """The HTTP status, and what the server says with its causes."""
        body: Object = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"namespace": namespace, "name": name},
        }
        if dry_run:
            body["deleteOptions"] = {"dryRun": ["All"]}
        path = self.api.path("v1", "Pod", namespace, name, "eviction")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        headers["Content-Type"] = "application/json"
        status, raw = self.api._send("POST", path, json.dumps(body).encode(), headers)  # noqa: SLF001 - an ApiError has no causes
        answer: Any = json.loads(raw)
        causes = [str(item.get("message", "")) for item in (answer.get("details") or {}).get("causes") or []]
        return status, "; ".join([str(answer.get("message", "")), *causes])

    def drain(self, name: str, options: Sequence[str], patience: float) -> tuple[bool, str]:
        """`kubectl drain`, ended when nothing moves any more: whether the node was drained, and what kubectl said on stderr."""
        command = [str(build.kubectl()), f"--kubeconfig={self.kubeconfig}", "drain", name, *options]
        out, err = self.folder / "drain.out", self.folder / "drain.err"
        with out.open("wb") as said, err.open("wb") as complained:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, cwd=self.folder,
                env={"HOME": str(self.folder)}, start_new_session=True,
            )  # fmt: skip
            try:
                self._until_still(process, patience)
            finally:
                if process.poll() is None:
                    process.terminate()
                code = process.wait()
        return code == 0, err.read_text(errors="replace")

    def _until_still(self, process: subprocess.Popen[bytes], patience: float) -> None:
        before: list[str] = []
        changed = time.monotonic()
        while process.poll() is None:
            versions = [item["metadata"]["resourceVersion"] for item in self.api.find("v1", "Pod")]
            if versions != before:
                before, changed = versions, time.monotonic()
            if time.monotonic() - changed > patience:
                return
            time.sleep(_POLL)


def _seen(item: Object) -> bool:
    """Its controller has seen the latest generation."""
    status = item.get("status", {})
    if "observedGeneration" not in status:
        return True
    return bool(status["observedGeneration"] >= item["metadata"].get("generation", 0))


def _wait(process: Process, port: int, authority: Path | None) -> None:
    process.wait_ready(lambda: commands.answers(port, "/healthz", authority), _READY_SECONDS)
