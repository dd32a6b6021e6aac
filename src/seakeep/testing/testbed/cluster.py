"""A control plane of its own for one run: start, use, stop."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from seakeep.testing.testbed import build, commands, nodes, stages
from seakeep.testing.testbed.api import Api, ApiError, Object, objects
from seakeep.testing.testbed.build import TestbedError
from seakeep.testing.testbed.kubelet import LogServer
from seakeep.testing.testbed.nodes import NodeSpec
from seakeep.testing.testbed.process import Process, free_ports

T = TypeVar("T")

_START_SECONDS = 60.0


class ControlPlane:
    """etcd, API server, controller manager, scheduler and KWOK, all on 127.0.0.1 with their data in one folder.

    `kubeconfig` is the path of an administrator's kubeconfig, `url` the API server's address, `token` its bearer token,
    `api` speaks for the administrator. Use it as a context manager, or call `stop`.
    """

    def __init__(self, folder: Path, binaries: build.Binaries, node_grace_seconds: int) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = commands.Ports(*free_ports(len(commands.Ports._fields)))
        self._settings = commands.Settings(self.folder, ports, binaries, node_grace_seconds)
        self._processes: list[Process] = []
        self._logs: LogServer | None = None
        self._node_count = 0
        self.token = secrets.token_hex(16)
        self.url = f"https://127.0.0.1:{ports.api_server}"
        self.kubeconfig = self.folder / "kubeconfig"

    @classmethod
    def start(
        cls,
        folder: Path,
        nodes: Iterable[NodeSpec | str] = ("node-1", "node-2"),
        *,
        binaries: build.Binaries | None = None,
        node_grace_seconds: int = 20,
    ) -> Self:
        """A running control plane with these nodes Ready. `node_grace_seconds` after its last sign of life a node is lost.

        Raises TestbedError when the programs are not built or do not get ready, with the end of their logs.
        """
        programs = binaries or build.find()
        if programs is None:
            raise TestbedError("the testbed is not built: run `make testbed`")
        plane = cls(folder, programs, node_grace_seconds)
        try:
            plane._start()
            plane.add_nodes(nodes)
        except BaseException:
            plane.stop()
            raise
        return plane

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        settings = self._settings
        subprocess.run([settings.binaries.control_plane, "keys", str(self.folder)], check=True, timeout=_START_SECONDS)
        self._private("tokens.csv", f"{self.token},admin,admin,system:masters\n")
        self._private("kubeconfig", self.kubeconfig_for(self.token, user="admin"))
        self._private("scheduler.yaml", json.dumps(commands.scheduler_configuration(settings)))
        self._private("kwok.yaml", stages.configuration(build.source() / "stages", commands.kwok_options(settings)))
        self.api = Api(self.url, self.folder / "ca.crt", self.token)
        self._run("etcd", commands.etcd(settings)).wait_ready(
            lambda: commands.answers(settings.ports.etcd, "/health"), _START_SECONDS
        )
        self._run("kube-apiserver", commands.api_server(settings)).wait_ready(self._api_ready, _START_SECONDS)
        manager = self._run("kube-controller-manager", commands.controller_manager(settings))
        scheduler = self._scheduler()
        kwok = self._run("kwok", commands.kwok(settings))
        manager.wait_ready(lambda: self._exists("v1", "ServiceAccount", "default", "default"), _START_SECONDS)
        scheduler.wait_ready(self._scheduler_ready, _START_SECONDS)
        kwok.wait_ready(lambda: commands.answers(settings.ports.kwok, "/healthz"), _START_SECONDS)
        certificate, key = self.folder / "server.crt", self.folder / "server.key"
        self._logs = LogServer(self.api, settings.ports.kubelet, certificate, key)
        self.api.apply(objects(build.source() / "objects.yaml"))

    def _scheduler(self) -> Process:
        return self._run("kube-scheduler", commands.scheduler(self._settings))

    def _scheduler_ready(self) -> bool:
        return commands.answers(self._settings.ports.scheduler, "/healthz", self.folder / "ca.crt")

    @contextmanager
    def without_scheduler(self) -> Iterator[None]:
        """Pods that are made meanwhile wait; a new scheduler then finds them all at once."""
        old = next(item for item in self._processes if item.name == "kube-scheduler")
        old.stop()
        self._processes.remove(old)
        yield
        self._scheduler()

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """`etcd` or `kube-apiserver` is stopped meanwhile, and started again with the data that it had."""
        commands_of = {"etcd": commands.etcd, "kube-apiserver": commands.api_server}
        old = next(item for item in self._processes if item.name == name)
        old.stop()
        place = self._processes.index(old)
        try:
            yield
        finally:
            self._processes[place] = Process(name, commands_of[name](self._settings), self.folder)
            self._processes[place].wait_ready(self._api_ready, _START_SECONDS)

    def _run(self, name: str, command: Sequence[str]) -> Process:
        process = Process(name, command, self.folder)
        self._processes.append(process)
        return process

    def _private(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def _api_ready(self) -> bool:
        try:
            return bool(self.api.request("GET", "/readyz") == "ok")
        except (OSError, ApiError):
            return False

    def _exists(self, api_version: str, kind: str, name: str, namespace: str = "") -> bool:
        try:
            self.api.get(api_version, kind, name, namespace)
        except ApiError:
            return False
        return True

    def stop(self) -> None:
        """End the processes of this run, and no others; the folder with their logs stays, etcd's data goes."""
        if self._logs:
            self._logs.stop()
            self._logs = None
        for process in reversed(self._processes):
            process.ask_to_stop()
        for process in reversed(self._processes):
            process.stop()
        self._processes.clear()
        if hasattr(self, "api"):
            self.api.close()
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)

    @property
    def pids(self) -> dict[str, int]:
        """The running programs' process ids."""
        return {process.name: process.pid for process in self._processes}

    # What a test does with it

    def apply(self, source: Path | str | Object | Iterable[Object]) -> list[Object]:
        """Server-side apply of objects, YAML text, a file or a folder; definitions and namespaces go first.

        Raises ApiError (`status`, `reason`, `server_message`) at the first refusal.
        """
        return self.api.apply(objects(source))

    def pods(self, namespace: str, selector: str = "") -> list[Object]:
        """The namespace's pods by label selector."""
        return self.api.find("v1", "Pod", namespace, **({"labelSelector": selector} if selector else {}))

    def events(self, namespace: str, reason: str = "") -> list[Object]:
        """The namespace's events, with this reason if one is given."""
        found = self.api.find("v1", "Event", namespace)
        return [event for event in found if not reason or event.get("reason") == reason]

    def wait_for(self, what: str, probe: Callable[[], T | None], seconds: float = 30.0) -> T:
        """The first true answer of `probe`. Raises TestbedError, naming `what`, when none comes in time."""
        deadline = time.monotonic() + seconds
        while True:
            if answer := probe():
                return answer
            if time.monotonic() > deadline:
                raise TestbedError(f"no {what} after {seconds:.0f} s; logs are in {self.folder}")
            time.sleep(0.1)

    def kubectl(self, *args: str, check: bool = True) -> str:
        """What kubectl prints for these arguments as administrator. Raises TestbedError when it fails, unless told not to."""
        command = [str(build.kubectl()), "--kubeconfig", str(self.kubeconfig), *args]
        environment = dict(os.environ) | {"HOME": str(self.folder)}  # its discovery cache goes with the run
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
        if check and answer.returncode:
            raise TestbedError(f"kubectl {' '.join(args)}: {answer.stderr.strip()}")
        return answer.stdout + ("" if check else answer.stderr)

    def token_for(self, account: str, namespace: str = "default") -> str:
        """A bearer token of a service account, good for an hour."""
        path = self.api.path("v1", "ServiceAccount", namespace, account, "token")
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 3600},
        }
        answer: dict[str, Any] = self.api.request("POST", path, request)
        return str(answer["status"]["token"])

    def api_for(self, token: str) -> Api:
        """The API as the bearer of this token sees it."""
        return Api(self.url, self.folder / "ca.crt", token)

    def kubeconfig_for(self, token: str, *, user: str = "limited", namespace: str = "default") -> str:
        """The text of a kubeconfig for this token."""
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "ca.crt")}
        context = {"cluster": "testbed", "user": user, "namespace": namespace}
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "testbed", "cluster": cluster}],
                "users": [{"name": user, "user": {"token": token}}],
                "contexts": [{"name": "testbed", "context": context}],
                "current-context": "testbed",
            },
            indent=2,
        )

    # Nodes

    def add_nodes(self, specs: Iterable[NodeSpec | str], seconds: float = 60.0) -> None:
        """Register nodes and wait until pods can be scheduled to them and KWOK plays them."""
        version = build.KUBERNETES
        names = []
        for each in specs:
            spec = NodeSpec(each) if isinstance(each, str) else each
            port = self._settings.ports.kubelet if spec.kubelet_reachable else self._settings.ports.nobody
            manifest = nodes.manifest(spec, self._node_count, port, version, dt.datetime.now(dt.UTC))
            self.api.request("POST", "/api/v1/nodes", manifest)
            self._node_count += 1
            names.append(spec.name)
        for name in names:
            self.wait_for(f"lease of node {name}", lambda name=name: self._settled(name), seconds)  # type: ignore[misc]

    def _settled(self, name: str) -> bool:
        taints = self.api.get("v1", "Node", name)["spec"].get("taints", [])
        if any(taint["key"] == "node.kubernetes.io/not-ready" for taint in taints):
            ready = [c for c in self.api.get("v1", "Node", name)["status"]["conditions"] if c["type"] == "Ready"]
            if ready and ready[0]["status"] == "True":
                return False
        return self._exists("coordination.k8s.io/v1", "Lease", name, "kube-node-lease")

    def lose_node(self, name: str) -> None:
        """Nobody renews the node's lease or plays its pods any more: the controller manager finds it lost by itself."""
        self.api.merge("v1", "Node", name, "", {"metadata": {"labels": {nodes.MANAGED: None}}})

    def annotate_pod(self, namespace: str, name: str, annotations: dict[str, str | None]) -> None:
        """Give a running pod another fate (evicted, for one)."""
        self.api.merge("v1", "Pod", name, namespace, {"metadata": {"annotations": annotations}})
