"""What a controller of the twin is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from seakeep.model.objects import KubeObject
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action
from seakeep.twin.settings import Settings
from seakeep.twin.state import State


@dataclass(frozen=True, slots=True)
class View:
    """What a controller may ask: the objects, the time, what the API server refused it last (by object), and new names."""

    state: State
    now: datetime
    settings: Settings
    refused: Mapping[Ref, str]
    suffix: Callable[[], str]


class Controller(Protocol):
    """Pure decisions. `concerns` says which of its objects to look at again when `item` was made, changed or removed; `reconcile` says what to do about one of them. One with `forgets = True` asks for every Wait anew at each look: an earlier one that it does not repeat is dropped. `watches` names the kinds of `item` that it knows; without it, it is asked about every object."""

    @property
    def name(self) -> str: ...

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]: ...

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]: ...


def watches(controller: Controller, kind: str) -> bool:
    """Whether a controller is to be asked about objects of a kind at all; one that does not say is asked about all."""
    kinds: frozenset[str] | None = getattr(controller, "watches", None)
    return kinds is None or kind in kinds


def minds_status(controller: Controller) -> bool:
    """Whether a change that leaves an object's metadata as they were concerns a controller: not one that says `minds_status = False`."""
    answer: bool = getattr(controller, "minds_status", True)
    return answer


def owners_kind(controller: Controller, kind: str) -> str:
    """The kind of owner that alone is concerned by an object of this kind, where it has one that is marked as controller; "" where a controller looks at more than that. So says `owners`, by kind of object."""
    kinds: Mapping[str, str] = getattr(controller, "owners", {})
    return kinds.get(kind, "")
