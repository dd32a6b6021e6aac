"""The part of a kubelet's own API that `kubectl logs` needs: what a pod's annotations say that its containers wrote."""

from __future__ import annotations

import datetime as dt
import re
import ssl
import threading
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from seakeep.testing.testbed.api import Api, ApiError, Object
from seakeep.testing.testbed.nodes import PREFIX

_LOGS = re.compile(r"/containerLogs/(?P<namespace>[^/]+)/(?P<pod>[^/]+)/(?P<container>[^/]+)")


class LogServer:
    """Serves every node's kubelet port of one run, in a thread of this process. It only knows logs."""

    def __init__(self, api: Api, port: int, certificate: Path, key: Path) -> None:
        handler = type("Handler", (_Handler,), {"api": api})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, name="kubelet-logs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    api: Api

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if not (found := _LOGS.fullmatch(url.path)):
            self._answer(HTTPStatus.NOT_IMPLEMENTED, "the testbed's kubelet knows container logs only")
            return
        try:
            pod = self.api.get("v1", "Pod", found["pod"], found["namespace"])
        except ApiError as error:
            self._answer(HTTPStatus.NOT_FOUND, error.server_message)
            return
        finally:
            # This thread, and so its connection, ends with the kubelet's client.
            self.api.close()
        refusal = _refusal(pod, found["container"], previous=query.get("previous") == "true")
        if refusal:
            self._answer(HTTPStatus.BAD_REQUEST, refusal)
        else:
            self._answer(HTTPStatus.OK, _log(pod, found["container"], query))

    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing: the API server's log has it."""


def _status(pod: Object, container: str) -> Object:
    kinds = ("containerStatuses", "initContainerStatuses")
    statuses: list[Object] = [status for kind in kinds for status in pod["status"].get(kind, [])]
    return next((status for status in statuses if status["name"] == container), {})


def _refusal(pod: Object, container: str, *, previous: bool) -> str:
    """Why the kubelet has no log to give; empty when it has (wording of kubelet_pods.go, validateContainerLogStatus)."""
    status = _status(pod, container)
    name = pod["metadata"]["name"]
    if previous:
        if "terminated" not in status.get("lastState", {}):
            return f'previous terminated container "{container}" in pod "{name}" not found'
        return ""
    state = status.get("state", {})
    if "waiting" in state and "terminated" not in status.get("lastState", {}):
        waiting = state["waiting"]
        # Reasons of pulling and starting an image are told with their message.
        detail = waiting["reason"] if waiting["reason"] in {"ContainerCreating", "PodInitializing"} else None
        why = detail or waiting.get("message") or waiting["reason"]
        return f'container "{container}" in pod "{name}" is waiting to start: {why}'
    return ""


def _log(pod: Object, container: str, query: dict[str, str]) -> str:
    annotations = pod["metadata"].get("annotations", {})
    status = _status(pod, container)
    # A container that waits for its restart shows the log of its last life, with and without --previous.
    ended = query.get("previous") == "true" or "waiting" in status.get("state", {})
    text = str(annotations.get(f"{PREFIX}log.{container}", ""))
    if ended:
        text = str(annotations.get(f"{PREFIX}previous-log.{container}", text))
    lines = text.splitlines()
    if "tailLines" in query:
        tail = int(query["tailLines"])
        lines = lines[-tail:] if tail > 0 else []
    if query.get("timestamps") == "true":
        stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        lines = [f"{stamp} {line}" for line in lines]
    body = "".join(f"{line}\n" for line in lines)
    return body[: int(query["limitBytes"])] if "limitBytes" in query else body
