"""A refused request."""

from __future__ import annotations


class RejectedError(Exception):
    """The API server refused a request; `code` is the HTTP status, `message` Kubernetes' own wording."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
