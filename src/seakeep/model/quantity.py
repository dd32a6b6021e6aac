"""Kubernetes quantities as integers.

Grammar and suffixes: apimachinery `resource.Quantity` (decimal SI n u m k M G T P E, binary Ki Mi Gi Ti Pi Ei, decimal exponent).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_FORM = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d{1,3}|Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?)", re.ASCII)
_FACTOR = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{suffix: Decimal(10) ** (3 * power) for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}


class QuantityError(ValueError):
    """The text is not a Kubernetes quantity; `text` holds it."""

    def __init__(self, text: object) -> None:
        super().__init__("not a Kubernetes quantity")
        self.text = str(text)[:64]


@lru_cache(maxsize=65536)
def milli(quantity: str | float) -> int:
    """Thousandths of the unit, rounded up as Kubernetes' MilliValue does: `100m` → 100, `1Gi` → 1024³ x 1000.

    Raises QuantityError for anything that the API server would refuse (`1_0`, `inf`, `1 Gi`).
    """
    return _scaled(quantity, 1000)


@lru_cache(maxsize=65536)
def nano(quantity: str | float) -> int:
    """In the finest unit that a quantity has, in which sums are exact: `1u` → 1000. Raises QuantityError as `milli`."""
    return _scaled(quantity, 10**9)


def _scaled(quantity: str | float, scale: int) -> int:
    match = _FORM.fullmatch(str(quantity))
    if match is None or isinstance(quantity, bool):
        raise QuantityError(quantity)
    sign, digits, suffix = match.groups()
    factor = (
        Decimal(10) ** int(suffix[1:])
        if suffix[:1] in {"e", "E"} and len(suffix) > 1 and suffix != "Ei"
        else _FACTOR[suffix]
    )
    scaled = Decimal(digits) * factor * scale
    whole = int(scaled.to_integral_value(rounding="ROUND_CEILING"))
    return -whole if sign == "-" else whole


def value(quantity: str | float) -> int:
    """Whole units, rounded up: bytes of memory or storage, numbers of GPUs or objects."""
    return -(-milli(quantity) // 1000)


def format_cpu(millicores: int) -> str:
    """`1500` → `1.5`, `250` → `250m`."""
    return f"{millicores}m" if millicores < 1000 else f"{millicores / 1000:g}"


def format_bytes(amount: int) -> str:
    """The largest binary unit that keeps the figure at or above one: `1610612736` → `1.5Gi`."""
    for power, suffix in ((4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "Ki")):
        if abs(amount) >= 1024**power:
            return f"{amount / 1024**power:.4g}{suffix}"
    return str(amount)
