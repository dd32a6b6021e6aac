"""Every workload as the rest of the platform sees it: its pods' labels, containers and ports, from its template or, where that was not seen, from a pod."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import controller_of, owner_chain
from seakeep.facts.workloads.custom_templates import rollouts
from seakeep.facts.workloads.podstate import is_finished, is_ready, is_sidecar
from seakeep.model.objects import Container, CronJob, Job, KubeObject, Pod, PodSpec, ReplicaSet, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_TEMPLATED = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")


class Template(Struct, frozen=True, dict=True):
    """`ref` is what a person edits; `item` the object that shows the spec (the workload, or one of its pods). `labels_known` and `spec_known` tell whether the source shows them at all; `full` whether the whole spec."""

    ref: Ref
    item: KubeObject
    spec: PodSpec
    labels: Mapping[str, str]
    pods: tuple[Pod, ...]
    labels_known: bool
    spec_known: bool
    full: bool
    at: str = ""

    @property
    def lasting(self) -> bool:
        """Not a Job's."""
        return self.ref.kind not in {"Job", "CronJob"}

    @cached_property
    def ready(self) -> int:
        return sum(is_ready(pod) for pod in self.pods)

    @cached_property
    def serving(self) -> tuple[Container, ...]:
        """The containers that may listen while the pod is ready, those that a webhook put into the pods included."""
        own = [item for item in self.spec.init_containers if is_sidecar(item)] + list(self.spec.containers)
        names = {item.name for item in own}
        injected = [item for pod in self.pods[:1] for item in pod.spec.containers if item.name not in names]
        return (*own, *(item for item in injected if not item.name.startswith("#")))

    @property
    def wanted(self) -> int | None:
        """Replicas; None where a controller decides or they were not seen."""
        return self.item.spec.replicas if isinstance(self.item, Workload) else None

    @property
    def path(self) -> str:
        """Where the pod's spec stands in `item`."""
        if self.at:
            return self.at
        return "spec" if isinstance(self.item, Pod) else "spec.template.spec"


@once
def known_templates(index: Index) -> tuple[Template, ...]:
    """Sorted by workload. Jobs that ended well are left out; workloads of which nothing but the name is known are not."""
    found: dict[Ref, Template] = {}
    for kind in _TEMPLATED:
        for item in index.snapshot.of_kind(kind):
            if _is_its_own(item):
                found[item.ref] = _of_workload(index, item)
    for rollout in rollouts(index):
        found[rollout.ref] = _of_workload(index, rollout)
    for ref, pods in index.pods_by_workload.items():
        if ref not in found and ref.kind != "Job":
            found[ref] = _of_pods(index, ref, tuple(pods))
    return tuple(found[ref] for ref in sorted(found))


def moved(index: Index, before: Index, changed: Collection[Ref]) -> frozenset[Ref]:
    """The workloads that are not as they were before these objects `changed`: themselves, in their pods, or in what is above them."""
    old, new = before.pods_by_workload, index.pods_by_workload
    pods = {ref for ref in old.keys() | new.keys() if not _are_same(old.get(ref, ()), new.get(ref, ()))}
    below = _below(before)
    return frozenset({*changed, *pods, *below[None], *(ref for owner in changed for ref in below.get(owner, ()))})


def _are_same(old: Sequence[Pod], new: Sequence[Pod]) -> bool:
    return len(old) == len(new) and all(map(operator.is_, old, new))


@once
def _below(index: Index) -> Mapping[Ref | None, Sequence[Ref]]:
    """Owner, read or not → the workloads below it. None: those whose owner only their name tells, by what else there is."""
    found: dict[Ref | None, list[Ref]] = {None: []}
    for template in known_templates(index):
        item = index.snapshot.find(template.ref) or template.item
        for owner in owner_chain(index, item):
            found.setdefault(owner, []).append(template.ref)
        if isinstance(item, Pod) and controller_of(item) is None and index.snapshot.depth(item.ref) < Depth.DESCRIBED:
            found[None].append(template.ref)
    return found


def templates_after(index: Index, before: Index, moved: Collection[Ref]) -> tuple[Template, ...]:
    """As `known_templates`, where `before` knows those of all workloads but the `moved`: these, or pods of them, are not the same."""
    found = {item.ref: item for item in known_templates(before)}
    order = tuple(found)
    for ref in moved:
        item = index.snapshot.find(ref) if ref.kind in _TEMPLATED else None
        pods = index.pods_by_workload.get(ref, ())
        if item is not None and _is_its_own(item):
            found[ref] = _of_workload(index, item)
        elif pods and ref.kind != "Job":
            found[ref] = _of_pods(index, ref, tuple(pods))
        else:
            found.pop(ref, None)
    return tuple(found.values() if tuple(found) == order else (found[ref] for ref in sorted(found)))


def _is_its_own(item: KubeObject) -> bool:
    return not (isinstance(item, ReplicaSet | Job) and item.metadata.owner_references) and not _is_done(item)


def _is_done(item: KubeObject) -> bool:
    return isinstance(item, Job) and any(
        part.type == "Complete" and part.status == "True" for part in item.status.conditions
    )


def _of_workload(index: Index, item: KubeObject) -> Template:
    pods = tuple(pod for pod in index.pods_by_workload.get(item.ref, ()) if not is_finished(pod))
    spec, labels = _template(item)
    depth = index.snapshot.depth(item.ref)
    if not spec.containers and pods:
        return _of_pods(index, item.ref, pods, labels)
    return Template(item.ref, item, spec, labels, pods, bool(labels), bool(spec.containers), depth is Depth.FULL)


def _template(item: KubeObject) -> tuple[PodSpec, Mapping[str, str]]:
    if isinstance(item, Workload):
        wide = item.spec.selector.match_labels if item.spec.selector else {}
        return item.spec.template.spec, item.spec.template.metadata.labels or wide
    if isinstance(item, Job):
        return item.spec.template.spec, item.spec.template.metadata.labels
    if isinstance(item, CronJob):
        template = item.spec.job_template.spec.template
        return template.spec, template.metadata.labels
    return PodSpec(), {}


def _of_pods(index: Index, ref: Ref, pods: tuple[Pod, ...], labels: Mapping[str, str] | None = None) -> Template:
    """The pod that was seen best stands for all."""
    live = tuple(pod for pod in pods if not is_finished(pod)) or pods
    best = max(
        live, key=lambda pod: (index.snapshot.depth(pod.ref), bool(pod.spec.containers), bool(pod.labels), pod.name)
    )
    depth = index.snapshot.depth(best.ref)
    # Of parts of a pod, only ports tell who serves what; whoever shows none may have some.
    known = bool(best.spec.containers) and (
        depth >= Depth.DESCRIBED or (depth is Depth.TABLE and any(item.ports for item in best.spec.containers))
    )
    marks = labels or best.labels
    return Template(
        ref,
        best,
        best.spec if known else PodSpec(),
        marks,
        live,
        bool(marks) or depth >= Depth.DESCRIBED,
        known,
        depth is Depth.FULL,
    )


def template_of(index: Index, ref: Ref) -> Template | None:
    return _by_ref(index).get(ref)


@once
def _by_ref(index: Index) -> Mapping[Ref, Template]:
    return {item.ref: item for item in known_templates(index)}
