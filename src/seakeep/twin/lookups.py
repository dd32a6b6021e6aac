"""What the twin looks its objects up by: names and references only, so that an object that keeps its labels and owners costs nothing when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.model.objects import (
    CLUSTER_SCOPED,
    STRUCTS,
    KubeObject,
    LabelSelector,
    OwnerReference,
    PodDisruptionBudget,
    Service,
)
from seakeep.model.objects.network import ServiceSpec
from seakeep.model.refs import Ref, known, look_up
from seakeep.twin.groups import Groups
from seakeep.twin.labelled import Labelled
from seakeep.twin.labels import Labels, Selector, compile_selector, from_map
from seakeep.twin.memo import by_identity

# What picks pods of its namespace by their labels, and what is found by its own labels.
SELECTING = frozenset({"PodDisruptionBudget", "Service"})
_LABELLED = frozenset({"EndpointSlice", "Pod"})
# What controllers look for among their own objects, and what they adopt where it has no controller.
_OWNED = frozenset({"ControllerRevision", "ReplicaSet"})
_ADOPTED = frozenset({"Pod", "ReplicaSet"})
NAMESPACED = frozenset(kind for _, kind in STRUCTS) - CLUSTER_SCOPED


class Lookups:
    __slots__ = ("dependents", "labelled", "names", "orphans", "owned", "selecting")

    def __init__(self) -> None:
        self.names: Groups[tuple[str, str], str, None] = Groups()
        self.labelled = Labelled()
        self.selecting: Groups[tuple[str, str, str, str], str, None] = Groups()
        self.dependents: Groups[Ref, Ref, None] = Groups()
        """But for pods of their controllers."""
        self.owned: Groups[tuple[str, Ref], str, None] = Groups()
        self.orphans: Groups[tuple[str, str], str, None] = Groups()

    def branch(self) -> Lookups:
        other = Lookups()
        other.names, other.labelled = self.names.branch(), self.labelled.branch()
        other.selecting, other.dependents = self.selecting.branch(), self.dependents.branch()
        other.owned, other.orphans = self.owned.branch(), self.orphans.branch()
        return other

    def made(self, item: KubeObject) -> None:
        kind, metadata = item.kind, item.metadata
        space, name = metadata.namespace, metadata.name
        self.names.put((kind, space), name, None)
        if kind in _LABELLED:
            self.labelled.put(kind, space, metadata.labels, name)
        elif kind in SELECTING:
            self._select(item, (), handles(selector_of(item)))
        self._own(item)

    def gone(self, item: KubeObject) -> None:
        kind, metadata = item.kind, item.metadata
        space, name = metadata.namespace, metadata.name
        self.names.drop((kind, space), name)
        if kind in _LABELLED:
            self.labelled.drop(kind, space, metadata.labels, name)
        elif kind in SELECTING:
            self._select(item, handles(selector_of(item)), ())
        self._disown(item)

    def changed(self, old: KubeObject, new: KubeObject) -> None:
        kind, before, after = new.kind, old.metadata, new.metadata
        if kind in SELECTING:
            if selector_of(old) is not selector_of(new):
                self._select(new, handles(selector_of(old)), handles(selector_of(new)))
        elif kind in _LABELLED and before.labels is not after.labels and before.labels != after.labels:
            self.labelled.drop(kind, before.namespace, before.labels, before.name)
            self.labelled.put(kind, after.namespace, after.labels, after.name)
        if before.owner_references is not after.owner_references and before.owner_references != after.owner_references:
            self._disown(old)
            self._own(new)

    def _select(self, item: KubeObject, before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> None:
        if before != after:
            kind, space, name = item.kind, item.metadata.namespace, item.metadata.name
            self.selecting.drop_all([(kind, space, *pair) for pair in before], name)
            self.selecting.put_all([(kind, space, *pair) for pair in after], name, None)

    def _own(self, item: KubeObject) -> None:
        kind, metadata = item.kind, item.metadata
        for owner in _others(item) if metadata.owner_references else ():
            self.dependents.put(owner, item.ref, None)
            if kind in _OWNED:
                self.owned.put((kind, owner), metadata.name, None)
        if kind in _ADOPTED and _has_none(item):
            self.orphans.put((kind, metadata.namespace), metadata.name, None)

    def _disown(self, item: KubeObject) -> None:
        kind, metadata = item.kind, item.metadata
        for owner in _others(item) if metadata.owner_references else ():
            self.dependents.drop(owner, item.ref)
            if kind in _OWNED:
                self.owned.drop((kind, owner), metadata.name)
        if kind in _ADOPTED and _has_none(item):
            self.orphans.drop((kind, metadata.namespace), metadata.name)


def _has_none(item: KubeObject) -> bool:
    """No controller."""
    for owner in item.metadata.owner_references:  # noqa: SIM110 - asked of all that comes and goes
        if owner.controller:
            return False
    return True


def _others(item: KubeObject) -> Iterator[Ref]:
    """Where its owners would be, but for a pod's controller, which the state finds its pods by (`State.pods_of`)."""
    known = item.kind != "Pod"
    for owner in item.metadata.owner_references:
        if owner.controller and not known:
            known = True
            if owner.kind in NAMESPACED:
                continue
        yield from owner_places(item, owner)


def owner_places(item: KubeObject, owner: OwnerReference) -> tuple[Ref, ...]:
    """In the object's own namespace, or in none; both where the scope of a kind is not known."""
    if owner.kind in NAMESPACED:
        key = (owner.kind, item.metadata.namespace, owner.name)
        return (look_up(key) or known(key),)
    inside = (Ref(owner.kind, item.metadata.namespace, owner.name),) if owner.kind not in CLUSTER_SCOPED else ()
    return (*inside, Ref(owner.kind, "", owner.name))


def selector_of(item: KubeObject) -> Selector:
    """What picks pods: a Service without a selector picks none, a budget with an empty one all (policy/v1)."""
    if isinstance(item, Service):
        return _of_service(item.spec)
    selector: LabelSelector | None = item.spec.selector if isinstance(item, PodDisruptionBudget) else None
    return compile_selector(selector)


@by_identity
def _of_service(spec: ServiceSpec) -> Selector:
    return from_map(spec.selector) if spec.selector else compile_selector(None)


def handles(selector: Selector) -> tuple[tuple[str, str], ...]:
    """Labels of which a pod must have one to be picked: those of the first requirement that names values. `("", "")` where none does."""
    if selector.nothing:
        return ()
    for item in selector.requirements:
        if item.operator == "In":
            return tuple((item.key, value) for value in sorted(set(item.values)))
    return (("", ""),)


def selecting(lookups: Lookups, kind: str, namespace: str, labels: Labels) -> list[str]:
    """Names of the objects of a kind that may pick a pod with these labels."""
    get = lookups.selecting.get
    found = list(get((kind, namespace, "", "")))
    for key, value in labels.items():
        found += get((kind, namespace, key, value))
    return found
