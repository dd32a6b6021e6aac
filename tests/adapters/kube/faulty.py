"""A small HTTP(S) server on loopback that plays an API server which misbehaves. Only for what a real one cannot be made to do at will: tests/engines/kubernetes has the real one."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml


@dataclass
class Answer:
    """`half` sends less than was promised and hangs up; `seconds` is the wait before anything is sent."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    half: bool = False
    seconds: float = 0.0


Play = Callable[[str, dict[str, str], int], Answer | None]
"""Path, query and how often the path was asked before → an answer, or None for the healthy one."""

PODS = [
    {"metadata": {"name": f"pod-{number}", "namespace": "data"}, "status": {"phase": "Running"}} for number in range(5)
]
_RESOURCES = [("pods", "Pod", True), ("nodes", "Node", False), ("secrets", "Secret", True), ("events", "Event", True)]


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def refusal(status: int, message: str = "", **headers: str) -> Answer:
    return Answer(status, body({"kind": "Status", "message": message, "code": status}), headers)


def page(items: list[Any], following: str = "", kind: str = "PodList") -> Answer:
    return Answer(body=body({"kind": kind, "apiVersion": "v1", "metadata": {"continue": following}, "items": items}))


def healthy(path: str, query: dict[str, str]) -> Answer:
    """Five pods, in pages when asked so, and no more than is needed around them."""
    if path == "/version":
        return Answer(body=body({"gitVersion": "v1.30.0"}))
    if path == "/api":
        return Answer(body=body({"kind": "APIVersions", "versions": ["v1"]}))
    if path == "/apis":
        return Answer(body=body({"kind": "APIGroupList", "groups": []}))
    if path == "/api/v1":
        resources = [
            {"name": name, "kind": kind, "namespaced": namespaced, "verbs": ["list"]}
            for name, kind, namespaced in _RESOURCES
        ]
        return Answer(body=body({"kind": "APIResourceList", "resources": resources}))
    if path == "/api/v1/secrets":
        return Answer(body=body({"kind": "Table", "rows": []}))
    if path == "/api/v1/pods":
        start, size = int(query.get("continue") or 0), int(query.get("limit") or 99)
        rest = start + size < len(PODS)
        return page(PODS[start : start + size], str(start + size) if rest else "")
    if path.startswith("/api/v1/"):
        return page([], kind="List")
    return refusal(404)


class Server:
    """`asked` counts requests by path."""

    def __init__(self, play: Play, context: ssl.SSLContext | None = None) -> None:
        self.asked: Counter[str] = Counter()
        self.methods: set[str] = set()
        self.tokens: set[str] = set()
        self.accepted: dict[str, str] = {}
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                owner.methods.add(self.command)
                owner.tokens.add(self.headers.get("Authorization", ""))
                owner.accepted[parts.path] = self.headers.get("Accept", "")
                query, before = dict(parse_qsl(parts.query)), owner.asked[parts.path]
                owner.asked[parts.path] += 1
                owner._send(self, play(parts.path, query, before) or healthy(parts.path, query))

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are the point
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        time.sleep(answer.seconds)
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body[: len(answer.body) // 2] if answer.half else answer.body)
        if answer.half:
            handler.close_connection = True

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def serving(play: Play = lambda *_: None, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(play, context)
    try:
        yield server
    finally:
        server.stop()


# What is sent at once, before a byte every few milliseconds.
DRIPS = (
    b"HTTP/1.1 200 OK\r\nX-Slow: ",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
)


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """The address of a server that never ends its answer."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(head)
            while not over.wait(0.02):
                connection.sendall(b"0")

    def accept() -> None:
        with suppress(OSError):
            while not over.is_set():
                threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()


def write_kubeconfig(
    file: Path, url: str, user: dict[str, Any] | None = None, name: str = "test", **cluster: Any
) -> Path:
    """One context of one cluster; the user's token is `t0ken` unless told otherwise."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url, **cluster}}],
        "users": [{"name": name, "user": {"token": "t0ken"} if user is None else user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    file.write_text(yaml.safe_dump(document))
    return file
