"""Dictionaries of dictionaries that branches share until either side writes, and what the twin looks up with them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Generic, TypeVar

from seakeep.model.objects import (
    CLUSTER_SCOPED,
    STRUCTS,
    EndpointSlice,
    KubeObject,
    LabelSelector,
    OwnerReference,
    Pod,
    PodDisruptionBudget,
    Service,
)
from seakeep.model.objects.network import ServiceSpec
from seakeep.model.refs import KNOWN, Ref, known
from seakeep.twin.labels import Labels, Selector, compile_selector, from_map
from seakeep.twin.memo import by_identity

K = TypeVar("K", bound=Hashable)
N = TypeVar("N", bound=Hashable)
V = TypeVar("V")
_NONE: Mapping[object, object] = MappingProxyType({})
# What picks pods of its namespace by their labels, and what is found by its own labels.
_SELECTING = (PodDisruptionBudget, Service)
SELECTING = frozenset(kind.__name__ for kind in _SELECTING)
_LABELLED = (Pod, EndpointSlice)
# What controllers look for among their own objects, and what they adopt where it has no controller.
_OWNED = frozenset({"ControllerRevision", "ReplicaSet"})
_ADOPTED = frozenset({"Pod", "ReplicaSet"})
NAMESPACED = frozenset(kind for _, kind in STRUCTS) - CLUSTER_SCOPED


class Groups(Generic[K, N, V]):
    """A branch costs nothing; whoever writes first copies the outer dictionary and the one group that it writes."""

    __slots__ = ("_groups", "_mine", "_owned")

    def __init__(self) -> None:
        self._groups: dict[K, dict[N, V]] = {}
        self._mine = True
        self._owned: set[K] | None = None  # None: all of them

    def branch(self) -> Groups[K, N, V]:
        other: Groups[K, N, V] = Groups()
        other._groups = self._groups
        for side in (self, other):
            side._mine, side._owned = False, set()  # noqa: SLF001 - its own copy
        return other

    def get(self, key: K) -> Mapping[N, V]:
        return self._groups.get(key) or _NONE  # type: ignore[return-value]

    def smallest(self, keys: Sequence[K]) -> Mapping[N, V]:
        """Of the groups of some keys, one at least; the first of the smallest."""
        groups = self._groups
        found: dict[N, V] | None = None
        for key in keys:
            group = groups.get(key)
            if not group:
                return _NONE  # type: ignore[return-value]
            if found is None or len(group) < len(found):
                found = group
        return found or _NONE  # type: ignore[return-value]

    def put(self, key: K, name: N, value: V) -> None:
        self._writable(key)[name] = value

    def drop(self, key: K, name: N) -> None:
        if name in self._groups.get(key, _NONE):
            self._writable(key).pop(name)

    def put_all(self, keys: Iterable[K], name: N, value: V) -> None:
        for key in keys:
            self._writable(key)[name] = value

    def drop_all(self, keys: Iterable[K], name: N) -> None:
        for key in keys:
            if name in self._groups.get(key, _NONE):
                self._writable(key).pop(name)

    def _writable(self, key: K) -> dict[N, V]:
        if not self._mine:
            self._groups, self._mine = dict(self._groups), True
        if self._owned is None:
            return self._groups.setdefault(key, {})
        if key not in self._owned:
            self._owned.add(key)
            self._groups[key] = dict(self._groups.get(key, {}))
        return self._groups[key]


class Lookups:
    """Names of objects by what is asked of them. Only names: an object that keeps its labels and owners costs nothing when it changes."""

    def __init__(self) -> None:
        self.names: Groups[tuple[str, str], str, None] = Groups()
        self.labelled: Groups[tuple[str, str, str, str], str, None] = Groups()
        self.selecting: Groups[tuple[str, str, str, str], str, None] = Groups()
        self.dependents: Groups[Ref, Ref, None] = Groups()
        self.owned: Groups[tuple[str, Ref], str, None] = Groups()
        self.orphans: Groups[tuple[str, str], str, None] = Groups()

    def branch(self) -> Lookups:
        other = Lookups()
        other.names, other.labelled = self.names.branch(), self.labelled.branch()
        other.selecting, other.dependents = self.selecting.branch(), self.dependents.branch()
        other.owned, other.orphans = self.owned.branch(), self.orphans.branch()
        return other

    def changed(self, old: KubeObject | None, new: KubeObject | None) -> None:
        item = new or old
        if item is None:
            return
        if old is not None and new is not None and old.metadata is new.metadata:
            if isinstance(new, _SELECTING) and new.spec is not old.spec:  # type: ignore[attr-defined]
                self._selector(old, new)
            return
        if old is None or new is None:
            if new is not None:
                self.names.put((item.kind, item.namespace), item.name, None)
            else:
                self.names.drop((item.kind, item.namespace), item.name)
        if isinstance(item, _LABELLED) and (
            old is None
            or new is None
            or (old.metadata.labels is not new.metadata.labels and old.metadata.labels != new.metadata.labels)
        ):
            self._labels(old, new)
        if isinstance(item, _SELECTING):
            self._selector(old, new)
        if old is None or new is None or old.metadata.owner_references is not new.metadata.owner_references:
            if (old.metadata.owner_references if old else ()) != (new.metadata.owner_references if new else ()):
                self._owners(old, new)
            if item.kind in _ADOPTED:
                self._adoptable(old, new)

    def _labels(self, old: KubeObject | None, new: KubeObject | None) -> None:
        if old is not None:
            self.labelled.drop_all(_places(old), old.metadata.name)
        if new is not None:
            self.labelled.put_all(_places(new), new.metadata.name, None)

    def _selector(self, old: KubeObject | None, new: KubeObject | None) -> None:
        before, after = (handles(selector_of(item)) if item is not None else () for item in (old, new))
        if before == after and old is not None and new is not None:
            return
        for key, value in before:
            self.selecting.drop((old.kind, old.namespace, key, value), old.name)  # type: ignore[union-attr]
        for key, value in after:
            self.selecting.put((new.kind, new.namespace, key, value), new.name, None)  # type: ignore[union-attr]

    def _owners(self, old: KubeObject | None, new: KubeObject | None) -> None:
        for ref in owners_of(old) if old else ():
            self.dependents.drop(ref, old.ref)  # type: ignore[union-attr]
        for ref in owners_of(new) if new else ():
            self.dependents.put(ref, new.ref, None)  # type: ignore[union-attr]
        if old is not None and old.kind in _OWNED:
            for ref in owners_of(old):
                self.owned.drop((old.kind, ref), old.name)
        if new is not None and new.kind in _OWNED:
            for ref in owners_of(new):
                self.owned.put((new.kind, ref), new.name, None)

    def _adoptable(self, old: KubeObject | None, new: KubeObject | None) -> None:
        before, after = old is not None and _has_none(old), new is not None and _has_none(new)
        if old is not None and before and not after:
            self.orphans.drop((old.kind, old.namespace), old.name)
        elif new is not None and after and not before:
            self.orphans.put((new.kind, new.namespace), new.name, None)


def _places(item: KubeObject) -> list[tuple[str, str, str, str]]:
    """Where it is found by each of its labels."""
    kind, space = item.kind, item.metadata.namespace
    return [(kind, space, key, value) for key, value in item.metadata.labels.items()]


def _has_none(item: KubeObject) -> bool:
    """No controller."""
    for owner in item.metadata.owner_references:  # noqa: SIM110 - asked of all that comes and goes
        if owner.controller:
            return False
    return True


def owners_of(item: KubeObject) -> tuple[Ref, ...]:
    """Where the owners would be: in the object's own namespace, or in none; both where the scope of a kind is not known."""
    return tuple(ref for owner in item.metadata.owner_references for ref in owner_places(item, owner))


def owner_places(item: KubeObject, owner: OwnerReference) -> tuple[Ref, ...]:
    if owner.kind in NAMESPACED:
        key = (owner.kind, item.metadata.namespace, owner.name)
        return (KNOWN.get(key) or known(key),)
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


def candidates(lookups: Lookups, kind: str, namespace: str, selector: Selector) -> Mapping[str, None]:
    """Names of objects that may match: the fewest that one label leaves."""
    pairs = selector.pairs
    if pairs is None:
        exact = (item for item in selector.requirements if item.operator == "In" and len(item.values) == 1)
        pairs = tuple((item.key, item.values[0]) for item in exact)
    if not pairs:
        return lookups.names.get((kind, namespace))
    if len(pairs) == 1:
        return lookups.labelled.get((kind, namespace, *pairs[0]))
    return lookups.labelled.smallest([(kind, namespace, key, value) for key, value in pairs])


def selecting(lookups: Lookups, kind: str, namespace: str, labels: Labels) -> list[str]:
    """Names of the objects of a kind that may pick a pod with these labels."""
    get = lookups.selecting.get
    found = list(get((kind, namespace, "", "")))
    for key, value in labels.items():
        found += get((kind, namespace, key, value))
    return found
