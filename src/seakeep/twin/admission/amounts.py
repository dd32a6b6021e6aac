"""Quantities that can be added and are written as Kubernetes writes them. Source: apimachinery `resource.Quantity` (CanonicalizeBytes, Add, Sub)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from seakeep.model.objects.base import Quantities
from seakeep.model.quantity import QuantityError, milli

_NANO = 10**9
_DECIMAL = ((18, "E"), (15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k"), (0, ""), (-3, "m"), (-6, "u"), (-9, "n"))
_BINARY = ((6, "Ei"), (5, "Pi"), (4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "Ki"))
_FORM = re.compile(r"([+-]?[0-9.]+)([eE][+-]?[0-9]+|[KMGTPE]i|[numkMGTPE]?)", re.ASCII)
_POWER = {suffix: power for power, suffix in _DECIMAL}


class Amount(NamedTuple):
    """`nano` is the value in thousand-millionths; `form` is "" (decimal), "i" (binary) or "e" (exponent), as first written."""

    nano: int
    form: str = ""

    def plus(self, other: Amount) -> Amount:
        """The sum; a zero takes the other's form."""
        return Amount(self.nano + other.nano, self.form if self.nano else other.form)

    def minus(self, other: Amount) -> Amount:
        return Amount(self.nano - other.nano, self.form if self.nano else other.form)

    def __str__(self) -> str:
        return _text(self)

    @property
    def whole(self) -> int:
        """`Value`: rounded up."""
        return -(-self.nano // _NANO)

    @property
    def milli(self) -> int:
        """`MilliValue`: rounded up."""
        return -(-self.nano // 10**6)


Amounts = dict[str, Amount]
ZERO = Amount(0)
ONE = Amount(_NANO)


def count(number: int) -> Amount:
    return Amount(number * _NANO)


@lru_cache(maxsize=65536)
def parse(quantity: str | float) -> Amount:
    """Raises QuantityError for what the API server would not read."""
    text = str(quantity)
    milli(quantity)
    match = _FORM.fullmatch(text)
    if match is None:
        raise QuantityError(quantity)
    digits, suffix = Decimal(match[1]), match[2]
    if suffix.endswith("i"):
        factor, form = Decimal(1024) ** ("KMGTPE".index(suffix[0]) + 1), "i"
    elif suffix[:1] in {"e", "E"} and len(suffix) > 1:
        factor, form = Decimal(10) ** int(suffix[1:]), "e"
    else:
        factor, form = Decimal(10) ** _POWER[suffix], ""
    return Amount(int((digits * factor * _NANO).to_integral_value(rounding="ROUND_UP")), form)


def amounts(quantities: Quantities) -> Amounts:
    """What cannot be read is left out: a snapshot may hold anything."""
    found: Amounts = {}
    for name, quantity in quantities.items():
        try:
            found[name] = parse(quantity)
        except QuantityError:
            continue
    return found


def quantities(found: Mapping[str, Amount]) -> Quantities:
    return {name: str(amount) for name, amount in sorted(found.items())}


def add(total: Amounts, more: Mapping[str, Amount]) -> None:
    for name, amount in more.items():
        total[name] = total[name].plus(amount) if name in total else amount


def raise_to(total: Amounts, more: Mapping[str, Amount]) -> None:
    """The larger of both, name by name."""
    for name, amount in more.items():
        if name not in total or amount.nano > total[name].nano:
            total[name] = amount


def mask(found: Mapping[str, Amount], names: Iterable[str]) -> Amounts:
    kept = set(names)
    return {name: amount for name, amount in found.items() if name in kept}


def pretty(found: Mapping[str, Amount]) -> str:
    """`a=1,b=2`, by name (`prettyPrint` of the ResourceQuota plugin)."""
    return ",".join(f"{name}={amount}" for name, amount in sorted(found.items()))


@lru_cache(maxsize=65536)
def _text(amount: Amount) -> str:
    nano, form = amount
    if not nano:
        return "0"
    if form == "i" and abs(nano) >= 1024 * _NANO and nano % _NANO == 0:
        value = nano // _NANO
        for power, suffix in _BINARY:
            if value % 1024**power == 0:
                return f"{value // 1024**power}{suffix}"
        return str(value)
    for power, suffix in _DECIMAL:
        if nano % 10 ** (power + 9) == 0:
            mantissa = nano // 10 ** (power + 9)
            return f"{mantissa}e{power}" if form == "e" and power else f"{mantissa}{suffix}"
    return str(nano)
