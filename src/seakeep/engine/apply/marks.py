"""What Seakeep writes on an object besides the change itself: which plan and change, and why. By these marks a write is recognised after a crash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from seakeep.model.fields import Path, has, leaves, merged, placed, text_of, undo, value_at
from seakeep.model.plan import Planned

PREFIX = "seakeep.dev/"
PLAN, CHANGE, REASON = (f"{PREFIX}{name}" for name in ("plan", "change", "reason"))
_ANNOTATIONS: Path = ("metadata", "annotations")
_REASON_MOST, _SHOWN_MOST = 500, 80


def marked(plan: str, change: Planned) -> dict[str, Any]:
    """The change's patch with the marks."""
    rules = ", ".join(dict.fromkeys(item.rule for item in change.reasons))
    why = " ".join(dict.fromkeys(item.why for item in change.reasons if item.why))
    # No colon: what follows "…-token-mounted:" would be masked as a token wherever the object is read.
    reason = f"[{rules}] {why}" if why else rules
    marks = {PLAN: plan, CHANGE: change.id, REASON: reason[:_REASON_MOST]}
    found: dict[str, Any] = merged(change.patch, {"metadata": {"annotations": marks}})
    return found


def is_marked(raw: Mapping[str, Any], plan: str, change: str) -> bool:
    notes = value_at(raw, _ANNOTATIONS) or {}
    return notes.get(PLAN) == plan and notes.get(CHANGE) == change


def is_mark(path: str) -> bool:
    return PREFIX in path and path.startswith("metadata.annotations")


def values(raw: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """What stands at the leaves of a patch now, by path; what does not stand there is left out."""
    return {text_of(path): value_at(raw, path) for path, _ in leaves(patch) if has(raw, path)}


def shown(path: Path, value: Any, secret: Callable[[Any], Any]) -> str:
    """A value for people, masked as the journal's are: somebody may have put a secret in the place of ours."""
    masked = secret({"patch": placed(path, value)})["patch"]
    return msgspec.json.encode(value_at(masked, path)).decode()[:_SHOWN_MOST]


def fingerprint(raw: Mapping[str, Any], change: Planned, secret: Callable[[Any], Any]) -> str:
    """Of the values that a change replaces: equal as long as nobody touched those. Of masked values: a hash of a short secret could be guessed."""
    patch, remove = undo(raw, change.patch, change.remove)
    found = secret({"patch": patch, "remove": sorted(remove, key=str)})
    return hashlib.sha256(msgspec.json.encode(found, order="deterministic")).hexdigest()[:16]
