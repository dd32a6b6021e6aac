"""Requests to the API server: the official client's configuration and pools, raw bytes back, bounded retries."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException

from seakeep.adapters.errors import ObservationError

# Seconds to connect, and to wait for a page. A page of 500 pods takes an API server far less.
_TIMEOUT = (5.0, 30.0)
_TRIES = 4
_RETRY_AFTER_MOST = 10.0
_AGAIN = {429, 500, 502, 503, 504}


class StatusError(Exception):
    """The server's refusal; `status` is the HTTP status, `reason` Kubernetes' word for it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class Transport:
    """GET only: Seakeep's observation has no way to write."""

    def __init__(self, api: client.ApiClient) -> None:
        self._api = api

    @classmethod
    def connect(cls, context: str | None, kubeconfig: Path | None) -> Transport:
        """By kubeconfig, else by the service account of the pod that this runs in. Raises ObservationError, with what to do."""
        configuration = client.Configuration()
        configuration.retries = False
        with _exec_failures_are_errors():
            try:
                config.load_kube_config(str(kubeconfig) if kubeconfig else None, context, configuration)
            except (ConfigException, OSError, TypeError, ValueError) as error:
                if kubeconfig or context:
                    raise ObservationError(
                        "the kubeconfig cannot be used", f"{type(error).__name__}; check --kubeconfig and --context."
                    ) from error
                try:
                    config.load_incluster_config(configuration)
                except ConfigException:
                    raise ObservationError(
                        "there is no cluster to read",
                        "Set a kube context, or name a SOURCE: `seakeep check dump.json`; `seakeep demo` needs none.",
                    ) from error
        return cls(client.ApiClient(configuration))

    def get(self, path: str, query: dict[str, Any] | None = None, accept: str = "application/json") -> bytes:
        """The body. Raises StatusError for the server's refusals, ObservationError where it cannot be reached or the credentials are not accepted."""
        for attempt in range(_TRIES):
            try:
                request = self._api.param_serialize(
                    "GET",
                    path,
                    query_params=list((query or {}).items()),
                    header_params={"Accept": accept},
                    auth_settings=["BearerToken"],
                )
                response = self._api.call_api(*request, _request_timeout=_TIMEOUT)
                status, body, wait = response.status, response.read() or b"", response.headers.get("Retry-After", "")
            except client.ApiException as error:
                raise ObservationError(
                    "the API server cannot be reached safely", f"{str(error.reason)[:160]}"
                ) from error
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise ObservationError(
                    "the API server does not answer",
                    f"{type(error).__name__}; is the address of the context reachable from here?",
                ) from error
            if status == 200:
                return body
            if status == 401:
                raise ObservationError(
                    "the API server does not accept the credentials",
                    "They may have expired: log in again, or choose another --context.",
                )
            if status not in _AGAIN or attempt == _TRIES - 1:
                raise StatusError(
                    status,
                    {403: "forbidden", 404: "not served", 410: "expired", 429: "too many requests"}.get(
                        status, f"HTTP {status}"
                    ),
                )
            time.sleep(min(float(wait) if wait.isdigit() else 0.2 * 2**attempt, _RETRY_AFTER_MOST))
        raise StatusError(0, "no answer")


@contextmanager
def _exec_failures_are_errors() -> Iterator[None]:
    """The official client logs a failing exec plug-in and goes on without credentials; here that is an error."""
    caught: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                caught.append(record.name)

    handler = Handler()
    logger = logging.getLogger()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    if caught:
        raise ObservationError(
            "the kubeconfig's credential plug-in failed",
            "Run the command that the context's `exec` names, and log in again.",
        )
