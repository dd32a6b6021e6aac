"""Why no whole answer came, in words that say what to do. Foreign text is cut."""

from __future__ import annotations

import ssl
from typing import TypeVar

import urllib3

from seakeep.adapters.errors import ObservationError

E = TypeVar("E", bound=BaseException)

# OpenSSL's X509_V_ERR_* codes, from its x509_vfy.h.
_CERTIFICATE = {
    9: ("is not valid yet", "Is the clock of this machine right?"),
    10: ("has expired", "The cluster's certificates must be renewed (kubeadm certs renew), or this machine's clock is wrong."),
    18: ("is self-signed and not trusted", "Does certificate-authority of the context belong to this cluster?"),
    19: ("is not trusted", "Does certificate-authority of the context belong to this cluster?"),
    20: ("is not trusted", "Does certificate-authority of the context belong to this cluster?"),
    62: ("is for another name", "Does the server's address of the context, or its tls-server-name, stand in the certificate?"),
    64: ("is for another address", "Does the server's address of the context, or its tls-server-name, stand in the certificate?"),
}  # fmt: skip


def tls_error(error: BaseException) -> ObservationError | None:
    """What is wrong with the certificates; None where it is not that."""
    cause = _within(error, ssl.SSLError)
    if cause is None:
        return None
    if isinstance(cause, ssl.SSLCertVerificationError):
        told, hint = _CERTIFICATE.get(
            cause.verify_code, ("cannot be verified", f"OpenSSL says: {cause.verify_message[:120]}.")
        )
        return ObservationError(f"the API server's certificate {told}", hint)
    reason = (cause.reason or type(cause).__name__).lower().replace("_", " ")
    hint = (
        "The server speaks plain HTTP, or a proxy stands between."
        if "wrong version" in reason or "http request" in reason
        else "Is the client certificate of the context the right one, and still valid?"
    )
    return ObservationError(f"TLS with the API server failed: {reason[:80]}", hint)


def reason_of(error: BaseException) -> str:
    """A few words for a report."""
    # urllib3 counts a connection that could not be made among the timeouts: the particular comes first.
    if _within(error, urllib3.exceptions.NameResolutionError):
        return "its name cannot be resolved"
    if _within(error, ConnectionRefusedError):
        return "connection refused"
    if _within(error, urllib3.exceptions.TimeoutError) or _within(error, TimeoutError):
        return "timed out"
    if _within(error, urllib3.exceptions.ProxyError):
        return "the proxy does not let it through"
    if _within(error, urllib3.exceptions.ProtocolError) or _within(error, ConnectionResetError):
        return "the connection broke off"
    return "no answer"


def _within(error: BaseException | None, kind: type[E]) -> E | None:
    """urllib3 wraps: in `reason`, `__cause__`, `__context__` or the arguments."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        if isinstance(current, kind):
            return current
        seen.add(id(current))
        waiting += [getattr(current, "reason", None), current.__cause__, current.__context__]
        waiting += [item for item in current.args if isinstance(item, BaseException)]
    return None
