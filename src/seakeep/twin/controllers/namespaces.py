"""A namespace that was asked to go: its pods go first, then all else that is in it, then the namespace. Source: pkg/controller/namespace.

The looks are those of Kubernetes, which does not watch what is in a namespace: 5 s after the namespace changed, then as often as what is left lets expect. The twin leaves out those at which it knows that nothing can have gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple

from msgspec.structs import replace

from seakeep.model.objects import APIService, KubeObject, Namespace
from seakeep.model.objects.cluster import NamespaceSpec
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.changes import GONE, MADE, METADATA, SPEC, STATUS
from seakeep.twin.controller import Question, View
from seakeep.twin.controllers import namespace_conditions as conditions
from seakeep.twin.controllers.namespace_content import SLOWEST, cleared
from seakeep.twin.moments import after
from seakeep.twin.state import State

_FINALIZER = "kubernetes"
# Seconds: namespaceDeletionGracePeriod.
_DELAY = 5


def finalized(item: Namespace) -> Namespace:
    """With the finalizer that every namespace has, which a table does not show."""
    if _FINALIZER in item.spec.finalizers:
        return item
    return replace(item, spec=NamespaceSpec(finalizers=(*item.spec.finalizers, _FINALIZER)))


def stuck(snapshot: Snapshot) -> frozenset[str]:
    """Namespaces that cannot go for a reason that the snapshot does not show: their status says that not all in them could be found, or that something is left, and nothing with a finalizer was read."""
    going = [item for item in snapshot.all(Namespace) if item.metadata.deletion_timestamp is not None]
    if not going:
        return frozenset()
    held = {item.namespace for group in snapshot.objects.values() for item in group.values() if item.metadata.finalizers}  # fmt: skip
    unserved = conditions.undiscovered(snapshot.all(APIService))
    found = set()
    for item in going:
        bad = {each.type for each in item.status.conditions if each.status == "True"}
        undiscovered = bad & conditions.UNDISCOVERED and not unserved
        unseen = bad & {conditions.FAILED, conditions.REMAINING, conditions.FINALIZERS} and item.name not in held
        if undiscovered or unseen:
            found.add(item.name)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """`stuck` are those that never go, whatever becomes of what is seen in them."""

    stuck: frozenset[str] = frozenset()
    name: str = "namespace"
    minds: ClassVar[Mapping[str, int]] = {
        "APIService": MADE | GONE | STATUS,
        "Namespace": MADE | METADATA | SPEC,
        "": 0,
    }

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, APIService):
            return [each.ref for each in state.all(Namespace) if each.metadata.deletion_timestamp is not None]
        if not isinstance(item, Namespace):
            return ()
        goes = item.metadata.deletion_timestamp is not None
        return (item.ref,) if goes or _FINALIZER not in item.spec.finalizers else ()

    @property
    def further(self) -> Sequence[Question]:
        return (Question(GONE, _gone),)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(Namespace, "", ref.name)
        if item is None:
            return
        asked = item.metadata.deletion_timestamp
        if asked is None:
            yield Update(finalized(item), "namespace: finalizer kubernetes")
            return
        if item.status.phase != "Terminating":
            item = replace(item, status=replace(item.status, phase="Terminating"))
            yield Update(item, "namespace: it goes once it is empty")
        if _FINALIZER not in item.spec.finalizers:
            return
        planned = view.state.note(_key(item))
        ahead = _ahead(planned, view.now) if isinstance(planned, _Look) else _DELAY - _since(asked, view.now)
        if ahead > 0:
            yield Wait(ref, ahead)
            return
        yield from self._emptied(view, item, asked)

    def _emptied(self, view: View, item: Namespace, asked: datetime) -> Iterator[Action]:
        passed = _since(asked, view.now)
        content = yield from cleared(view, item, passed)
        if item.name in self.stuck:
            return
        unseen = conditions.undiscovered(view.state.all(APIService))
        told = conditions.told(item.status.conditions, {**content.bad, **unseen}, view.now)
        changed = told is not item.status.conditions
        if changed:
            item = replace(item, status=replace(item.status, conditions=told))
            yield Update(item, "namespace: conditions")
        if not content.left and not unseen:
            kept = tuple(each for each in item.spec.finalizers if each != _FINALIZER)
            yield Update(replace(item, spec=NamespaceSpec(finalizers=kept)), "namespace: it is empty")
            return
        pause = SLOWEST if unseen else content.pause
        # The change of its status makes for a look of its own.
        first = min(pause, _DELAY) if changed else pause
        view.state.remember(_key(item), _Look(after(view.now, first), pause))
        if changed or content.ends:
            yield Wait(item.ref, first)


class _Look(NamedTuple):
    """The next one, and how often from then on while nothing changes."""

    due: datetime
    pause: int


def _ahead(look: _Look, now: datetime) -> float:
    """Seconds until the next; 0 at one."""
    late = _since(look.due, now)
    return -late if late < 0 else -late % look.pause


def _since(moment: datetime, now: datetime) -> float:
    return (now - moment).total_seconds()


def _key(item: Namespace) -> tuple[str, str, datetime | None]:
    return "namespace", item.name, item.metadata.deletion_timestamp


def _gone(state: State, item: KubeObject) -> Iterable[Ref]:
    """Something went from a namespace that goes."""
    found = state.get(Namespace, "", item.metadata.namespace)
    return (found.ref,) if found is not None and found.metadata.deletion_timestamp is not None else ()
