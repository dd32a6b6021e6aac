"""An autoscaler's metrics. Source: pkg/apis/autoscaling/validation (validateMetricSpec and what it calls)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.model.quantity import QuantityError
from seakeep.twin.admission import forms
from seakeep.twin.admission.amounts import parse
from seakeep.twin.admission.rules.words import forbidden, invalid, required, unsupported

# Where a source of each type stands, in the order in which they are looked at.
_FIELDS = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
_TARGETS = ("Utilization", "Value", "AverageValue")


def errors(metric: Mapping[str, Any], path: str) -> Iterator[str]:
    kind = metric.get("type") or ""
    known = isinstance(kind, str) and kind in _FIELDS
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if not known:
        yield unsupported(f"{path}.type", kind, sorted(_FIELDS))
    given = [name for name in _FIELDS.values() if metric.get(name) is not None]
    for name in given[:1]:
        if isinstance(source := metric[name], Mapping):
            yield from _source(name, source, f"{path}.{name}")
    expected = _FIELDS[kind] if known else ""
    if expected and expected not in given:
        yield required(f"{path}.{expected}", "must populate information for the given metric source")
    if len(given) > 1:
        others = (name for name in sorted(given) if name != expected)
        yield from (forbidden(f"{path}.{name}", "must populate the given metric source only") for name in others)


def _source(name: str, source: Mapping[str, Any], path: str) -> Iterator[str]:
    if name in {"resource", "containerResource"}:
        if not source.get("name"):
            yield required(f"{path}.name", "must specify a resource name")
        if name == "containerResource":
            yield from _container(source.get("container") or "", f"{path}.container")
    else:
        if name == "object":
            yield from _described(_map(source.get("describedObject")), f"{path}.describedObject")
        metric = _map(source.get("metric")).get("name") or ""
        if not metric:
            yield required(f"{path}.metric.name", "must specify a metric name")
        yield from (invalid(f"{path}.metric.name", metric, word) for word in forms.path_segment(str(metric)))
    target, where = _map(source.get("target")), f"{path}.target"
    yield from _target(target, where)
    yield from _ways(name, {key for key, value in target.items() if value is not None}, where)


def _ways(name: str, given: set[str], path: str) -> Iterator[str]:
    """Which figures a source takes."""
    if name == "pods":
        if "averageValue" not in given:
            yield required(f"{path}.averageValue", "must specify a positive target averageValue")
    elif name in {"resource", "containerResource"}:
        found = given & {"averageUtilization", "averageValue"}
        if not found:
            why = "must set either a target raw value or a target utilization"
            yield required(f"{path}.averageUtilization", why)
        elif len(found) > 1:
            yield forbidden(f"{path}.averageValue", "may not set both a target raw value and a target utilization")
    elif not given & {"value", "averageValue"}:
        other = "or averageValue" if name == "object" else "for metric or a per-pod target"
        yield required(f"{path}.averageValue", f"must set either a target value {other}")
    elif name == "external" and {"value", "averageValue"} <= given:
        yield forbidden(f"{path}.value", "may not set both a target value for metric and a per-pod target")


def _target(target: Mapping[str, Any], path: str) -> Iterator[str]:
    kind = target.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in _TARGETS:
        yield invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        yield from _positive(target.get(name), f"{path}.{name}")
    share = target.get("averageUtilization")
    if isinstance(share, int) and share < 1:
        yield invalid(f"{path}.averageUtilization", share, "must be greater than 0")


def _positive(quantity: Any, path: str) -> Iterator[str]:
    if not isinstance(quantity, str | int | float):
        return
    try:
        amount = parse(quantity)
    except QuantityError:
        return
    if amount.nano <= 0:
        yield invalid(path, str(amount), "must be positive")


def _described(found: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in ("kind", "name"):
        value = found.get(name) or ""
        if not value:
            yield required(f"{path}.{name}")
        yield from (invalid(f"{path}.{name}", value, word) for word in forms.path_segment(str(value)))


def _container(name: str, path: str) -> Iterator[str]:
    if not name:
        yield required(path, "must specify a container")
    else:
        yield from (invalid(path, name, word) for word in forms.label(str(name)))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
