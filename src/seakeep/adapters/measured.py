"""What metrics-server measured, read as objects (`kubectl get podmetrics -o json`), into usage."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import KubeObject, NodeMetrics, PodMetrics
from seakeep.model.objects.base import Quantities
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.snapshot import Usage

MEASURED = ("NodeMetrics", "PodMetrics")


def usages(item: KubeObject) -> Iterator[Usage]:
    """Of a pod's containers, or of a node; what is no quantity is left out."""
    parts: list[tuple[str, Quantities]] = []
    if isinstance(item, PodMetrics):
        parts = [(part.name, part.usage) for part in item.containers]
    elif isinstance(item, NodeMetrics):
        parts = [("", item.usage)]
    for container, used in parts:
        try:
            yield Usage(item.namespace, item.name, container, milli(used["cpu"]), value(used["memory"]))
        except (QuantityError, KeyError):
            continue
