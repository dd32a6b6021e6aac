"""Changes of objects, as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from seakeep.model.fields import merged, path_of, without
from seakeep.model.refs import Ref


class Risk(StrEnum):
    """What applying a change may do, in ascending order."""

    LOW = "low"  # nothing restarts, and nothing is refused that is accepted now
    MEDIUM = "medium"  # pods are replaced one after another, or new requests are judged more strictly
    HIGH = "high"  # a service may pause, or traffic that passes now may be refused


class Change(Struct, frozen=True):
    """A proposed change of one object.

    `patch` holds the fields to set, as for server-side apply (see `model.fields`): with a list's entry goes the field that names it. `remove` are paths of fields
    to take away. An object that is not there is created of the patch. `why` is one sentence with the figures behind the values.
    """

    target: Ref
    patch: Mapping[str, Any] = {}
    remove: tuple[str, ...] = ()
    risk: Risk = Risk.LOW
    why: str = ""
    api_version: str = ""  # where the target's kind does not say it


def applied(old: Mapping[str, Any] | None, change: Change) -> dict[str, Any]:
    """The object as the change leaves it, in its API form; `old` is None where it is not there yet."""
    target = change.target
    named = {"namespace": target.namespace, "name": target.name} if target.namespace else {"name": target.name}
    start = old or {"apiVersion": change.api_version, "kind": target.kind, "metadata": named}
    found: dict[str, Any] = merged(start, change.patch)
    for path in change.remove:
        found = without(found, path_of(path))
    return found


class Shared(Struct, frozen=True):
    """How a question is put once for several findings, of one rule or more: `question` has `{}` where they stand, `subject` is what this one is called there, `lookup` answers it for all."""

    question: str
    subject: str
    lookup: str = ""


class Advice(Struct, frozen=True):
    """What only a person can decide: the question, and the look-up that decides it. `shared` where others ask the same."""

    question: str
    lookup: str = ""
    shared: Shared | None = None
