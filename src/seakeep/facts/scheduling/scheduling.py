"""Pods that wait for a node, and which of the scheduler's reasons is to blame.

A FailedScheduling message gives one reason per group of nodes, the first filter that each of them failed; most are a cluster's permanent background (control-plane taints,
nodes outside the pod's pool). To blame is the reason without which some node would take the pod, so each is checked against the nodes themselves where they were seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.generated_names import workload_named
from seakeep.facts.scheduling.blame import Blame, as_shown, blame
from seakeep.facts.scheduling.placement import largest_allocatable, largest_free, requests_of, rooms, usable
from seakeep.facts.scheduling.preemption import was_preempted
from seakeep.facts.scheduling.scheduling_messages import Reason, Refusal, parse
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.change import Change
from seakeep.model.confidence import HINT, POSSIBLE
from seakeep.model.objects import Event, Metadata, Pod, ReplicationController, Workload
from seakeep.model.objects.pods import PodSpec
from seakeep.model.objects.workloads import Job
from seakeep.model.quantity import format_bytes, format_cpu
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

MAX_MESSAGE = 300
MAX_AFFECTED = 50
# Words of Cluster Autoscaler and Karpenter; clouds need a few minutes for a node.
_SCALING = frozenset({"TriggeredScaleUp", "Nominated"})
_NODE_COMES_WITHIN = timedelta(minutes=5)


class Unplaced(Struct, frozen=True):
    """The pods of one workload that have no node. `pod` is the one that was judged; `spec` its spec (or its workload's template), None where neither was seen."""

    workload: Ref
    pods: tuple[Pod, ...]
    pod: Pod
    spec: PodSpec | None
    evidence: tuple[Evidence, ...]
    reasons: tuple[Reason, ...]
    blame: Blame

    @property
    def affected(self) -> tuple[Ref, ...]:
        return tuple(pod.ref for pod in self.pods[:MAX_AFFECTED])

    def confidence(self, refusal: Refusal) -> float:
        """0 where the refusal is not to blame."""
        return self.blame.confidence.get(refusal, 0.0)

    def detail(self, refusal: Refusal) -> str:
        """The resource, taint or claim that the scheduler named."""
        return next((reason.detail for reason in self.reasons if reason.refusal is refusal and reason.detail), "")


def waits_for_node(pod: Pod) -> bool:
    """Pending without a node, and neither gated nor being deleted."""
    scheduled = next((item for item in pod.status.conditions if item.type == "PodScheduled"), None)
    return (
        pod.status.phase == "Pending"
        and not pod.spec.node_name
        and not pod.metadata.deletion_timestamp
        and not pod.spec.scheduling_gates
        and (scheduled is None or (scheduled.status != "True" and scheduled.reason != "SchedulingGated"))
        and not any(status.state.waiting and status.state.waiting.reason for status in pod.status.container_statuses)
        and not pod.status.init_container_statuses
    )


def scheduler_message(index: Index, pod: Pod) -> tuple[str, tuple[Evidence, ...]]:
    """The newest word of the scheduler on the pod, with the evidence for it; ("", ()) where there is none."""
    evidence: list[Evidence] = []
    message = ""
    for item in pod.status.conditions:
        if item.type == "PodScheduled" and item.status == "False" and item.message:
            message = item.message
            evidence.append(
                state_evidence(
                    pod, "status.conditions[PodScheduled].message", message[:MAX_MESSAGE], item.last_transition_time
                )
            )
    for event in index.events_about(pod.ref):
        if event.reason == "FailedScheduling":
            found = event_evidence(index, event, current=True)
            evidence.append(replace(found, value=found.value[:MAX_MESSAGE]))
            message = message or event.text
            break
    return message, tuple(evidence)


def spec_of(index: Index, pod: Pod, workload: Ref) -> tuple[PodSpec | None, Depth]:
    """The pod's spec, or its workload's template where the pod itself was only listed; and how much of it was shown."""
    depth = index.snapshot.depth(pod.ref)
    if depth >= Depth.DESCRIBED and pod.spec.containers:
        return pod.spec, depth
    owner = index.snapshot.find(workload)
    depth = index.snapshot.depth(workload)
    if (
        isinstance(owner, Workload | Job | ReplicationController)
        and owner.spec.template.spec.containers
        and depth >= Depth.DESCRIBED
    ):
        return owner.spec.template.spec, depth
    return None, Depth.NAMED


@once
def unplaced(index: Index) -> tuple[Unplaced, ...]:
    """By workload. Pods that no scheduler has looked at are left out: `scheduler-down` is about them."""
    found: list[Unplaced] = []
    for workload, pods in sorted(index.pods_by_workload.items()):
        waiting = [pod for pod in pods if waits_for_node(pod)]
        if waiting:
            judged = _judge(index, workload, waiting)
            if judged:
                found.append(judged)
    known = {pod.ref for item in found for pod in item.pods}
    for event in index.events_with("FailedScheduling"):
        if event.about not in known and is_recent(index, event.last_seen) and _only_in_events(index, event):
            known.add(event.about)
            item = _from_event(index, event)
            if item and item.workload not in {other.workload for other in found}:
                found.append(item)
    return tuple(sorted(found, key=lambda item: item.workload))


def _only_in_events(index: Index, event: Event) -> bool:
    """The pod was mentioned but not seen, and is not known to be gone."""
    pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
    if event.about.kind != "Pod" or (pod and index.snapshot.depth(pod.ref) is not Depth.NAMED):
        return False
    later = [
        other
        for other in index.events_about(event.about)
        if other.reason == "Scheduled" and other.last_seen and event.last_seen and other.last_seen >= event.last_seen
    ]
    return not index.snapshot.is_absent(event.about) and not later


def _from_event(index: Index, event: Event) -> Unplaced | None:
    reasons = parse(event.text)
    if not reasons:
        return None
    pod = Pod(metadata=Metadata(name=event.about.name, namespace=event.about.namespace))
    workload = workload_named(index, event.about)
    spec, depth = spec_of(index, pod, workload) if workload != event.about else (None, Depth.NAMED)
    found = event_evidence(index, event)
    verdict = blame(index, workload, pod.namespace, spec, depth is Depth.FULL, event.text, reasons)
    return Unplaced(workload, (pod,), pod, spec, (replace(found, value=found.value[:MAX_MESSAGE]),), reasons, verdict)


def _judge(index: Index, workload: Ref, waiting: Sequence[Pod]) -> Unplaced | None:
    told = [(pod, *scheduler_message(index, pod)) for pod in waiting]
    pod, message, evidence = next((entry for entry in told if parse(entry[1])), told[0])
    reasons = parse(message)
    if not reasons and (message or index.snapshot.depth(pod.ref) is not Depth.TABLE):
        return None
    spec, depth = spec_of(index, pod, workload)
    evidence = evidence or (state_evidence(pod, "status.phase", "Pending"),)
    verdict = blame(index, workload, pod.namespace, spec, depth is Depth.FULL, message, reasons)
    if spec is None:
        verdict = as_shown(verdict, pod.spec)
    return Unplaced(workload, tuple(waiting), pod, spec, evidence, reasons, verdict)


def placement_candidate(
    item: Unplaced,
    cause: str,
    confidence: float,
    summary: str,
    repair: str,
    more: tuple[Evidence, ...] = (),
    *,
    culprit: Ref | None = None,
    also: tuple[Ref, ...] = (),
    settled_by: str = "",
    change: Change | None = None,
) -> Candidate:
    """A candidate on the waiting workload (or `culprit`), with the scheduler's word first and what else the leaf found behind it."""
    return Candidate(
        id=cause,
        object=culprit or item.workload,
        summary=summary,
        evidence=(*item.evidence, *more)[:6],
        repair=Repair(repair, change),
        confidence=confidence,
        affects=(*item.affected, *also),
        settled_by=settled_by or ("" if item.blame.nodes_seen else "kubectl describe nodes"),
    )


def amount_text(resource: str, amount: int) -> str:
    """As Kubernetes writes the quantity."""
    if resource == "cpu":
        return format_cpu(amount)
    if resource in {"memory", "ephemeral-storage"} or resource.startswith("hugepages-"):
        return format_bytes(amount)
    return str(amount)


def shortages(index: Index, refusal: Refusal, cause: str, resource: str) -> Iterator[Candidate]:
    """Of each workload that lacks room of one sort."""
    for item in unplaced(index):
        if item.confidence(refusal):
            yield _shortage(index, item, cause, refusal, resource)


def _shortage(index: Index, item: Unplaced, cause: str, refusal: Refusal, resource: str) -> Candidate:
    """For a resource that no node has enough of: the requested figure against the largest free and the largest allocatable one."""
    confidence = item.confidence(refusal)
    if was_preempted(index, item.workload):
        confidence = min(confidence, POSSIBLE)  # it had room until others of higher priority took it
    if _room_is_coming(index, item):
        confidence = HINT
    resource = item.blame.resources.get(refusal) or item.detail(refusal) or resource
    wanted = requests_of(item.spec).get(resource, 0) if item.spec else 0
    free, most = largest_free(index, resource, item.spec), largest_allocatable(index, resource, item.spec)
    asks = (
        f"requests {amount_text(resource, wanted)} of {resource}"
        if wanted
        else f"requests more {resource} than is free"
    )
    more: list[Evidence] = []
    if resource == "pods":
        return _slots(index, item, cause, confidence)
    if wanted and item.spec:
        more.append(
            state_evidence(
                item.pod, f"spec.containers[*].resources.requests[{resource}]", amount_text(resource, wanted)
            )
        )
    summary = f"pod {asks}, which no node has left"
    repair = f"Lower the {resource} request of {item.workload.kind} {item.workload.name}, or add a node that has room for it."
    if wanted and most and wanted > most[1]:
        figure = amount_text(resource, most[1])
        summary = f"pod {asks}, more than any node could ever give (largest allocatable: {figure} on {most[0]})"
        repair = f"Lower the {resource} request of {item.workload.kind} {item.workload.name} below {figure}, or add a larger node."
        more.append(state_evidence(rooms(index)[most[0]].node, f"status.allocatable[{resource}]", figure))
    elif wanted and free:
        figure = amount_text(resource, max(free[1], 0))
        summary = f"pod {asks}, and the node with the most left has {figure} ({free[0]})"
        repair = (
            f"Lower the {resource} request of {item.workload.kind} {item.workload.name} to {figure} or less, "
            f"scale down what holds the nodes, or add a node."
        )
        more.append(state_evidence(rooms(index)[free[0]].node, f"status.allocatable[{resource}] less requests", figure))
    return placement_candidate(item, cause, confidence, summary, repair, tuple(more))


def _room_is_coming(index: Index, item: Unplaced) -> bool:
    """An autoscaler has asked for a node, and it may still be on its way."""
    return any(
        event.reason in _SCALING and is_recent(index, event.last_seen, _NODE_COMES_WITHIN)
        for pod in item.pods
        for event in index.events_about(pod.ref)
    )


def _slots(index: Index, item: Unplaced, cause: str, confidence: float) -> Candidate:
    full = [room for room in usable(index, item.spec) if room.free is not None and room.free.get("pods", 0) <= 0][:4]
    named = ", ".join(f"{room.node.name} ({room.allocatable.get('pods', 0)})" for room in full)
    return placement_candidate(
        item,
        cause,
        confidence,
        "every node that the pod may use holds as many pods as its kubelet allows" + (f": {named}" if named else ""),
        f"Remove pods from {'node ' + named if named else 'the full nodes'}, raise maxPods of their kubelets, or add a node.",
        tuple(state_evidence(room.node, "status.allocatable[pods]", room.allocatable.get("pods", 0)) for room in full),
    )
