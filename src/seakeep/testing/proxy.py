"""A proxy on loopback in front of an API server, which makes chosen requests go wrong on the wire: for tests of what a client does then."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Fault:
    """`status` is answered instead of the server, with `headers`. `cut` hangs up: `before` the request is passed on, `after` the server has done it, or in the `half` of its answer. `seconds` is waited first."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    cut: str = ""
    seconds: float = 0.0


# Method, path with query, and how many requests came before → what goes wrong, or None.
Rule = Callable[[str, str, int], Fault | None]


def is_write(method: str, path: str) -> bool:
    """A write to an object that is kept: no dry run, no lease, no question about rights."""
    ours = "/leases" in path or "accessreviews" in path or "dryRun" in path
    return method in {"POST", "PATCH", "DELETE"} and not ours


class FaultProxy:
    """Serves with the certificate of the API server itself, so that clients trust it. A context manager."""

    def __init__(self, upstream: str, folder: Path, rule: Rule) -> None:
        """`folder` holds ca.crt, server.crt and server.key, as a `ControlPlane`'s does."""
        self.rule = rule
        self.requests = 0
        self.faults = 0
        self._lock = threading.Lock()
        parts = urlsplit(upstream)
        self._host, self._port = str(parts.hostname), int(parts.port or 443)
        self._trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                proxy._serve(self)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _any  # noqa: N815 - the names that the base class calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that hang up are what this is about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.crt", folder / "server.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            number, self.requests = self.requests, self.requests + 1
            fault = self.rule(handler.command, handler.path, number) or Fault()
            self.faults += fault != Fault()
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        time.sleep(fault.seconds)
        if fault.cut == "before":
            self._hang_up(handler)
        elif fault.status:
            self._answer(handler, fault.status, _status(fault), fault.headers)
        else:
            self._pass_on(handler, body, fault)

    def _pass_on(self, handler: BaseHTTPRequestHandler, body: bytes, fault: Fault) -> None:
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=30, context=self._trust)
        kept = {
            key: value
            for key, value in handler.headers.items()
            if key.lower() not in {"host", "connection", "accept-encoding"}
        }
        try:
            connection.request(handler.command, handler.path, body or None, kept)
            response = connection.getresponse()
            answer = response.read()
        except OSError:
            self._hang_up(handler)
            return
        finally:
            connection.close()
        if fault.cut == "after":
            self._hang_up(handler)
            return
        headers = {
            key: value for key in ("Content-Type", "Date", "Retry-After") if (value := response.headers.get(key))
        }
        self._answer(handler, response.status, answer, headers, half=fault.cut == "half")

    def _answer(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        body: bytes,
        headers: Mapping[str, str],
        *,
        half: bool = False,
    ) -> None:
        handler.send_response_only(status)
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if half else body)
        handler.wfile.flush()
        if half:
            self._hang_up(handler)

    def _hang_up(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)


def _status(fault: Fault) -> bytes:
    value = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": fault.status,
        "reason": fault.reason,
        "message": f"injected {fault.status}",
    }
    return json.dumps(value).encode()
