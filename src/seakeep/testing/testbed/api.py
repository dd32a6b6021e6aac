"""The few requests that the testbed makes: objects by kind, server-side apply, tokens."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from seakeep.testing.testbed.build import TestbedError

Object = dict[str, Any]

_MANAGER = "seakeep-testbed"
_APPLY = "application/apply-patch+yaml"
# What others depend on goes first; the rest in the order given.
_FIRST = {"CustomResourceDefinition": 0, "Namespace": 1, "ResourceQuota": 2, "LimitRange": 2, "PriorityClass": 2}
_FIRST |= {"StorageClass": 2, "ServiceAccount": 2, "ConfigMap": 3, "Secret": 3}


class ApiError(TestbedError):
    """A refusal: `status` is the HTTP status, `reason`, the message and `details` are the server's."""

    def __init__(self, method: str, path: str, status: int, body: bytes) -> None:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = {}
        answer = answer if isinstance(answer, dict) else {}
        self.status = status
        self.reason = str(answer.get("reason", ""))
        self.details: Object = answer.get("details") or {}
        self.server_message = str(answer.get("message") or body[:500].decode(errors="replace"))
        super().__init__(f"{method} {path}: {status} {self.reason}: {self.server_message}")


class Api:
    """One user's view of the API server. Safe to use from several threads."""

    def __init__(self, url: str, authority: Path, token: str) -> None:
        self.url = url
        self.token = token
        parts = urllib.parse.urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 443)
        self._context = ssl.create_default_context(cafile=str(authority))
        self._local = threading.local()
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def request(self, method: str, path: str, body: object = None, content: str = "application/json") -> Any:
        """The decoded JSON answer. Raises ApiError for a refusal, OSError when nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", "Content-Type": content}
        status, answer = self._send(method, path, data, headers)
        if status >= 400:
            raise ApiError(method, path, status, answer)
        return json.loads(answer) if answer[:1] in {b"{", b"["} else answer.decode(errors="replace")

    def lines(self, path: str, started: Callable[[], None]) -> Iterator[bytes]:
        """The lines of an answer that goes on, such as a watch; `started` is called when it begins."""
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=900, context=self._context)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            started()
            while line := response.readline():
                yield line
        finally:
            connection.close()

    def close(self) -> None:
        """Close this thread's connection; the next request opens another."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        for fresh in (False, True):
            connection: http.client.HTTPSConnection | None = None if fresh else getattr(self._local, "connection", None)
            reused = connection is not None
            if connection is None:
                connection = http.client.HTTPSConnection(self._host, self._port, timeout=30, context=self._context)
            try:
                connection.request(method, path, data, dict(headers))
                response = connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self._local.connection = None
                if not reused:
                    raise
            else:
                self._local.connection = connection
                return response.status, answer
        raise AssertionError  # the second round returns or raises

    def path(self, api_version: str, kind: str, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of a kind's collection or object."""
        plural, namespaced = self._kind(api_version, kind)
        root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        scope = f"/namespaces/{namespace}" if namespaced and namespace else ""
        parts = [plural, *([name] if name else []), *([subresource] if subresource else [])]
        return f"{root}{scope}/{'/'.join(parts)}"

    def _kind(self, api_version: str, kind: str) -> tuple[str, bool]:
        if (api_version, kind) not in self._kinds:
            root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
            for each in self.request("GET", root)["resources"]:
                if "/" not in each["name"]:
                    self._kinds[api_version, each["kind"]] = (each["name"], each["namespaced"])
        try:
            return self._kinds[api_version, kind]
        except KeyError:
            raise TestbedError(f"the API server knows no kind {kind} in {api_version}") from None

    def namespaced(self, item: Object) -> bool:
        return self._kind(item["apiVersion"], item["kind"])[1]

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object:
        answer: Object = self.request("GET", self.path(api_version, kind, namespace, name))
        return answer

    def find(self, api_version: str, kind: str, namespace: str = "", **selectors: str) -> list[Object]:
        """All objects of the kind; selectors are `labelSelector` and `fieldSelector`."""
        query = f"?{urllib.parse.urlencode(selectors)}" if selectors else ""
        items: list[Object] = self.request("GET", self.path(api_version, kind, namespace) + query)["items"]
        return items

    def apply(self, items: Iterable[Object]) -> list[Object]:
        """Server-side apply, in an order that lets everything find what it needs. Raises ApiError at the first refusal."""
        ordered = sorted(items, key=lambda item: _FIRST.get(item["kind"], 9))
        return [self._apply_one(item) for item in ordered]

    def _apply_one(self, item: Object) -> Object:
        metadata = item["metadata"]
        namespace = (metadata.get("namespace") or "default") if self._established(item) else ""
        if "name" not in metadata:
            created: Object = self.request("POST", self.path(item["apiVersion"], item["kind"], namespace), item)
            return created
        path = self.path(item["apiVersion"], item["kind"], namespace, metadata["name"])
        answer: Object = self.request("PATCH", f"{path}?fieldManager={_MANAGER}&force=true", item, _APPLY)
        if item["kind"] == "Namespace":
            self._await_account(metadata["name"])
        return answer

    def _established(self, item: Object) -> bool:
        """Whether the kind is namespaced; waits a moment for a CRD that was just applied."""
        for _ in range(100):
            try:
                return self.namespaced(item)
            except TestbedError:
                time.sleep(0.1)
        return self.namespaced(item)

    def _await_account(self, namespace: str) -> None:
        """Pods are refused until the controller manager has made the namespace's default account."""
        path = self.path("v1", "ServiceAccount", namespace, "default")
        for _ in range(300):
            try:
                self.request("GET", path)
            except ApiError as error:
                if error.status != http.HTTPStatus.NOT_FOUND:
                    raise
                time.sleep(0.05)
            else:
                return
        raise TestbedError(f"namespace {namespace} got no default service account")

    def merge(
        self, api_version: str, kind: str, name: str, namespace: str, change: Object, subresource: str = ""
    ) -> Object:
        """A JSON merge patch."""
        path = self.path(api_version, kind, namespace, name, subresource)
        answer: Object = self.request("PATCH", path, change, "application/merge-patch+json")
        return answer

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        self.request("DELETE", self.path(api_version, kind, namespace, name))


def objects(source: Path | str | Object | Iterable[Object]) -> Iterator[Object]:
    """Objects of a YAML file, of a folder of them in name order, of YAML text, or as they are; Lists are opened."""
    if isinstance(source, Path):
        files = sorted(source.rglob("*.yaml")) if source.is_dir() else [source]
        for file in files:
            yield from objects(file.read_text())
    elif isinstance(source, str):
        yield from objects(item for item in yaml.safe_load_all(source) if item)
    elif isinstance(source, dict):
        if source["kind"] == "List":
            yield from objects(source["items"])
        else:
            yield source
    else:
        for item in source:
            yield from objects(item)
