"""A refused request."""

from __future__ import annotations


class RejectedError(Exception):
    """The API server refused a request; `code` is the HTTP status, `message` Kubernetes' own wording, `causes` the messages of `details.causes`."""

    def __init__(self, code: int, message: str, causes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.causes = causes
