"""Pages of the catalog."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Sequence

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
        raise UsageError(f"no cause, rule or service has the id {leaf_id!r}", _meant(leaf_id, ids()))
    return f"{leaf_id}\n{'=' * len(leaf_id)}\n\n{text.strip()}\n"


def check_patterns(patterns: Iterable[str]) -> None:
    """Raises UsageError where a pattern meets no id of a cause or rule: nothing found would look like nothing to do."""
    known = [leaf.id for leaf in loader.causes()] + [leaf.id for leaf in loader.hardenings()]
    for pattern in patterns:
        if not fnmatch.filter(known, pattern):
            raise UsageError(f"no cause or rule has the id {pattern!r}", _meant(pattern, known))


def _meant(name: str, known: Sequence[str]) -> str:
    near = [item for item in known if name and name in item] or difflib.get_close_matches(name, known, n=3)
    return f"Did you mean {' or '.join(near[:3])}?" if near else "`seakeep explain` lists them all."


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
