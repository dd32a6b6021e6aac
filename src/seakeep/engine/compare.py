"""What a twin and a real control plane ended with, in one form: ready pods by workload, and what was refused by the workload that it befell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from seakeep.engine.play import unplaced
from seakeep.engine.rollouts import ROLLED
from seakeep.engine.watch import home
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.comparison import Compared, Difference
from seakeep.model.objects import DaemonSet, Event, Pod, ReplicaSet, StatefulSet
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.profile import judge
from seakeep.twin.state import State, controller_of

# Pods of Jobs are there to end: how many are ready is a matter of the moment.
_PASSING = frozenset({"CronJob", "Job"})
_UNPLACED = "unschedulable"
_VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
_FIGURES = re.compile(r" \((?:[^()]|\([^()]*\))* disruptions allowed\)$")
_CREATED = re.compile(r"^(?:Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )")
# Which field it was, each says in words of its own.
_UNREAD = re.compile(r"( cannot be handled as an? \S+): .*", re.DOTALL)
_NAMED = re.compile(r'(pods?|Pod) "[^"]*"')


@dataclass(frozen=True, slots=True)
class Told:
    """One side after a step: `decisions` of the step itself, `waits` all pods without a place by now, `placeable` those workloads of them for which a node is left by the twin's own rules."""

    ready: Mapping[Ref, int]
    decisions: Mapping[tuple[str, Ref, str], int] = field(default_factory=dict)
    waits: Mapping[Ref, int] = field(default_factory=dict)
    placeable: AbstractSet[Ref] = frozenset()


def told(state: State, owners: Mapping[Ref, Ref], ready: Mapping[Ref, int], refusals: Iterable[Refusal]) -> Told:
    """`owners` is the board's: which workload the owners that the snapshot showed belong to."""
    known = dict(owners)
    # That a roll-out does not finish is the twin's own word; the ready pods tell it of both. So is that a Job has failed: its pods are not counted.
    decided = (
        item
        for item in refusals
        if item.kind != "failed" and (item.kind != "blocked" or item.object.kind not in ROLLED)
    )
    found = Counter((item.kind, root(state, known, item.object), plain(item)) for item in decided)
    waits = Counter(root(state, known, ref) for ref, _ in unplaced(state))
    return Told({ref: count for ref, count in ready.items() if count and ref.kind not in _PASSING}, found, waits)


def placeable(state: State, owners: Mapping[Ref, Ref]) -> AbstractSet[Ref]:
    """Workloads of pods that wait although a node would take them."""
    known, cluster = dict(owners), Cluster(state)
    pods = [pod for ref, _ in unplaced(state) if isinstance(pod := state.find(ref), Pod)]
    return {home(state, known, pod) for pod in pods if judge(cluster, pod, choosing=True).feasible}


def root(state: State, owners: dict[Ref, Ref], ref: Ref) -> Ref:
    """The workload of a pod or of a ReplicaSet, whose names differ from run to run."""
    item = state.find(ref)
    if isinstance(item, Pod):
        return home(state, owners, item)
    owner = controller_of(item) if isinstance(item, ReplicaSet) else None
    return owners.get(owner, owner) if owner is not None else ref


def plain(item: Refusal) -> str:
    """The message less generated names, and less the figures that the twin adds."""
    text = _UNREAD.sub(r"\1", _FIGURES.sub("", item.message.removeprefix(f"{_VIOLATES}; ")))
    return _NAMED.sub(r"\1 …", _CREATED.sub("", text)) if item.kind == "not-created" else text


def ready_of(state: State, owners: Mapping[Ref, Ref]) -> Mapping[Ref, int]:
    known = dict(owners)
    return Counter(home(state, known, pod) for pod in state.all(Pod) if is_ready(pod))


def waiting_of(state: State) -> dict[Ref, Refusal]:
    """What a real cluster's controllers and scheduler could not do, by its objects' statuses and events."""
    found = dict(unplaced(state))
    for item in state.all(ReplicaSet):
        failed = next((each for each in item.status.conditions if each.type == "ReplicaFailure"), None)
        if failed is not None and failed.status == "True":
            found[item.ref] = Refusal("not-created", item.ref, failed.message)
    short = {
        *(item.ref for item in state.all(StatefulSet) if item.status.replicas < (item.spec.replicas or 0)),
        *(
            item.ref
            for item in state.all(DaemonSet)
            if item.status.current_number_scheduled < item.status.desired_number_scheduled
        ),
    }
    events = [item for item in state.all(Event) if item.reason == "FailedCreate" and item.about in short]
    for event in sorted(events, key=lambda each: (str(each.last_seen), each.name)):
        found[event.about] = Refusal("not-created", event.about, event.text)
    return found


def compare(
    step: str,
    twin: Told,
    real: Told,
    seconds: float,
    apart: AbstractSet[Ref] = frozenset(),
    *,
    settled: bool = True,
    full: bool = False,
) -> Compared:
    """`apart` are workloads that are not compared, because they differed from the start; `full` says that in a step before other pods got the last places, so that the two went on from different states."""
    workloads = sorted((twin.ready.keys() | real.ready.keys()) - apart)
    order = _order(twin, real, apart)
    found = [
        Difference("ready", ref, str(twin.ready.get(ref, 0)), str(real.ready.get(ref, 0)))
        for ref in workloads
        if ref not in order and twin.ready.get(ref, 0) != real.ready.get(ref, 0)
    ]
    same = 0
    for kind, ref in sorted({(key[0], key[1]) for key in (*twin.decisions, *real.decisions)}):
        # How full the nodes were at a pod's turn, and so the reason that it is given, is a matter of that order, too.
        if ref in apart or ((order or full) and kind == _UNPLACED):
            continue
        ours, theirs = _said(twin, kind, ref), _said(real, kind, ref)
        if ours == theirs:
            same += 1
        else:
            found.append(Difference(kind, ref, ours, theirs))
    return Compared(step, len(workloads), same, tuple(found), seconds, settled, tuple(sorted(order)))


def _order(twin: Told, real: Told, apart: AbstractSet[Ref]) -> AbstractSet[Ref]:
    """Workloads of which other pods got the last places: some wait more on one side and some on the other, each has as many pods altogether on both, and none of those that wait on the real side would find a node by the twin's rules, so that only who came first differs. One large pod may have the room of two small ones.

    The order in which kube-scheduler takes pods that were made in the same second from its queue differs from run to run.
    """
    ours, theirs = Counter(twin.waits), Counter(real.waits)
    moved = {ref for ref in ours.keys() | theirs.keys() if ours[ref] != theirs[ref]} - apart
    whole = all(twin.ready.get(ref, 0) + ours[ref] == real.ready.get(ref, 0) + theirs[ref] for ref in moved)
    exchanged = len({ours[ref] < theirs[ref] for ref in moved}) > 1
    return moved if whole and exchanged and not moved & real.placeable else frozenset()


def _said(side: Told, kind: str, ref: Ref) -> str:
    parts = sorted(
        (text, count) for (each, about, text), count in side.decisions.items() if (each, about) == (kind, ref)
    )
    return "; ".join(f"{count} × {text}" if count > 1 else text for text, count in parts)
