"""Whose log it is, by its own lines: operators, search servers and log viewers write the pod's name into it."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.model.pattern import late

_NAME = r"(?P<name>[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?)"
_FORMS = (
    # stern and k9s, when the container ends; CloudNativePG; Elasticsearch and OpenSearch, whose nodes are called like their pods.
    late(rf"Stream closed EOF for (?P<namespace>[a-z0-9-]+)/{_NAME}(?: |$)"),
    late(rf"\"logging_pod\": ?\"{_NAME}\""),
    late(rf"\"(?:kubernetes\.)?pod(?:[._]?name)?\": ?\"{_NAME}\""),
    late(r"\"(?:elasticsearch\.)?node\.name\": ?\"(?P<name>[a-z0-9][a-z0-9-]*-\d+)\""),
)
_DNS = late(r"^CoreDNS-\d|^\[(?:ERROR|INFO|WARNING)\] plugin/\w+: ")
_MOST = 200


def whose(lines: Sequence[str]) -> str:
    """The arguments of `kubectl logs`; "" where the lines name nobody, or several."""
    found = {match.groups()[::-1] for line in lines[-_MOST:] for form in _FORMS if (match := form.search(line))}
    if len(found) == 1:
        name, namespace = (*found.pop(), None)[:2]
        return f" {name}{f' -n {namespace}' if namespace else ''}"
    return " deployment/coredns -n kube-system" if not found and any(map(_DNS.match, lines)) else ""
