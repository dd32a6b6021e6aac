"""LimitRanges. Source: pkg/apis/core/validation (ValidateLimitRange)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seakeep.model.objects import LimitRange
from seakeep.model.objects.cluster import Limit
from seakeep.twin.admission.amounts import ONE, Amount, Amounts, amounts
from seakeep.twin.admission.pod_resources import overcommitted
from seakeep.twin.admission.rules.words import duplicate, forbidden, invalid, required

_TYPES = frozenset({"Container", "Pod", "PersistentVolumeClaim"})


def errors(item: LimitRange) -> Iterator[str]:
    taken: set[str] = set()
    for number, limit in enumerate(item.spec.limits):
        path = f"spec.limits[{number}]"
        if "/" not in limit.type and limit.type not in _TYPES:
            yield invalid(f"{path}.type", limit.type, "must be a standard limit type or fully qualified")
        if limit.type in taken:
            yield duplicate(f"{path}.type", limit.type)
        taken.add(limit.type)
        if limit.type == "Pod":
            for name, own in (("default", limit.default), ("defaultRequest", limit.default_request)):
                if own:
                    yield forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'")
        if limit.type == "PersistentVolumeClaim" and "storage" not in {*limit.min, *limit.max}:
            why = "either minimum or maximum storage value is required, but neither was provided"
            yield required(f"{path}.limits", why)
        yield from _figures(limit, path)


def _figures(limit: Limit, path: str) -> Iterator[str]:
    of_pod = limit.type == "Pod"
    least, most, ratios = amounts(limit.min), amounts(limit.max), amounts(limit.max_limit_request_ratio)
    default = {} if of_pod else amounts(limit.default)
    request = {} if of_pod else amounts(limit.default_request)
    for name in sorted({*least, *most, *default, *request, *ratios}):
        yield from _pairs(name, path, least, most, default, request)
        ratio = ratios.get(name)
        if ratio is not None:
            yield from _ratio(ratio, f"{path}.maxLimitRequestRatio[{name}]", least.get(name), most.get(name))
        one, other = default.get(name), request.get(name)
        if one and other and one.nano != other.nano and not overcommitted(name):
            why = f"default value {one} must equal to defaultRequest value {other} in {name}"
            yield invalid(f"{path}.defaultRequest[{name}]", str(other), why)


def _pairs(name: str, path: str, least: Amounts, most: Amounts, default: Amounts, request: Amounts) -> Iterator[str]:
    """Field, the amount that is shown, and the two that are out of order."""
    of_min, of_max, of_limit, of_request = (each.get(name) for each in (least, most, default, request))
    compared = (
        ("min", of_min, of_min, "min value", of_max, "max value"),
        ("defaultRequest", of_request, of_min, "min value", of_request, "default request value"),
        ("defaultRequest", of_request, of_request, "default request value", of_max, "max value"),
        ("defaultRequest", of_request, of_request, "default request value", of_limit, "default limit value"),
        ("default", of_min, of_min, "min value", of_limit, "default value"),
        ("default", of_max, of_limit, "default value", of_max, "max value"),
    )
    for field, shown, low, low_name, high, high_name in compared:
        if low is not None and high is not None and low.nano > high.nano:
            why = f"{low_name} {low} is greater than {high_name} {high}"
            yield invalid(f"{path}.{field}[{name}]", str(shown), why)


def _ratio(ratio: Amount, path: str, least: Amount | None, most: Amount | None) -> Iterator[str]:
    if ratio.nano < ONE.nano:
        yield invalid(path, str(ratio), f"ratio {ratio} is less than 1")
    if least is not None and most is not None and least.milli > 0:
        found = Decimal(most.milli) / Decimal(least.milli)
        if Decimal(ratio.milli) / 1000 > found:
            yield invalid(path, str(ratio), f"ratio {ratio} is greater than max/min = {found:.6f}")
