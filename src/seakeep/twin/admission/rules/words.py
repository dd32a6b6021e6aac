"""The words of a fault. Source: apimachinery `util/validation/field` (`Error.ErrorBody`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from seakeep.model.objects import LabelSelector
from seakeep.twin.admission.amounts import Amount

IMMUTABLE = "field is immutable"


def required(path: str, why: str = "") -> str:
    return f"{path}: Required value: {why}" if why else f"{path}: Required value"


def forbidden(path: str, why: str) -> str:
    return f"{path}: Forbidden: {why}"


def invalid(path: str, value: Any, why: str) -> str:
    return f"{path}: Invalid value: {shown(value)}: {why}"


def duplicate(path: str, value: Any) -> str:
    return f"{path}: Duplicate value: {shown(value)}"


def unsupported(path: str, value: Any, known: Iterable[str]) -> str:
    return f"{path}: Unsupported value: {shown(value)}: supported values: {', '.join(map(shown, known))}"


def below_zero(path: str, value: float | None) -> Iterable[str]:
    if value is not None and value < 0:
        yield invalid(path, value, "must be greater than or equal to 0")


def below_nothing(path: str, amount: Amount) -> Iterable[str]:
    if amount.nano < 0:
        yield invalid(path, str(amount), "must be greater than or equal to 0")


def not_whole(path: str, amount: Amount) -> Iterable[str]:
    if amount.milli % 1000:
        yield invalid(path, str(amount), "must be an integer")


def shown(value: Any) -> str:
    """As Go writes it."""
    if isinstance(value, LabelSelector):
        value = selector(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def selector(item: LabelSelector | None) -> dict[str, Any] | None:
    """With the fields that it has."""
    if item is None:
        return None
    found: dict[str, Any] = {}
    if item.match_labels:
        found["matchLabels"] = dict(sorted(item.match_labels.items()))
    if item.match_expressions:
        found["matchExpressions"] = [
            {"key": each.key, "operator": each.operator} | ({"values": list(each.values)} if each.values else {})
            for each in item.match_expressions
        ]
    return found
