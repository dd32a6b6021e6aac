"""Image references by their grammar (`distribution/reference`)."""

from __future__ import annotations

import re

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?/)?{_COMPONENT}(?:/{_COMPONENT})*(?::[\w][\w.-]{{0,127}})?(?:@[a-zA-Z][a-zA-Z0-9+._-]*:[0-9a-fA-F]{{32,}})?"
)
# What a script or chart is to fill in: ${TAG}, {{ .Values.image }}, <image>, %IMAGE%, IMAGE_NAME.
_PLACEHOLDER = re.compile(r"[${}<>%]|^[A-Z0-9_-]+$|__")


def is_invalid(image: str) -> bool:
    """The kubelet would refuse it with InvalidImageName. Placeholders are none of its business yet."""
    return bool(image) and not _PLACEHOLDER.search(image) and not _REFERENCE.fullmatch(image)
