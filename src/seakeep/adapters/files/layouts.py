"""Where dumps and bundles keep logs, told by the path inside them."""

from __future__ import annotations

import re

from seakeep.model.snapshot import Log

_NAME = r"[a-z0-9][a-z0-9.-]*"
_FORMS = (
    # kubectl cluster-info dump --output-directory
    re.compile(rf"(?:^|/)(?P<namespace>{_NAME})/(?P<pod>{_NAME})/logs\.txt$"),
    # Troubleshoot support bundle
    re.compile(
        rf"(?:^|/)cluster-resources/pods/logs/(?P<namespace>{_NAME})/(?P<pod>{_NAME})/(?P<container>{_NAME}?)(?P<previous>-previous)?\.log$"
    ),
    # OpenShift must-gather
    re.compile(
        rf"(?:^|/)namespaces/(?P<namespace>{_NAME})/pods/(?P<pod>{_NAME})/(?P<container>{_NAME})/(?P=container)/logs/(?:current|(?P<previous>previous))(?:\.insecure)?\.log$"
    ),
    # our own
    re.compile(
        rf"(?:^|/)logs/(?P<namespace>{_NAME})/(?P<pod>{_NAME})/(?P<container>{_NAME}?)(?P<previous>\.previous)?\.log$"
    ),
)


def log_at(path: str, text: str) -> Log | None:
    """The log that a file is, or None."""
    for form in _FORMS:
        match = form.search(path)
        if match:
            parts = match.groupdict()
            return Log(
                match["namespace"], match["pod"], parts.get("container") or "", bool(parts.get("previous")), text
            )
    return None
