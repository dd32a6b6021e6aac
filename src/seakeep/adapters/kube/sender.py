"""Requests that may change something: each is sent once, and what comes back says whether it may have been done. The machine decides what to try again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3

from seakeep.adapters.errors import ObservationError
from seakeep.adapters.kube.failures import reason_of
from seakeep.adapters.kube.refusal import refusal
from seakeep.adapters.kube.transport import Query, Transport
from seakeep.model.commands import Failed, Why

# Never sent: no connection came about. Anything else may have reached the server.
_NOT_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]


class Sender(Transport):
    """Safe to use from several threads."""

    def ask(
        self, method: str, path: str, query: Query | None = None, body: Any = None, content: str = "application/json"
    ) -> Answer | Failed:
        """One try. Never raises for what the server or the network does."""
        url = f"{self._configuration.host}{path}{f'?{urlencode(query)}' if query else ''}"
        try:
            headers = self._headers("application/json") | {"Content-Type": content}
        except ObservationError as error:
            return Failed(Why.UNAUTHORIZED, str(error))
        data = None if body is None else msgspec.json.encode(body)
        try:
            status, sent, received = self._exchange(method, url, headers, data)
        except _NOT_SENT as error:
            return Failed(Why.UNREACHABLE, f"the API server cannot be reached: {reason_of(error)}")
        except (urllib3.exceptions.HTTPError, OSError) as error:
            why = Why.LOST if method != "GET" else Why.UNREACHABLE
            return Failed(why, f"no whole answer came: {reason_of(error)}")
        try:
            found = msgspec.json.decode(received) if received else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = None
        if status >= 300:
            return refusal(status, sent, found if isinstance(found, dict) else {})
        if not isinstance(found, dict):
            return Failed(Why.LOST, "the answer is no JSON object")
        return Answer(status, found)

    def now(self) -> datetime:
        """By the server's clock where it told the time: leases are compared by it."""
        return self.server_time or datetime.now(UTC)
