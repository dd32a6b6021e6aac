"""Pages of the catalog."""

from __future__ import annotations

import difflib

from seakeep.adapters.errors import UsageError
from seakeep.catalog import loader


def ids() -> list[str]:
    """Every id, sorted."""
    return sorted(
        [leaf.id for leaf in loader.causes()]
        + [leaf.id for leaf in loader.hardenings()]
        + [leaf.id for leaf in loader.services()]
    )


def page(leaf_id: str) -> str:
    """The page of one id. Raises UsageError, naming the nearest ids, where there is none."""
    text = loader.page(leaf_id)
    if text is None or leaf_id not in ids():
        near = difflib.get_close_matches(leaf_id, ids(), n=3)
        raise UsageError(
            f"no cause, rule or service has the id {leaf_id!r}",
            f"Did you mean {', '.join(near)}?" if near else "`seakeep explain` lists them all.",
        )
    return f"{leaf_id}\n{'=' * len(leaf_id)}\n\n{text.strip()}\n"


def listing() -> str:
    """Ids with their titles, by kind."""
    blocks = (
        ("Causes", [(leaf.id, leaf.title) for leaf in loader.causes()]),
        ("Hardening rules", [(leaf.id, leaf.title) for leaf in loader.hardenings()]),
        ("Services", [(leaf.id, leaf.title) for leaf in loader.services()]),
    )
    lines: list[str] = []
    for heading, leaves in blocks:
        lines += [f"{heading} ({len(leaves)})", *(f"  {leaf_id:<32} {title}" for leaf_id, title in leaves), ""]
    return "\n".join(lines)
