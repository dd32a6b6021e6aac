"""The twin itself: a state, a clock, and the controllers that act on it until nothing is left to do."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from seakeep.model.objects import KubeObject, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.actions import Action, Create, Delete, Update, Wait
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.admission.request import resource_of
from seakeep.twin.changes import AGAIN, GONE, MADE, METADATA, SPEC, differing, parts
from seakeep.twin.controller import Concerns, Controller, Spares, View, owners_kind, questions, watches
from seakeep.twin.ending import ending, grace_of, is_done, is_held
from seakeep.twin.generation import first, following
from seakeep.twin.moments import after
from seakeep.twin.placing.decisions import bound, unplaced
from seakeep.twin.placing.loop import FLUSH, PLACING, Placer
from seakeep.twin.runaway import is_runaway
from seakeep.twin.settings import Settings
from seakeep.twin.state import State, controller_of
from seakeep.twin.timers import Look, Timers

# `admit(state, new, old)` gives the object as the API server would store it, or raises RejectedError.
Admit = Callable[[State, KubeObject, KubeObject | None], KubeObject]
# A controller's name, how it is asked, and which pods it spares.
Watcher = tuple[str, Concerns | None, Spares | None]
_SCHEDULER = "scheduler"
_NAMESPACE_ENDS = "because it is being terminated"
# Sorts of pods and of changes for which it is kept at most who watches them.
_MOST_WATCHING = 16_384


class Step(Struct, frozen=True, gc=False):
    """One thing that happened: seconds since the start, to which object, what, and by which rule."""

    at: float
    object: Ref
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """The bound was reached; `changing` are the objects that changed most often lately, with how often."""

    steps: int
    changing: tuple[tuple[Ref, int], ...]


class Twin:
    """`now` and `suffix` (new names) are arguments: the same input gives the same steps. `branch` shares the past."""

    __slots__ = (
        "_admit",
        "_backoff",
        "_controllers",
        "_forgetting",
        "_made_for",
        "_queue",
        "_refused_at",
        "_runaway",
        "_seconds",
        "_suffix",
        "_timers",
        "_uids",
        "_watching",
        "made",
        "now",
        "placer",
        "refused",
        "settings",
        "snapshot",
        "start",
        "state",
        "steps",
        "still",
    )

    def __init__(
        self,
        snapshot: Snapshot,
        controllers: Sequence[Controller],
        *,
        now: datetime,
        suffix: Callable[[], str],
        admit: Admit,
        settings: Settings | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.state = State(snapshot.objects, snapshot.is_absent)
        self.settings = settings or Settings()
        self.start = self.now = now
        self._seconds = 0.0  # from the start until now
        self.steps: list[Step] = []
        self.refused: dict[Ref, str] = {}
        self.still: frozenset[Ref] = frozenset()
        # For whom objects were made, and how many steps there were before.
        self.made: list[tuple[int, Ref]] = []
        self._made_for: Counter[Ref] = Counter()
        self._runaway = False
        self._controllers = {item.name: item for item in controllers}
        self._forgetting = frozenset(
            (_SCHEDULER, *(item.name for item in controllers if getattr(item, "forgets", False)))
        )
        self._watching: dict[tuple[str, str, int], tuple[Watcher, ...]] = {}
        self._suffix, self._admit = suffix, admit
        self._queue: OrderedDict[Look, None] = OrderedDict()
        self._timers = Timers()
        self._refused_at: dict[Look, int] = {}
        self._uids = 0
        self._backoff: dict[Look, float] = {}
        self.placer = Placer(self.state)

    def branch(self) -> Twin:
        """A twin of its own from here on; steps start anew."""
        other = copy(self)
        other.state = self.state.branch()
        other.placer = self.placer.branch(other.state)
        other.start, other.steps, other.refused = self.now, [], dict(self.refused)
        other.made, other._made_for = [], Counter()  # noqa: SLF001 - its own from here on
        other._queue = self._queue.copy()  # noqa: SLF001 - its own copy
        other._timers, other._backoff = self._timers.branch(), dict(self._backoff)  # noqa: SLF001
        other._refused_at = dict(self._refused_at)  # noqa: SLF001
        other._seconds = 0.0  # noqa: SLF001
        return other

    # Requests, as a user or a controller makes them

    def create(self, item: KubeObject, why: str = "created") -> KubeObject:
        """Raises RejectedError."""
        ref = item.ref
        taken = self.state.find(ref) is not None
        metadata = replace(item.metadata, uid=item.metadata.uid or self._uid(), creation_timestamp=self.now)
        # Admission comes first: what it refuses is refused for that, whether or not the name is taken. No quota is charged with it then.
        state = self.state.branch() if taken else self.state
        admitted = self._admit(state, first(replace(item, metadata=metadata)), None)
        if taken:
            raise RejectedError(409, f'{resource_of(item)} "{item.name}" already exists')
        self._store(ref, None, admitted, "created", why)
        return admitted

    def update(self, item: KubeObject, why: str = "changed") -> KubeObject:
        """Raises RejectedError. Whoever changes an object that is held still wants to see what follows."""
        if item.ref in self.still:
            self.let_go()
        old = self.state.find(item.ref)
        if old is None:
            raise RejectedError(404, f'{resource_of(item)} "{item.name}" not found')
        admitted = self._admit(self.state, following(item, old, by_user=True), old)
        if admitted != old:
            self._store(item.ref, old, admitted, "changed", why)
        return admitted

    def record(self, item: KubeObject, why: str, changed: int = 0) -> None:
        """A status, or what a component writes: no admission, and nothing where nothing differs. `changed` are the parts that do, where the caller knows them."""
        ref = item.ref
        old = self.state.find(ref)
        if old is None:
            self._store(ref, None, item, "status", why)
        elif changed := changed or differing(old, item):
            if changed & (METADATA | SPEC):
                item = following(item, old, by_user=False)
                changed = parts(old, item)
            self._store(ref, old, item, "status", why, changed)

    def delete(self, ref: Ref, why: str = "deleted", *, force: bool = False, grace: int | None = None) -> None:
        """Pods end gracefully and objects with finalizers wait for them; `force` removes at once. `grace` replaces the pod's own period; 0 waits for no kubelet."""
        old = self.state.find(ref)
        if old is None:
            return
        seconds = grace_of(old, grace)
        if (seconds or is_held(old)) and not force:
            metadata = ending(old.metadata, seconds, self.now)
            if metadata is not old.metadata:
                self._store(ref, old, replace(old, metadata=metadata), "terminating", why)
            return
        self._remove(ref, old, why)

    def end(self, pod: Pod, told: str, why: str, *, grace: int | None = None) -> None:
        """`record` and `delete` in one request, as an eviction does it: controllers look at the pod when both are written."""
        ref, old = pod.ref, self.state.find(pod.ref)
        seconds = grace_of(pod, grace)
        if old is None or not seconds or pod.metadata.deletion_timestamp is not None:
            self.record(pod, told)
            self.delete(ref, why, grace=grace)
            return
        changed = differing(old, pod)
        if changed:
            self._step(ref, "status", told)
        ended = replace(pod, metadata=ending(pod.metadata, seconds, self.now))
        self._store(ref, old, ended, "terminating", why, changed | parts(pod, ended))

    def _remove(self, ref: Ref, old: KubeObject, why: str) -> None:
        owner = self.state.remove(ref, self.now)
        self._step(ref, "removed", why)
        for name in self._timers.awaited.get(ref, ()):
            if name in self._forgetting:
                self._timers.forget((name, ref))
        if old.kind in PLACING:
            self.placer.changed(old, None)
        self._notify(old, GONE, owner)

    def look_again(self, ref: Ref) -> None:
        """Controllers look at the object again: something changed that is no field of it."""
        item = self.state.find(ref)
        if item is not None:
            self._notify(item, AGAIN, controller_of(item))

    # Time

    def settle(self, within: float | None = None) -> Unsettled | None:
        """Until nothing is left to do but what goes on for ever (a crash loop, a CronJob), or the clock has advanced by `within` seconds. None where it settled (or time was up)."""
        end = after(self.now, within) if within is not None else None
        first = len(self.steps)
        while True:
            self._work(first + self.settings.most_steps)
            if self._runaway or len(self.steps) - first > self.settings.most_steps:
                recent = Counter(step.object for step in self.steps[-10_000:])
                return Unsettled(len(self.steps) - first, tuple(recent.most_common(5)))
            due = self._timers.next()
            if due is None or (not self.busy if end is None else due > end):
                break
            self._turn_to(max(self.now, due))
            while (look := self._timers.pop(self.now)) is not None:
                if look[0] == _SCHEDULER:
                    self.placer.flush((look[1].namespace, look[1].name))
                else:
                    self._enqueue(look)
        if end is not None:
            self._turn_to(end)
        return None

    def hold_still(self, refs: Iterable[Ref]) -> None:
        """From here on no controller acts on these objects; a branch inherits that."""
        self.still |= frozenset(refs)
        self._made_for, self._runaway = Counter(), False
        for look in [look for look in self._queue if look[1] in self.still]:
            del self._queue[look]
        for ref in self.still:
            for name in self._timers.awaited.get(ref, ()):
                self._timers.forget((name, ref))

    def let_go(self) -> None:
        """Controllers act on all objects again."""
        held, self.still = self.still, frozenset()
        for ref in sorted(held):
            self.look_again(ref)

    def start_controllers(self) -> None:
        """Every controller looks at every object once, as after a restart of kube-controller-manager."""
        for group in self.state.objects().values():
            for item in group.values():
                self._notify(item, AGAIN, controller_of(item))

    @property
    def due(self) -> float | None:
        """Seconds until something may happen by itself; 0 where there is work now, None where nothing ever will."""
        if self._queue or self.placer.waiting:
            return 0.0
        due = self._timers.next()
        return max((due - self.now).total_seconds(), 0.0) if due is not None else None

    @property
    def busy(self) -> bool:
        """Something is left to do besides what goes on for ever."""
        return bool(self._queue or self.placer.waiting or self._timers.foreground or self.placer.may_flush)

    @property
    def elapsed(self) -> float:
        return (self.now - self.start).total_seconds()

    # Inside

    def _turn_to(self, moment: datetime) -> None:
        self.now = moment
        self._seconds = self.elapsed

    def _work(self, most: int) -> None:
        view = View(self.state, self.now, self.settings, self.refused, self._suffix)
        queue, awaited, steps = self._queue, self._timers.awaited, self.steps
        controllers, forgetting = self._controllers, self._forgetting
        while queue or self.placer.waiting:
            if not queue:
                self._place()
                continue
            look, _ = queue.popitem(last=False)
            name, ref = look
            if name in forgetting and ref in awaited:
                self._timers.forget(look)
            for action in controllers[name].reconcile(view, ref):
                self._do(name, ref, action)
                if self._runaway or len(steps) > most:
                    self._enqueue(look)
                    return

    def _place(self) -> None:
        """One round of the scheduler over the pods that wait."""
        for decision in self.placer.round(self.state):
            if decision.node:
                item = bound(decision.pod, decision.node, self.now)
                ref = item.ref
                self._timers.forget((_SCHEDULER, ref))
                self._store(ref, self.state.find(ref), item, f"bound to {decision.node}", decision.why)
                continue
            for action in unplaced(decision, self.now):
                self._do(_SCHEDULER, decision.pod.ref, action)
        for key in self.placer.late:
            look = (_SCHEDULER, Ref("Pod", *key))
            self._timers.forget(look)
            self._timers.add(look, after(self.now, FLUSH), idle=True)
        self.placer.late.clear()

    def _do(self, name: str, ref: Ref, action: Action) -> None:
        if isinstance(action, Update):
            self.record(action.object, action.why, action.changed)
        elif isinstance(action, Wait):
            self._timers.add((name, action.ref), after(self.now, action.seconds), idle=action.idle)
        elif isinstance(action, Delete):
            self.delete(action.ref, action.why, force=action.force)
        else:
            self._make(name, ref, action)

    def _make(self, name: str, ref: Ref, action: Create) -> None:
        try:
            self.create(action.object if action.named else self._named(action.object), action.why)
        except RejectedError as error:
            self._refuse(name, ref, error)
            return
        self.made.append((len(self.steps), ref))
        self._made_for[ref] += 1
        self._runaway |= is_runaway(self.state, ref, self._made_for[ref])
        self.refused.pop(ref, None)
        self._backoff.pop((name, ref), None)

    def _named(self, item: KubeObject) -> KubeObject:
        """A generated name that is taken is generated anew (registry/generic `createWithGenerateNameRetry`): as often as it takes, for names come in the order in which a twin before may have given them."""
        prefix = item.metadata.generate_name
        while prefix and self.state.find(item.ref) is not None:
            item = replace(item, metadata=replace(item.metadata, name=prefix + self._suffix()))
        return item

    def _refuse(self, name: str, ref: Ref, error: RejectedError) -> None:
        if error.message.endswith(_NAMESPACE_ENDS):
            return  # controllers take no notice (NamespaceTerminatingCause): the owner goes as well
        self.refused[ref] = error.message
        self._step(ref, "FailedCreate", error.message)
        pause = self._backoff.get((name, ref), self.settings.create_backoff)
        self._backoff[name, ref] = min(pause * 2, self.settings.create_backoff_most)
        # A refusal that nothing has changed since the last one would only be repeated.
        again = self._refused_at.get((name, ref)) == self.state.version or pause >= self.settings.create_backoff_most
        self._refused_at[name, ref] = self.state.version
        self._timers.add((name, ref), after(self.now, pause), idle=again)

    def _store(
        self, ref: Ref, old: KubeObject | None, item: KubeObject, what: str, why: str, changed: int | None = None
    ) -> None:
        """`changed` are the parts, where the caller knows them."""
        if item.metadata.deletion_timestamp is not None and old is not None and is_held(old) and is_done(item):
            self._remove(ref, old, "its last finalizer is gone")
            return
        owner = self.state.put(item)
        self._step(ref, what, why)
        if item.kind in PLACING:
            self.placer.changed(old, item)
        if old is None:
            self._notify(item, MADE, owner)
            return
        if changed is None:
            changed = parts(old, item)
        if changed & METADATA and _had_others(old, item):
            self._notify(
                old, changed, controller_of(old)
            )  # what picked it by the labels that it had, and the owners that it had
        self._notify(item, changed, owner)

    def _step(self, ref: Ref, what: str, why: str) -> None:
        self.steps.append(Step(self._seconds, ref, what, why))

    def _notify(self, item: KubeObject, changed: int, owner: Ref | None) -> None:
        """`owner` is the object's controller."""
        state, queue, still = self.state, self._queue, self.still
        kind = owner[0] if owner is not None else ""
        if isinstance(item, Pod):
            metadata = item.metadata
            alike = state.watching.get((kind, changed, metadata.namespace, id(metadata.labels), id(item.spec.volumes)))
            watching = alike[2] if alike is not None else self._watching_pods(item, kind, changed)
        else:
            known = self._watching.get((item.kind, kind, changed))
            watching = known if known is not None else self._watchers(item.kind, kind, changed)
        for name, concerns, _ in watching:
            for ref in (owner,) if concerns is None else concerns(state, item):
                if not still or ref not in still:
                    queue[name, ref] = None  # type: ignore[index]

    def _watching_pods(self, pod: Pod, owner: str, changed: int) -> tuple[Watcher, ...]:
        """`_watchers` of a pod and of those that are like it, less those that spare these."""
        state, metadata, volumes = self.state, pod.metadata, pod.spec.volumes
        found = self._watching.get(("Pod", owner, changed)) or self._watchers("Pod", owner, changed)
        found = tuple([item for item in found if item[2] is None or not item[2](state, pod)])
        if len(state.watching) >= _MOST_WATCHING:
            state.watching = {}
        key = (owner, changed, metadata.namespace, id(metadata.labels), id(volumes))
        state.watching[key] = (metadata.labels, volumes, found)
        return found

    def _watchers(self, kind: str, owner: str, changed: int) -> tuple[Watcher, ...]:
        """Who is to look at such a change of such an object. None: at its owner, without asking."""
        found: list[Watcher] = []
        for name, controller in self._controllers.items():
            if not watches(controller, kind):
                continue
            alone = owners_kind(controller, kind) if owner else ""
            for minds, concerns, spares in questions(controller, kind):
                if minds & changed and alone in ("", owner):
                    found.append((name, None if alone else concerns, spares))
        return self._watching.setdefault((kind, owner, changed), tuple(found))

    def _enqueue(self, look: Look) -> None:
        if look[1] not in self.still:
            self._queue[look] = None

    def _uid(self) -> str:
        self._uids += 1
        return f"00000000-0000-4000-8000-{self._uids:012d}"


def _had_others(old: KubeObject, new: KubeObject) -> bool:
    before, after = old.metadata, new.metadata
    return (before.labels, before.owner_references) != (after.labels, after.owner_references)
