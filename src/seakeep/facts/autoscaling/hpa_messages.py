"""What the autoscaling controller says when it cannot compute (kube-controller-manager, podautoscaler package and its metrics client)."""

from __future__ import annotations

import re
from enum import StrEnum

from seakeep.model.pattern import late

_REQUEST = late(r"missing request for (?P<resource>[\w./-]+)(?: in container (?P<container>\S+) of Pod (?P<pod>\S+))?")
_API = late(
    r"the server could not find the requested resource \(get (?P<missing>\S+)|currently unable to handle the request \(get (?P<down>\S+)"
    r"|no (?P<unregistered>custom|external) metrics API \S+ registered|unable to (?:fetch|get) metrics from (?P<api>resource|custom|external) metrics API: .{0,200}(?:connection refused|i/o timeout|context deadline exceeded|x509|ServiceUnavailable)"
)  # fmt: skip
_NO_PODS = late(r"did not receive metrics for|no metrics returned from resource metrics API|pods might be unready")
_METRIC = late(r"unable to (?:get|fetch) .{0,40}metric")
_NO_METRIC = late(r"no metrics returned from (?:custom|external) metrics API|could not find the (?:metric|descriptor)")
_METRIC_NAME = late(r"metric (?P<name>[^\s:{&]{1,120}?)/?[:&]")
# "more than one HPA (e.g. […" is what 1.37 says.
_RIVALS = late(r"controlled by (?:multiple HPAs: |more than one HPA \(e\.g\. )\[?(?P<names>[^\]]{1,200})")
_SELECTOR = late(r"selector is required|missing a selector|couldn't convert selector|invalid selector")


class Blindness(StrEnum):
    REQUEST = "no request to compare the usage with"
    API = "the metrics API does not answer"
    METRIC = "nobody provides the metric"
    PODS = "no metrics of the pods"
    TARGET = "the target cannot be read"
    SELECTOR = "the target has no selector"
    RIVALS = "other autoscalers scale the same pods"
    UNKNOWN = "no value"


def classify(message: str) -> tuple[Blindness, str, bool]:
    """What a message of the controller says, what is missing, and whether an API is not even registered."""
    if match := _REQUEST.search(message):
        where = f" in container {match['container']} of pod {match['pod']}" if match["container"] else ""
        return Blindness.REQUEST, f"{match['resource']}{where}", False
    if match := _API.search(message):
        return Blindness.API, _group(match, message), bool(match["missing"] or match["unregistered"])
    if match := _RIVALS.search(message):
        return Blindness.RIVALS, match["names"], False
    if _NO_PODS.search(message):
        return Blindness.PODS, "", False
    if _SELECTOR.search(message):
        return Blindness.SELECTOR, "", False
    gone = _NO_METRIC.search(message)
    if gone or _METRIC.search(message):
        name = _METRIC_NAME.search(message)
        words = (name["name"] if name else message[:100], gone[0] if gone else "")
        return Blindness.METRIC, "; ".join(word for word in words if word), False
    return Blindness.UNKNOWN, message[:200], False


def _group(match: re.Match[str], message: str) -> str:
    """`pods.metrics.k8s.io` → `metrics.k8s.io`; external metrics are resources of their own names."""
    named = match["missing"] or match["down"] or f"{match['unregistered'] or match['api'] or ''}."
    for word in ("custom", "external"):
        if f"{word}.metrics.k8s.io" in named or named.startswith(f"{word}.") or f"from {word} metrics API" in message:
            return f"{word}.metrics.k8s.io"
    return "metrics.k8s.io"
