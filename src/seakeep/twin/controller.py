"""What a controller of the twin is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from seakeep.model.objects import KubeObject, Pod
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action
from seakeep.twin.changes import ALL
from seakeep.twin.settings import Settings
from seakeep.twin.state import State

Concerns = Callable[[State, KubeObject], Iterable[Ref]]
# `spares(state, pod)`: no pod with the namespace, labels and volumes of this one is of concern, until an object of a kind in `state.ROUSING` is made, goes or picks others.
Spares = Callable[[State, Pod], bool]


class Question(NamedTuple):
    """What a controller is to be asked about changes of the parts in `minds`."""

    minds: int
    concerns: Concerns
    spares: Spares | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What a controller may ask: the objects, the time, what the API server refused it last (by object), and new names."""

    state: State
    now: datetime
    settings: Settings
    refused: Mapping[Ref, str]
    suffix: Callable[[], str]


class Controller(Protocol):
    """Pure decisions. `concerns` says which of its objects to look at again when `item` was made, changed or removed; `reconcile` says what to do about one of them. One with `forgets = True` asks for every Wait anew at each look: an earlier one that it does not repeat is dropped. `watches` names the kinds of `item` that it knows; without it, it is asked about every object. `minds` says by kind of `item` which parts of it (see `changes`) concern it at most; "" stands for all other kinds. `further` are other questions about the same kinds. `spares` says which pods it need not be asked about."""

    @property
    def name(self) -> str: ...

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]: ...

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]: ...


def watches(controller: Controller, kind: str) -> bool:
    """Whether a controller is to be asked about objects of a kind at all; one that does not say is asked about all."""
    kinds: frozenset[str] | None = getattr(controller, "watches", None)
    return kinds is None or kind in kinds


def minded(controller: Controller, kind: str) -> int:
    """The parts of objects of a kind whose change concerns a controller; one that does not say minds all of them."""
    parts: Mapping[str, int] = getattr(controller, "minds", {})
    return parts.get(kind, parts.get("", ALL))


def questions(controller: Controller, kind: str) -> Sequence[Question]:
    """What is to be asked of a controller about changes of objects of a kind."""
    first = Question(minded(controller, kind), controller.concerns, getattr(controller, "spares", None))
    return (first, *getattr(controller, "further", ()))


def owners_kind(controller: Controller, kind: str) -> str:
    """The kind of owner that alone is concerned by an object of this kind, where it has one that is marked as controller; "" where a controller looks at more than that. So says `owners`, by kind of object."""
    kinds: Mapping[str, str] = getattr(controller, "owners", {})
    return kinds.get(kind, "")
