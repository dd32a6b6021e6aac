"""Every healthy platform by the name that faults give, and the namespaces that it has besides its own."""

from __future__ import annotations

from tests.scenarios.clinic import clinic
from tests.scenarios.estate import estate
from tests.scenarios.platforms import lake, shop

PLATFORMS = {"shop": shop, "lake": lake, "clinic": clinic, "estate": estate}
_BESIDES = {"estate": ("-store",)}


def namespaces_of(platform: str, namespace: str) -> tuple[str, ...]:
    """The fault's own namespace first."""
    return (namespace, *(f"{namespace}{ending}" for ending in _BESIDES.get(platform, ())))
