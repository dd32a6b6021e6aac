"""What an autoscaler measures, as kubectl prints it beside its target: `95% (190m) / 60%`, `1500m/1k (avg)`."""

from __future__ import annotations

import re
from typing import Any

from seakeep.model.quantity import QuantityError, milli

_PAIR = re.compile(r"(?<![^\s/:])(?P<current>[^\s/:]+)(?: \([^)]*\))?\s*/\s*(?P<target>[^\s/,]+)")
# kube-controller-manager's --horizontal-pod-autoscaler-tolerance: nearer to the target it leaves the replicas alone.
_TOLERANCE = 1.1


def measured(text: str) -> dict[str, Any]:
    """`current` and `target`, as in an autoscaler's status and specification; what is unknown is left out."""
    pair = _PAIR.search(text)
    found = {key: _amount(value) for key, value in pair.groupdict().items()} if pair else {}
    return {key: value for key, value in found.items() if value}


def is_beyond(text: str) -> bool:
    """Whether the measurement is above its target by more than the controller tolerates."""
    both = measured(text)
    if len(both) < 2 or both["current"].keys() != both["target"].keys():
        return False
    current, target = (next(iter(part.values())) for part in (both["current"], both["target"]))
    return bool(milli(current) > milli(target) * _TOLERANCE)


def _amount(text: str) -> dict[str, Any]:
    if re.fullmatch(r"\d{1,9}%", text):
        return {"averageUtilization": int(text[:-1])}
    try:
        milli(text)
    except QuantityError:
        return {}
    return {"averageValue": text}
