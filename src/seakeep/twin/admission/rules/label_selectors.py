"""Label selectors. Source: apimachinery `apis/meta/v1/validation` (ValidateLabelSelector)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import LabelSelector, Requirement
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import forbidden, invalid, required

_SETS, _EXISTENCE = frozenset({"In", "NotIn"}), frozenset({"Exists", "DoesNotExist"})


def errors(selector: LabelSelector | None, path: str) -> Iterator[str]:
    if selector is None:
        return
    yield from forms.labels(selector.match_labels, f"{path}.matchLabels")
    for number, item in enumerate(selector.match_expressions):
        yield from _requirement(item, f"{path}.matchExpressions[{number}]")


def _requirement(item: Requirement, path: str) -> Iterator[str]:
    if item.operator in _SETS:
        if not item.values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif item.operator in _EXISTENCE:
        if item.values:
            yield forbidden(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    else:
        yield invalid(f"{path}.operator", item.operator, "not a valid selector operator")
    yield from (invalid(f"{path}.key", item.key, word) for word in forms.label_key(item.key))
    for number, value in enumerate(item.values):
        yield from (invalid(f"{path}.values[{number}]", value, word) for word in forms.label_value(value))
