"""A refusal of the API server (`metav1.Status`) in the machine's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.adapters import redact
from seakeep.model.commands import Failed, Why

_MANAGER = re.compile(r'conflicts? with "(?P<name>[^"]+)"')
_MOST = 400
# By status, where the body says no more.
_WHY = {401: Why.UNAUTHORIZED, 404: Why.GONE, 410: Why.SERVER, 429: Why.BUSY}


def refusal(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> Failed:
    """By status, reason and message; `after` is the server's own Retry-After, in seconds."""
    message = redact.text(" ".join(str(body.get("message") or f"HTTP {status}").split()))[:_MOST]
    after = headers.get("Retry-After", "")
    wait = float(after) if after.isdigit() else 0.0
    if status == 409:
        return _conflict(body, message)
    if status == 403:
        # Authorization, or an admission plug-in (quota, pod security, a terminating namespace), which uses the same status.
        why = Why.FORBIDDEN if " cannot " in message else Why.REJECTED
        return Failed(why, message)
    if status == 422 and _test_failed(message, body):
        return Failed(Why.MOVED, "it changed between reading and writing")
    why = _WHY.get(status) or (Why.SERVER if status >= 500 else Why.REJECTED)
    return Failed(why, message, after=wait)


def _conflict(body: Mapping[str, Any], message: str) -> Failed:
    causes = list(_causes(body))
    fields = [str(item.get("field", "")).removeprefix(".") for item in causes if item.get("reason") == _FIELD]
    if not fields:
        return Failed(Why.MOVED, message)
    texts = [str(item.get("message", "")) for item in causes]
    managers = dict.fromkeys(match["name"] for text in texts if (match := _MANAGER.search(text)))
    return Failed(Why.CONFLICT, ", ".join(dict.fromkeys(fields))[:_MOST], tuple(managers))


_FIELD = "FieldManagerConflict"


def _causes(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    details = body.get("details")
    for item in (details.get("causes") or ()) if isinstance(details, Mapping) else ():
        if isinstance(item, Mapping):
            yield item


def _test_failed(message: str, body: Mapping[str, Any]) -> bool:
    """A `test` of a JSON Patch that did not hold, or a path that is gone: the API server's words for what evanphx/json-patch says."""
    texts = [message, *(str(item.get("message", "")) for item in _causes(body))]
    words = ("testing value", "testing path", "test failed", "doc is missing", "error in our request")
    return any(word in text for text in texts for word in words)
