"""GET requests to the API server: the official client's credentials and connection pools, raw bytes back, bounded retries. There is no way to write."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3
from kubernetes.client.rest import RESTClientObject

from seakeep import __version__
from seakeep.adapters.errors import ObservationError
from seakeep.adapters.kube.connect import Connection, plugin_failures_are_errors
from seakeep.adapters.kube.failures import reason_of, tls_error
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.patience import patient

_AGAIN = frozenset({429, 500, 502, 503, 504})
_WORDS = {
    403: "forbidden",
    404: "not served",
    406: "not served in this form",
    410: "expired",
    429: "too many requests",
    500: "internal error of the server",
    503: "unavailable",
    504: "timed out",
}
_CHUNK = 1024**2
Query = Mapping[str, str | int]


class _Status(msgspec.Struct):
    message: str = ""


_STATUS = msgspec.json.Decoder(_Status)


class StatusError(Exception):
    """No list and no object. `status` is the HTTP status, 0 where no whole answer came; `reason` a few words for a report, `message` the server's own."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.message = message


class Transport:
    """Safe to use from several threads."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        configuration = connection.configuration
        configuration.connection_pool_maxsize = limits.workers
        if not configuration.verify_ssl:
            # The context says insecure-skip-tls-verify: the user knows.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._configuration = configuration
        self._pool: urllib3.PoolManager = RESTClientObject(configuration).pool_manager
        self._pool.pool_classes_by_scheme = patient(limits.request_seconds)
        self._limits = limits
        self._lock = threading.Lock()
        self._patience = limits.waiting_most
        self._silences = 0
        self._answered = False
        self._closed = False
        self.server_time: datetime | None = None

    def close(self) -> None:
        """What is under way gives up at its next chance."""
        self._closed = True
        self._pool.clear()

    def get(
        self, path: str, query: Query | None = None, accept: str = "application/json", *, once: bool = False
    ) -> bytearray:
        """The body; `once` tries no second time.

        Raises StatusError for the server's refusals and lost answers; ObservationError where the server cannot be reached at all, is not trusted, or does not accept the credentials.
        """
        url = f"{self._configuration.host}{path}{f'?{urlencode(query)}' if query else ''}"
        attempt = 0
        while True:
            attempt += 1
            try:
                status, headers, body = self._once(url, accept)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                reason = self._silent(error)
                if once or attempt >= self._limits.silent_tries or not self._pause(attempt, ""):
                    if not self._answered:
                        raise ObservationError(
                            f"the API server cannot be reached: {reason}",
                            "Is the address of the context right, and reachable from here (VPN, proxy)?",
                        ) from error
                    raise StatusError(0, reason) from error
                continue
            if status == 200:
                return body
            if status == 401:
                raise ObservationError(
                    "the API server does not accept the credentials",
                    "They may have expired: log in again, or choose another --context.",
                )
            if (
                status not in _AGAIN
                or once
                or attempt >= self._limits.tries
                or not self._pause(attempt, headers.get("Retry-After", ""))
            ):
                raise StatusError(status, _WORDS.get(status, f"HTTP {status}"), _message(body))

    def _once(self, url: str, accept: str) -> tuple[int, Mapping[str, str], bytearray]:
        limits = self._limits
        if self._closed or (self._answered and self._silences >= limits.silences):
            raise urllib3.exceptions.HTTPError("given up")
        answer = self._exchange("GET", url, self._headers(accept))
        self._answered, self._silences = True, 0
        return answer

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> tuple[int, Mapping[str, str], bytearray]:
        """One request and its whole answer; urllib3's errors where there is none."""
        limits = self._limits
        response = self._pool.request(
            method,
            url,
            body=data,
            headers=headers,
            redirect=False,  # it would carry the credentials elsewhere
            retries=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=limits.connect_seconds, read=limits.read_seconds),
        )
        try:
            try:
                body = self._body(response)
            finally:
                response.watch.over()  # type: ignore[attr-defined]
        except BaseException:
            response.close()
            raise
        response.release_conn()
        self._note_time(response.headers.get("Date", ""))
        return response.status, response.headers, body

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytearray:
        body = bytearray()
        for chunk in response.stream(_CHUNK, decode_content=True):  # read_chunked decodes only when told to
            body += chunk
            if len(body) > self._limits.answer_bytes:
                raise StatusError(0, "the answer is too large")
            if self._closed:
                raise TimeoutError
        return body

    def _headers(self, accept: str) -> dict[str, str]:
        headers = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": f"seakeep/{__version__}"}
        # Asking for the token may run the context's plug-in again; once at a time is enough.
        with self._lock, plugin_failures_are_errors():
            settings: dict[str, Any] = self._configuration.auth_settings()
        token = settings.get("BearerToken", {}).get("value")
        return headers | ({"Authorization": token} if token else {})

    def _silent(self, error: BaseException) -> str:
        """Why no answer came. Raises ObservationError for certificates that another try would not mend."""
        wrong = tls_error(error)
        if wrong:
            raise wrong from error
        with self._lock:
            self._silences += 1
        return reason_of(error)

    def _pause(self, attempt: int, retry_after: str) -> bool:
        """Wait before another try; False where all waiting is used up."""
        if self._closed or (self._answered and self._silences >= self._limits.silences):
            return False
        wanted = float(retry_after) if retry_after.isdigit() else 0.2 * 2.0 ** (attempt - 1)
        wait = min(wanted, self._limits.retry_after_most)
        with self._lock:
            if wait > self._patience:
                return False
            self._patience -= wait
        time.sleep(wait)
        return True

    def _note_time(self, date: str) -> None:
        try:
            self.server_time = parsedate_to_datetime(date).astimezone(UTC)
        except (ValueError, TypeError):
            logging.getLogger(__name__).debug("the server tells no time")


def _message(body: bytearray) -> str:
    try:
        return _STATUS.decode(body).message
    except msgspec.DecodeError:
        return body[:300].decode("utf-8", "replace")
