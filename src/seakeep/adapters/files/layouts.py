"""Where dumps and bundles keep logs, told by the path inside them."""

from __future__ import annotations

import re

from seakeep.adapters.files.limits import LIMITS
from seakeep.model.pattern import late
from seakeep.model.snapshot import Log

_NAME = r"[a-z0-9][a-z0-9.-]*"
_FORMS = (
    # kubectl cluster-info dump --output-directory
    late(rf"(?:^|/)(?P<namespace>{_NAME})/(?P<pod>{_NAME})/logs\.txt$"),
    # Troubleshoot support bundle
    late(
        rf"(?:^|/)cluster-resources/pods/logs/(?P<namespace>{_NAME})/(?P<pod>{_NAME})/(?P<container>{_NAME}?)(?P<previous>-previous)?\.log$"
    ),
    # OpenShift must-gather
    late(
        rf"(?:^|/)namespaces/(?P<namespace>{_NAME})/pods/(?P<pod>{_NAME})/(?P<container>{_NAME})/(?P=container)/logs/(?:current|(?P<previous>previous))(?:\.insecure)?\.log$"
    ),
    # our own
    late(
        rf"(?:^|/)logs/(?P<namespace>{_NAME})/(?P<pod>{_NAME})/(?P<container>{_NAME}?)(?P<previous>\.previous)?\.log$"
    ),
)


# `kubectl cluster-info dump` puts these around each container's log, on stdout and in its logs.txt.
_SECTION = late(
    rf"^==== START logs for container (?P<container>\S+) of pod (?P<namespace>{_NAME})/(?P<pod>{_NAME}) ====\n"
    r"(?P<text>.*?)^==== END logs for container (?P=container) of pod (?P=namespace)/(?P=pod) ====[ \t]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
# Troubleshoot writes down what it was refused.
_ERRORS = late(r"(?:^|/)cluster-resources/(?P<what>[\w-]+?)-errors\.json$")


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


def logs_at(path: str, text: str) -> list[Log]:
    """The logs that a file is: one, or one per container."""
    _, sections = take_logs(text)
    whole = log_at(path, text)
    return sections or ([whole] if whole else [])


def take_logs(text: str) -> tuple[str, list[Log]]:
    """A text without the logs of containers that are marked in it, and those logs."""
    if "==== START logs for container " not in text:
        return text, []
    logs = [
        Log(match["namespace"], match["pod"], match["container"], False, match["text"][-LIMITS.log :])
        for match in _SECTION.finditer(text)
    ]
    return _SECTION.sub("", text), logs


def refused_at(path: str) -> str | None:
    """The resource whose errors a file lists, or None."""
    match = _ERRORS.search(path)
    return match["what"] if match else None
