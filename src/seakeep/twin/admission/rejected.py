"""A refused request."""

from __future__ import annotations


class RejectedError(Exception):
    """The API server refused a request; `code` is the HTTP status, `message` Kubernetes' own wording, `causes` the messages of `details.causes`, `retry_after` the seconds of `Retry-After` (0: none is sent)."""

    def __init__(self, code: int, message: str, causes: tuple[str, ...] = (), *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.causes = causes
        self.retry_after = retry_after
