"""Numbers that may be percentages. Source: pkg/apis/apps/validation (ValidatePositiveIntOrPercent, IsNotMoreThan100Percent)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.model.objects.base import IntOrString
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import below_zero, invalid

_PERCENT = "[0-9]+%"
_MOST = 100


def errors(value: IntOrString | None, path: str) -> Iterator[str]:
    if isinstance(value, str) and not re.fullmatch(_PERCENT, value):
        text = "a valid percent string must be a numeric string followed by an ending '%'"
        yield invalid(path, value, forms.by(text, _PERCENT, "1%", "93%"))
    elif isinstance(value, int):
        yield from below_zero(path, value)


def above_all(value: IntOrString | None, path: str) -> Iterator[str]:
    if isinstance(value, str) and re.fullmatch(_PERCENT, value) and number(value) > _MOST:
        yield invalid(path, value, "must not be greater than 100%")


def number(value: IntOrString | None) -> int:
    """A text that is neither counts as 0."""
    if isinstance(value, int):
        return value
    found = re.fullmatch(r"([+-]?[0-9]{1,18})[0-9]*%?", value or "")
    return int(found[1]) if found else 0
