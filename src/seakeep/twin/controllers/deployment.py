"""Deployments: which ReplicaSet gets how many pods. Source: pkg/controller/deployment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Deployment, KubeObject, ReplicaSet
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update, Wait
from seakeep.twin.changes import GONE, OWNERS, PHASE, STATUS
from seakeep.twin.controller import View
from seakeep.twin.controllers import deployment_revisions as revisions
from seakeep.twin.controllers import deployment_sizes as sizes
from seakeep.twin.controllers import deployment_status as status
from seakeep.twin.controllers.deployment_rest import Rest, is_told, remember, resting
from seakeep.twin.controllers.pods import interested
from seakeep.twin.controllers.replica_set import wanted_of
from seakeep.twin.labels import compile_selector
from seakeep.twin.state import State, controller_of

_HISTORY = 10


class Deployments:
    name = "deployment"
    watches = frozenset({"Deployment", "Pod", "ReplicaSet"})
    owners: ClassVar[Mapping[str, str]] = {"ReplicaSet": "Deployment"}
    # Of pods: that one has gone or ended, or is another's now.
    minds: ClassVar[Mapping[str, int]] = {"Pod": GONE | OWNERS | PHASE}
    forgets = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Deployment):
            return () if is_told(state, item) else (item.ref,)
        if isinstance(item, ReplicaSet):
            return interested(state, Deployment, item)
        # Recreate waits until the last old pod is gone.
        owner = controller_of(item)
        if owner is None or owner.kind != "ReplicaSet":
            return ()
        above: Ref | None = state.root(owner)
        if above is not None and above.kind != "Deployment":  # or one that has an owner itself
            parent = state.find(owner)
            above = controller_of(parent) if parent is not None else None
        if above is None or above.kind != "Deployment":
            return ()
        found = state.find(above)
        return (above,) if isinstance(found, Deployment) and not sizes.is_rolling(found) else ()

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(Deployment, ref.namespace, ref.name)
        if item is None:
            return ()
        rest = resting(view.state, ref, item)
        if rest is None:
            return _Sync(view, ref).run()
        return () if rest.calm else _followed(view, ref, rest)


class _Sync:
    """One look at a Deployment. What it yields is carried out at once, so that `item` and the ReplicaSets are read anew."""

    def __init__(self, view: View, ref: Ref) -> None:
        self.view, self.ref = view, ref
        self._version = -1

    def _read(self) -> None:
        """Again only where something has changed."""
        state = self.view.state
        if state.version == self._version:
            return
        found = state.get(Deployment, self.ref.namespace, self.ref.name)
        assert found is not None  # noqa: S101 - a controller does not remove what it reconciles
        self._item, self._version = found, state.version
        self._sets = revisions.sets_of(self.view, found)
        self._new = revisions.new_among(self._sets, found)
        self._old = [rs for rs in self._sets if rs is not self._new]
        self._all = [*self._old, self._new] if self._new is not None else self._old

    @property
    def item(self) -> Deployment:
        self._read()
        return self._item

    def run(self) -> Iterator[Action]:
        self._read()
        item = self._item
        if compile_selector(item.spec.selector).empty:
            seen = replace(item.status, observed_generation=item.metadata.generation)
            yield Update(replace(item, status=seen), "deployment: selects all pods, which is not acted upon")
            return
        if revisions.may_claim(self.view, item, self._sets):
            yield from revisions.claims(self.view, item)
        if item.metadata.deletion_timestamp is not None:
            yield from self._plain_status()
            return
        if status.has_deadline(item):
            yield from self._note_pause()
        item = self.item
        if item.spec.paused:
            yield from self._scale()
        elif revisions.ROLLBACK in item.metadata.annotations:
            yield from self._roll_back()
        elif self._is_scaling(item):
            yield from self._scale()
        elif sizes.is_rolling(item):
            yield from self._roll()
        else:
            yield from self._recreate()

    # The ReplicaSets

    def new(self) -> ReplicaSet | None:
        self._read()
        return self._new

    def old(self) -> list[ReplicaSet]:
        self._read()
        return self._old

    def all(self) -> list[ReplicaSet]:
        self._read()
        return self._all

    def _resize(self, rs: ReplicaSet, size: int, *, force: bool = False) -> Iterator[Action]:
        """`scaleReplicaSet`."""
        if wanted_of(rs) == size and not force:
            return
        item = self.item
        annotations = {**rs.metadata.annotations, **revisions.replica_annotations(item)}
        changed = replace(
            rs, spec=replace(rs.spec, replicas=size), metadata=replace(rs.metadata, annotations=annotations)
        )
        if changed != rs:
            direction = "up" if size > wanted_of(rs) else "down"
            why = f"deployment: Scaled {direction} replica set {rs.name} from {wanted_of(rs)} to {size}"
            yield Update(changed, why)

    def _is_scaling(self, item: Deployment) -> bool:
        wanted = sizes.desired(item)
        for rs in self._all:
            text = rs.metadata.annotations.get(sizes.DESIRED, "") if wanted_of(rs) else ""
            if text.isdecimal() and int(text) != wanted:
                return True
        return False

    # Rolling update

    def _roll(self) -> Iterator[Action]:
        before, mark = self._item, self.view.state.mark(self.ref)
        yield from revisions.synced(self.view, before, self._new, self._old, create=True)
        new = self.new()
        if new is None:
            return  # refused: the refusal is in the conditions, and is tried again
        item = self._item
        scaled = list(self._grow(new)) if wanted_of(new) != sizes.desired(item) else []
        scaled = scaled or self._shrink()
        yield from scaled
        if not scaled and status.is_complete(item, item.status):
            yield from self._clean_up()
        yield from self._rollout_status()
        if item is before and not scaled and self._is_as_wanted():
            self._remember(mark, self.item)

    def _is_as_wanted(self) -> bool:
        """Nothing is to be made, scaled or cleaned up, whatever the statuses say."""
        item, new, limit = self._item, self._new, self._item.spec.revision_history_limit
        return (
            new is not None
            and wanted_of(new) == sizes.desired(item)
            and not any(map(wanted_of, self._old))
            and len(self._old) <= (_HISTORY if limit is None else limit)
        )

    def _remember(self, mark: object, item: KubeObject) -> None:
        """The Deployment as this look leaves it; see `deployment_rest`."""
        if isinstance(item, Deployment) and self._new is not None:
            remember(self.view.state, self.ref, item, tuple(self._old), self._new, mark)

    def _grow(self, new: ReplicaSet) -> Iterator[Action]:
        wanted = sizes.desired(self.item)
        if wanted_of(new) > wanted:
            yield from self._resize(new, wanted)
        elif wanted_of(new) < wanted:
            yield from self._resize(new, sizes.grown(self.item, self.all(), new))

    def _shrink(self) -> list[Action]:
        """`reconcileOldReplicaSets`: unhealthy old replicas first, then as many as availability allows."""
        item, new = self._item, self._new
        old = [rs for rs in self._old if wanted_of(rs)]
        if not old or new is None:
            return []
        least = sizes.desired(item) - sizes.max_unavailable(item)
        waiting = wanted_of(new) - new.status.available_replicas
        spare = sizes.total(self.all()) - least - waiting
        if spare <= 0:
            return []
        goal = {rs.ref: wanted_of(rs) for rs in old}
        ordered = sorted(old, key=revisions.by_age)
        for rs in ordered:
            unhealthy = min(spare, wanted_of(rs) - rs.status.available_replicas)
            if unhealthy > 0:
                goal[rs.ref] -= unhealthy
                spare -= unhealthy
        available = sum(rs.status.available_replicas for rs in (*old, new))
        surplus = max(available - least, 0)
        for rs in ordered:
            fewer = min(goal[rs.ref], surplus)
            goal[rs.ref] -= fewer
            surplus -= fewer
        return [action for rs in ordered for action in self._resize(rs, goal[rs.ref])]

    # Recreate

    def _recreate(self) -> Iterator[Action]:
        before, mark = self.item, self.view.state.mark(self.ref)
        yield from revisions.synced(self.view, before, self.new(), self.old(), create=False)
        scaled = [action for rs in self.old() if wanted_of(rs) for action in self._resize(rs, 0)]
        if scaled or self._old_pods():
            yield from scaled
            yield from self._rollout_status()
            return
        if self.new() is None:
            yield from revisions.synced(self.view, self.item, self.new(), self.old(), create=True)
        new = self.new()
        if new is None:
            return
        yield from self._resize(new, sizes.desired(self.item))
        if status.is_complete(self.item, self.item.status):
            yield from self._clean_up()
        item = self.item
        yield from self._rollout_status()
        if item is before and self._is_as_wanted():
            self._remember(mark, self.item)

    def _old_pods(self) -> bool:
        return any(
            rs.status.replicas or any(not is_ended(pod) for pod in self.view.state.pods_of(rs.ref)) for rs in self.old()
        )

    # Scaling, pause, rollback, clean-up

    def _scale(self) -> Iterator[Action]:
        yield from revisions.synced(self.view, self.item, self.new(), self.old(), create=False)
        item, new, old = self.item, self.new(), self.old()
        active = [rs for rs in self.all() if wanted_of(rs)]
        if len(active) <= 1 and (new is not None or old):
            latest = new or max(old, key=revisions.by_age)
            yield from self._resize(active[0] if active else latest, sizes.desired(item))
        elif new is not None and _is_saturated(item, new):
            for rs in old:
                yield from self._resize(rs, 0)
        elif sizes.is_rolling(item) and active:
            goal = sizes.proportional(item, active)
            for rs in active:
                yield from self._resize(rs, goal[rs.name], force=True)
        if item.spec.paused and revisions.ROLLBACK not in item.metadata.annotations:
            yield from self._clean_up()
        yield from self._plain_status()

    def _note_pause(self) -> Iterator[Action]:
        item = self.item
        known = status.find(item.status, "Progressing")
        if known is not None and known.reason == status.TIMED_OUT:
            return
        noted = known is not None and known.reason == status.PAUSED
        if item.spec.paused == noted:
            return
        reason, text = (
            (status.PAUSED, "Deployment is paused") if item.spec.paused else (status.RESUMED, "Deployment is resumed")
        )
        new = status.condition(self.view.now, "Progressing", "Unknown", reason, text)
        yield Update(replace(item, status=status.with_condition(item.status, new)), f"deployment: {text}")

    def _roll_back(self) -> Iterator[Action]:
        yield from revisions.synced(self.view, self.item, self.new(), self.old(), create=True)
        yield Update(revisions.rolled_back(self.item, self.all()), "deployment: rolled back by annotation")

    def _clean_up(self) -> Iterator[Action]:
        """`cleanupDeployment`: the oldest of too many old ReplicaSets without pods."""
        limit = self.item.spec.revision_history_limit
        old = [rs for rs in self.old() if rs.metadata.deletion_timestamp is None]
        surplus = len(old) - (_HISTORY if limit is None else limit)
        if surplus <= 0:
            return
        for rs in sorted(old, key=revisions.by_revision)[: max(surplus, 0)]:
            if not (rs.status.replicas or wanted_of(rs) or rs.metadata.generation > rs.status.observed_generation):
                yield Delete(rs.ref, "deployment: revisionHistoryLimit")

    # Status

    def _plain_status(self) -> Iterator[Action]:
        item = self.item
        counted = status.counted(self.view.now, item, self.all(), self.new())
        yield Update(replace(item, status=counted), "deployment: status")

    def _rollout_status(self) -> Iterator[Action]:
        yield from _told(self.view, self.ref, self.item, self._all, self._new)[1]


def _followed(view: View, ref: Ref, rest: Rest) -> Iterable[Action]:
    """Only the status of one at rest can be another."""
    changed, actions = _told(view, ref, rest.item, (*rest.old, rest.new), rest.new)
    remember(view.state, ref, changed, rest.old, rest.new, rest.mark)  # before its own status comes back as a change
    return actions


def _told(
    view: View, ref: Ref, item: Deployment, everything: Sequence[ReplicaSet], new: ReplicaSet | None
) -> tuple[Deployment, list[Action]]:
    """The Deployment with the status of its rollout, and what brings that about: with a wait for the deadline, where the rollout goes on."""
    told = status.of_rollout(view.now, item, everything, new)
    changed = item if told is item.status else replace(item, status=told)
    actions: list[Action] = [] if changed is item else [Update(changed, "deployment: status", STATUS)]
    known = status.find(told, "Progressing")
    goes_on = known is not None and known.reason not in {status.TIMED_OUT, status.AVAILABLE}
    if known is not None and goes_on and not status.is_complete(item, told):
        actions.append(Wait(ref, max(status.until_deadline(view.now, item, known), 0.0) + 1.0))
    return changed, actions


def _is_saturated(item: Deployment, new: ReplicaSet) -> bool:
    wanted = sizes.desired(item)
    text = new.metadata.annotations.get(sizes.DESIRED, "")
    return text == str(wanted) and wanted_of(new) == new.status.available_replicas == wanted
