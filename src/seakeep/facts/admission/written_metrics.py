"""What the API server refuses of an autoscaler's metrics. Source: pkg/apis/autoscaling/validation `validateMetrics`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.model.objects import HorizontalPodAutoscaler

_FIELDS = {
    "ContainerResource": ("containerResource", ("averageUtilization", "averageValue")),
    "External": ("external", ("averageValue", "value")),
    "Object": ("object", ("averageValue", "value")),
    "Pods": ("pods", ("averageValue",)),
    "Resource": ("resource", ("averageUtilization", "averageValue")),
}


def broken_metrics(item: HorizontalPodAutoscaler) -> Iterator[tuple[str, str]]:
    """Path and fault. Older versions of the API wrote targets in other ways."""
    for number, metric in enumerate(item.spec.metrics if item.api_version == "autoscaling/v2" else ()):
        kind = metric.get("type")
        field, values = _FIELDS.get(kind, ("", ())) if isinstance(kind, str) else ("", ())
        if not field:
            continue
        path = f"spec.metrics[{number}].{field}"
        source = metric.get(field)
        target = source.get("target") if isinstance(source, Mapping) else None
        if not isinstance(source, Mapping):
            yield path, f"missing, and required of type {kind}"
        elif isinstance(target, Mapping):
            yield from _target(target, f"{path}.target", values)


def _target(target: Mapping[str, Any], path: str, values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    given = [name for name in values if target.get(name) is not None]
    if not given or (len(given) > 1 and not path.endswith(".object.target")):  # an object's may have both
        yield path, f"takes {'one of ' if len(values) > 1 else ''}{' and '.join(values)}"
    elif given == ["averageUtilization"] and isinstance(share := target["averageUtilization"], int) and share < 1:
        yield f"{path}.averageUtilization", "must be greater than 0"
