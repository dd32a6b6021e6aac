"""Connections that give an answer so much time and no more. A server that sends a byte now and then never runs into urllib3's timeouts, which begin anew with each byte."""

from __future__ import annotations

import contextlib
import socket
from threading import Timer
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Patient:
    """Beside a connection of urllib3."""

    sock: socket.socket | None
    seconds = 120.0

    def getresponse(self) -> Any:
        watch = Watch(self.seconds, self.sock)
        try:
            found = super().getresponse()  # type: ignore[misc]
        except BaseException:
            watch.over()
            raise
        found.watch = watch
        return found


class Watch:
    """Ends the connection when the time is up: whatever waits for it goes on then, and `over` raises TimeoutError."""

    def __init__(self, seconds: float, sock: socket.socket | None) -> None:
        self._sock, self._cut = sock, False
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        self._cut = True
        with contextlib.suppress(OSError):
            if self._sock is not None:
                self._sock.shutdown(socket.SHUT_RDWR)

    def over(self) -> None:
        self._timer.cancel()
        if self._cut:
            # What was read until then may look like a whole answer.
            raise TimeoutError


class _HTTP(_Patient, HTTPConnection):
    """A class, because urllib3 makes its connections itself."""


class _HTTPS(_Patient, HTTPSConnection):
    """The same with TLS."""


def patient(seconds: float) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Pools by scheme, as a PoolManager takes them. Call `watch.over()` of each answer once it is read."""
    kinds = {"http": (urllib3.HTTPConnectionPool, _HTTP), "https": (urllib3.HTTPSConnectionPool, _HTTPS)}
    return {
        scheme: type(
            pool.__name__, (pool,), {"ConnectionCls": type(connection.__name__, (connection,), {"seconds": seconds})}
        )
        for scheme, (pool, connection) in kinds.items()
    }
