"""The objects of the twin, with branches that share what neither side changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from datetime import datetime
from typing import Any, TypeVar, cast

from seakeep.model.objects import KubeObject, OwnerReference, Pod
from seakeep.model.refs import Ref, known, look_up
from seakeep.twin.groups import Groups
from seakeep.twin.labels import Labels, Selector
from seakeep.twin.lookups import SELECTING, Lookups, selecting, selector_of

T = TypeVar("T", bound=KubeObject)
Key = tuple[str, str]
# The name of what changed, and the change before it: branches share the past of such a list.
Entry = tuple[str, Any]
_JOURNALLED = frozenset({"Node", "Pod", "ReplicaSet"})
# Answers that are kept at most.
_MOST_PICKS = 16_384
# What admission looks at besides the pod that is made and what answers for webhooks.
_ADMITTING = frozenset({"LimitRange", "Namespace", "PriorityClass", "RuntimeClass", "ServiceAccount"})
_VOIDING = SELECTING | _ADMITTING
# What a controller may have that it looks at some pods for.
ROUSING = SELECTING | {"ResourceQuota"}
# Namespace, prefix of the name, and the ids of what pods of one template share: their specification, labels and annotations.
Admitted = tuple[str, str, int, int, int]
# The kind of the owner, the parts that changed, namespace, and the ids of labels and volumes.
Watching = tuple[str, int, str, int, int]


class State:
    """Objects by kind and (namespace, name). A branch costs one dictionary per kind that is written afterwards, on either side."""

    __slots__ = (
        "_by_node",
        "_by_owner",
        "_changed",
        "_journal",
        "_known_absent",
        "_lookups",
        "_notes",
        "_objects",
        "_picks",
        "_removed",
        "_roots",
        "admitted",
        "owned_kinds",
        "silent",
        "version",
        "watching",
    )

    def __init__(
        self,
        objects: Mapping[str, Mapping[Key, KubeObject]],
        known_absent: Callable[[Ref], bool] = lambda _: False,
    ) -> None:
        self._objects: dict[str, dict[Key, KubeObject]] = {kind: dict(group) for kind, group in objects.items()}
        self.owned_kinds: set[str] = set(self._objects)
        # Names only, as in `Lookups`.
        self._by_owner: Groups[Ref, str, None] = Groups()
        self._by_node: Groups[str, Key, None] = Groups()
        self.version = 0
        self._changed: dict[str, int] = {}
        self.silent: Mapping[str, datetime] = {}
        """Nodes whose kubelet has stopped, and since when: known at once, while the node's conditions change only when the controller notices."""
        self._known_absent = known_absent
        self._removed: Groups[str, Ref, datetime | None] = Groups()
        self._lookups = Lookups()
        for group in self._objects.values():
            for item in group.values():
                self._lookups.made(item)
        # Answers that branches share. Each is void, and then begun anew, when what it was made from changes: see `put`.
        self._picks: dict[tuple[type, str, int], tuple[Labels, tuple[Ref, ...]]] = {}
        self._roots: dict[Ref, Ref] = {}
        self.watching: dict[Watching, tuple[Labels, object, Any]] = {}
        """Who is asked about changes of pods that are alike, with what tells these."""
        self.admitted: dict[Admitted, tuple[Pod, Pod]] = {}
        """The first pod of a template as it arrived and as it was admitted."""
        self._notes: dict[object, object] = {}
        self._journal: dict[str | Ref, Entry] = {}
        for pod in self.all(Pod):
            self._enter(pod, controller_of(pod))

    def branch(self) -> State:
        other = copy(self)
        other._objects = dict(self._objects)  # noqa: SLF001 - its own copy
        other._by_owner, other._by_node = self._by_owner.branch(), self._by_node.branch()  # noqa: SLF001
        other._lookups, other._removed = self._lookups.branch(), self._removed.branch()  # noqa: SLF001
        other._notes, other._journal = dict(self._notes), dict(self._journal)  # noqa: SLF001
        other._changed = dict(self._changed)  # noqa: SLF001
        other.owned_kinds, self.owned_kinds = set(), set()
        return other

    def get(self, kind: type[T], namespace: str, name: str) -> T | None:
        group: Any = self._objects.get(kind.__name__)  # no cast: asked tens of thousands of times
        return group.get((namespace, name)) if group is not None else None

    def find(self, ref: Ref) -> KubeObject | None:
        kind, namespace, name = ref
        group = self._objects.get(kind)
        return group.get((namespace, name)) if group is not None else None

    def all(self, kind: type[T]) -> Iterator[T]:
        """In order of namespace and name."""
        group = self._objects.get(kind.__name__, {})
        return cast("Iterator[T]", iter([group[key] for key in sorted(group)]))

    def of_kind(self, kind: str) -> Iterator[KubeObject]:
        """As `all`, for a kind known by name only (custom resources)."""
        group = self._objects.get(kind, {})
        return iter([group[key] for key in sorted(group)])

    def objects(self) -> Mapping[str, Mapping[Key, KubeObject]]:
        """By kind, sorted: what a Snapshot holds."""
        return {kind: dict(sorted(group.items())) for kind, group in sorted(self._objects.items()) if group}

    def put(self, item: KubeObject) -> Ref | None:
        """Gives the object's controller."""
        metadata, kind = item.metadata, item.kind
        key = (metadata.namespace, metadata.name)
        group = self._objects[kind] if kind in self.owned_kinds else self._group(kind)
        old = group.get(key)
        group[key] = item
        self.version += 1
        self._changed[kind] = self.version
        owner = controller_of(item) if metadata.owner_references else None
        if kind in _JOURNALLED:
            self._tell("Node" if kind == "Node" else owner, metadata.name)
        if old is None:
            self._lookups.made(item)
            self._removed.drop(kind, item.ref)
            self._void(item)
            if isinstance(item, Pod):
                self._enter(item, owner)
            return owner
        before = old.metadata
        same_owners = before.owner_references is metadata.owner_references
        if kind in _VOIDING or not same_owners or before.labels is not metadata.labels:
            self._lookups.changed(old, item)
            if not same_owners:
                self._roots = {}
                self._tell(controller_of(old), metadata.name)
            self._void_changed(old, item)
        if isinstance(item, Pod) and isinstance(old, Pod):
            if not same_owners:
                self._leave(old, controller_of(old))
                self._enter(item, owner)
            elif old.spec.node_name != item.spec.node_name:
                self._by_node.drop(old.spec.node_name, key)
                self._by_node.put(item.spec.node_name, key, None)
        return owner

    def remove(self, ref: Ref, at: datetime | None = None) -> Ref | None:
        """Gives the controller of what was there."""
        kind, namespace, name = ref
        old, owner = self._group(kind).pop((namespace, name), None), None
        if old is not None:
            owner = controller_of(old)
            self._lookups.gone(old)
            self._void(old)
            self._removed.put(kind, ref, at)
            if kind in _JOURNALLED:
                self._tell("Node" if kind == "Node" else owner, name)
            if isinstance(old, Pod):
                self._leave(old, owner)
        self.version += 1
        self._changed[kind] = self.version
        return owner

    def pods_of(self, owner: Ref) -> tuple[Pod, ...]:
        """The pods whose controller is `owner`, by name."""
        names = self._by_owner.get(owner)
        if not names:
            return ()
        group: Any = self._objects["Pod"]
        space = owner[1]
        return tuple([group[space, name] for name in sorted(names)])

    def pods_on(self, node: str) -> tuple[Pod, ...]:
        """The pods bound to a node, by namespace and name; of the empty name those that are bound to none."""
        keys = self._by_node.get(node)
        group: Any = self._objects.get("Pod")
        return tuple([group[key] for key in sorted(keys)])

    def removed(self, kind: str) -> Mapping[Ref, datetime | None]:
        """What was removed here, and when."""
        return self._removed.get(kind)

    def is_absent(self, ref: Ref) -> bool:
        """Known not to exist: removed here, or the snapshot says so. What was never read is not absent."""
        return self.find(ref) is None and (ref in self._removed.get(ref.kind) or self._known_absent(ref))

    def pods_picked(self, namespace: str, selector: Selector) -> tuple[Pod, ...]:
        """The pods of a namespace that a selector matches, by name."""
        return tuple(self.labelled(Pod, namespace, selector))

    def picks(self, namespace: str, selector: Selector, test: Callable[[Pod], bool], *, but: str = "") -> bool:
        """Whether one of the pods of `pods_picked` passes a test, besides the one of a name."""
        labelled = self._lookups.labelled
        group: Any = self._objects.get("Pod")
        for key in labelled.sets("Pod", namespace, selector):
            for name in labelled.names.get(key):
                if name != but and test(group[namespace, name]):
                    return True
        return False

    def labelled(self, kind: type[T], namespace: str, selector: Selector) -> list[T]:
        """Pods or EndpointSlices of a namespace whose labels match, by name."""
        labelled, word = self._lookups.labelled, kind.__name__
        sets = labelled.sets(word, namespace, selector)
        if not sets:
            return []
        get, group = labelled.names.get, cast("Mapping[Key, T]", self._objects[word])
        names: Collection[str] = get(sets[0]) if len(sets) == 1 else [name for key in sets for name in get(key)]
        if len(names) == 1:
            return [group[namespace, next(iter(names))]]
        return [group[namespace, name] for name in sorted(names)]

    def picking(self, kind: type[T], namespace: str, labels: Labels) -> list[T]:
        """PodDisruptionBudgets or Services that pick a pod with these labels, by name."""
        refs = self.who_picks(kind, namespace, labels)
        if not refs:
            return []
        group: Any = self._objects[kind.__name__]
        return [group[namespace, ref.name] for ref in refs]

    def who_picks(self, kind: type[T], namespace: str, labels: Labels) -> tuple[Ref, ...]:
        """The references of `picking`. Pods of one template share their labels."""
        key = (kind, namespace, id(labels))
        known = self._picks.get(key)
        if known is None:
            if len(self._picks) >= _MOST_PICKS:
                self._picks = {}
            known = self._picks[key] = (labels, self._picked_by(kind, namespace, labels))
        return known[1]

    def _picked_by(self, kind: type[T], namespace: str, labels: Labels) -> tuple[Ref, ...]:
        word = kind.__name__
        names = sorted(set(selecting(self._lookups, word, namespace, labels)))
        group = self._objects.get(word, {})
        found = [group[namespace, name] for name in names]
        return tuple([item.ref for item in found if selector_of(item).matches(labels)])

    def root(self, ref: Ref) -> Ref:
        """The topmost controller of what may be a controller itself; `ref` where it has none."""
        found = self._roots.get(ref)
        if found is None:
            found = self._roots[ref] = topmost(self.find, ref)
        return found

    def has(self, kind: str, namespace: str) -> bool:
        """Whether there is any object of a kind in a namespace."""
        return bool(self._lookups.names.get((kind, namespace)))

    def within(self, kind: type[T], namespace: str) -> Iterator[T]:
        """The objects of a kind in one namespace, by name."""
        names = self._lookups.names.get((kind.__name__, namespace))
        if not names:
            return iter(())
        group = self._objects[kind.__name__]
        return cast("Iterator[T]", iter([group[namespace, name] for name in sorted(names)]))

    def dependents(self, owner: KubeObject) -> tuple[KubeObject, ...]:
        """What names this object as an owner (its uid, where both are known), sorted."""
        ref = owner.ref
        refs, names = self._lookups.dependents.get(ref), self._by_owner.get(ref)
        if not refs and not names:
            return ()
        found = (self.find(each) for each in sorted((*refs, *(Ref("Pod", ref.namespace, name) for name in names))))
        return tuple(item for item in found if item is not None)

    def owned(self, kind: type[T], owner: KubeObject) -> list[T]:
        """ReplicaSets or ControllerRevisions that name this object as an owner, by name."""
        names = self._lookups.owned.get((kind.__name__, owner.ref))
        if not names:
            return []
        group: Any = self._objects[kind.__name__]
        space = owner.metadata.namespace
        return [group[space, name] for name in sorted(names)]

    def orphans(self, kind: type[T], namespace: str) -> Iterator[T]:
        """Pods or ReplicaSets of a namespace that no controller owns, by name."""
        names = self._lookups.orphans.get((kind.__name__, namespace))
        if not names:
            return iter(())
        group = self._objects[kind.__name__]
        return cast("Iterator[T]", iter([group[namespace, name] for name in sorted(names)]))

    def has_orphans(self, kind: type[T], namespace: str) -> bool:
        return bool(self._lookups.orphans.get((kind.__name__, namespace)))

    def changed_at(self, kind: str) -> int:
        """The `version` in which an object of a kind was made, changed or removed last."""
        return self._changed.get(kind, 0)

    # What controllers remember of their last look, so that they look at what has changed since

    def note(self, key: object) -> object:
        """What was remembered under a key on this branch or before it began."""
        return self._notes.get(key)

    def remember(self, key: object, value: object) -> None:
        """`value` must not be changed afterwards: branches share it."""
        self._notes[key] = value

    def mark(self, what: str | Ref) -> Entry | None:
        """A place in the list of changes: `Node` for nodes, an owner for its pods or ReplicaSets."""
        return self._journal.get(what)

    def changed_since(self, what: str | Ref, mark: Entry | None) -> set[str]:
        """Names of what was made, changed or removed since a mark of this branch or of one it came from."""
        found: set[str] = set()
        entry = self._journal.get(what)
        while entry is not None and entry is not mark:
            found.add(entry[0])
            entry = entry[1]
        return found

    def _tell(self, what: str | Ref | None, name: str) -> None:
        """In the lists of changes: see `mark`."""
        if what is not None:
            self._journal[what] = (name, self._journal.get(what))

    def _void(self, item: KubeObject) -> None:
        """What was remembered of owners, of who picks whom and of what was admitted, where that may be otherwise now that it is made or gone. A branch's own from here on."""
        kind = item.kind
        if kind == "Pod":
            return
        self._roots = {}
        if kind in ROUSING:
            self._picks, self.watching = {}, {}
        elif kind in _ADMITTING:
            self.admitted = {}

    def _void_changed(self, old: KubeObject, new: KubeObject) -> None:
        if new.kind in _ADMITTING:
            self.admitted = {}
        elif new.kind in SELECTING and selector_of(old) is not selector_of(new):
            self._picks, self.watching = {}, {}

    def _group(self, kind: str) -> dict[Key, KubeObject]:
        if kind not in self.owned_kinds:
            self.owned_kinds.add(kind)
            self._objects[kind] = dict(self._objects.get(kind, {}))
        return self._objects[kind]

    def _enter(self, pod: Pod, owner: Ref | None) -> None:
        metadata = pod.metadata
        if owner is not None:
            self._by_owner.put(owner, metadata.name, None)
        self._by_node.put(pod.spec.node_name, (metadata.namespace, metadata.name), None)

    def _leave(self, pod: Pod, owner: Ref | None) -> None:
        metadata = pod.metadata
        if owner is not None:
            self._by_owner.drop(owner, metadata.name)
        self._by_node.drop(pod.spec.node_name, (metadata.namespace, metadata.name))


def topmost(find: Callable[[Ref], KubeObject | None], ref: Ref) -> Ref:
    """The topmost controller that is known of an object; itself where it has none. Cycles end where they close."""
    seen = {ref}
    while (item := find(ref)) is not None and (owner := controller_of(item)) is not None and owner not in seen:
        seen.add(owner)
        ref = owner
    return ref


# By the id of owners, which are held: objects keep theirs as long as they live. With the namespace of the object.
_controllers: dict[int, tuple[object, str, Ref | None]] = {}
_MOST_CONTROLLERS = 65_536


def controller_of(item: KubeObject) -> Ref | None:
    """The owner that is marked as controller; the namespace is the object's own, but for nodes."""
    metadata = item.metadata
    owners, namespace = metadata.owner_references, metadata.namespace
    if not owners:
        return None
    found = _controllers.get(id(owners))
    if found is not None and found[1] == namespace:
        return found[2]
    if len(_controllers) >= _MOST_CONTROLLERS:
        _controllers.clear()
    controller = _controller(owners, namespace)
    _controllers[id(owners)] = (owners, namespace, controller)
    return controller


def _controller(owners: Iterable[OwnerReference], namespace: str) -> Ref | None:
    for owner in owners:
        if owner.controller:
            key = (owner.kind, "" if owner.kind == "Node" else namespace, owner.name)
            return look_up(key) or known(key)
    return None
