"""What somebody looked at by itself, where most was only listed: that is what they want to know about."""

from __future__ import annotations

from collections.abc import Collection

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import named, quote, typed
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Question
from seakeep.model.objects import Event, Pod
from seakeep.model.refs import UNNAMED, Ref
from seakeep.model.snapshot import Depth

# What runs, and so has a log.
_RUNS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job")
_FEW = 3


@once
def asked_about(index: Index) -> frozenset[Ref]:
    """Objects that were described, whose manifest was taken, or whose log was read. Empty where everything was seen alike."""
    snapshot = index.snapshot
    if Depth.TABLE not in snapshot.shallow.values():
        return frozenset()
    deep = {
        item.ref
        for kind, group in snapshot.objects.items()
        if kind != Event.__name__
        for item in group.values()
        if snapshot.depth(item.ref) >= Depth.DESCRIBED
    }
    read = {Ref("Pod", log.namespace, log.pod) for log in snapshot.logs}
    return frozenset(deep | read | snapshot.asked)


def unheard(index: Index, explained: Collection[Ref]) -> tuple[Question, ...]:
    """Workloads that were described, look well, and whose log nobody read: a slow or failing request shows nowhere else. None where so much was described that nothing was asked about."""
    described = [ref for ref, depth in sorted(index.snapshot.shallow.items()) if depth is Depth.DESCRIBED]
    read = {(log.namespace, log.pod) for log in index.snapshot.logs}
    found: dict[Ref, Ref] = {}
    for ref in described:
        if ref.kind not in _RUNS or (ref.namespace, ref.name) in read or ref in explained:
            continue
        pod = index.snapshot.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
        if pod is not None and (is_finished(pod) or not is_ready(pod)):
            continue
        found.setdefault(workload_of(index, pod) if pod else ref, ref)
    heard = {
        workload
        for workload in found
        for pod in index.pods_by_workload.get(workload, ())
        if (pod.namespace, pod.name) in read
    }
    if len(found) > _FEW:
        return ()
    return tuple(
        Question(
            f"Nothing wrong shows at {workload}, which was asked about: does its log tell more?",
            f"kubectl logs {'' if ref.kind == 'Pod' else f'{quote(ref.kind.lower())}/'}{named(ref)} --all-containers --tail=300",
        )
        for workload, ref in sorted(found.items())
        if workload not in heard
    )


def unseen(index: Index, explained: Collection[Ref]) -> tuple[Question, ...]:
    """Pods of which nobody showed more than their log: whether they are well was not seen."""
    read = {(log.namespace, log.pod) for log in index.snapshot.logs}
    found = [
        pod.ref
        for pod in index.pods
        if (pod.namespace, pod.name) in read
        and index.snapshot.depth(pod.ref) is Depth.NAMED
        and pod.ref not in explained
    ]
    return tuple(
        Question("Is the pod well whose log this is? Nothing else of it was seen.", "kubectl get pods -A -o wide")
        if ref.name == UNNAMED
        else Question(f"Is {ref} well? Only its log was seen.", f"kubectl get pods -n {quote(ref.namespace)} -o wide")
        for ref in found[:_FEW]
    )


def only_told(index: Index, explained: Collection[Ref]) -> tuple[Question, ...]:
    """Objects of which events alone tell how they are, the last of them a warning or a kill: whether they are well was not seen."""
    snapshot = index.snapshot
    found: dict[Ref, Event] = {}
    for event in snapshot.all(Event):
        ref = event.about
        known = snapshot.find(ref)
        if not ref.name or ref in explained or snapshot.is_absent(ref):
            continue
        unclear = isinstance(known, Pod) and not is_ready(known) and not is_finished(known)
        if known is None or snapshot.depth(ref) is Depth.NAMED or unclear:
            found.setdefault(ref, index.events_about(ref)[0])
    bad = [ref for ref, event in sorted(found.items()) if event.type == "Warning" or "will be restarted" in event.text]
    return tuple(dict.fromkeys(_told(ref) for ref in bad[:_FEW]))


def _told(ref: Ref) -> Question:
    if ref.name == UNNAMED:
        return Question(
            "Is the object well that these events are about? Nothing else of it was seen.",
            "kubectl get pods -A -o wide",
        )
    return Question(
        f"Is {ref} well? Only its events were seen.",
        f"kubectl describe {typed(ref)}",
    )
