"""What the name of an environment variable says of the Service that its value should name."""

from __future__ import annotations

from seakeep.facts.likeness import squeezed

_ENDINGS = frozenset(
    {
        *("addr", "address", "endpoint", "endpoints", "host", "hostname", "hosts"),
        *("port", "server", "servers", "svc", "uri", "url"),
    }
)


def asked_by_variable(name: str) -> str:
    """The Service that a variable asks for by its own name: `DB_HOST` → `db`; "" where the name tells none."""
    found = variable_stem(name)
    return squeezed(found) if found != name and len(found) > 1 else ""


def variable_stem(name: str) -> str:
    """`PRODUCT_CATALOG_SERVICE_ADDR` → `PRODUCT_CATALOG_SERVICE`."""
    parts = name.replace("-", "_").replace(".", "_").split("_")
    while len(parts) > 1 and parts[-1].lower() in _ENDINGS:
        parts.pop()
    return "_".join(parts)
