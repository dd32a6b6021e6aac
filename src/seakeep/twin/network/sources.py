"""Who asks: a pod, the pods of a workload, a node."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import CronJob, Job, Metadata, Node, Pod, Workload
from seakeep.model.objects.pods import PodTemplate
from seakeep.model.refs import Ref
from seakeep.twin.state import State

# CronJob → Job → Pod is the longest chain of owners; anything deeper is a cycle or nobody's pods.
_DEPTH = 3


class SourceUnknownError(ValueError):
    """There is no such object, or it is none that runs pods."""


def pods_of(state: State, ref: Ref) -> tuple[Pod, ...]:
    """The pods that stand for the object, by name: those that have not ended. Where it has none, one made from its template, without a node or an address."""
    item = state.find(ref)
    if item is None:
        raise SourceUnknownError(f"there is no {ref}")
    if isinstance(item, Pod):
        return (item,)
    template = _template(item)
    if template is None:
        raise SourceUnknownError(f"{ref} runs no pods")
    found = {pod.ref: pod for pod in _owned(state, ref, _DEPTH) if not is_ended(pod)}
    if found:
        return tuple(found[key] for key in sorted(found))
    metadata = Metadata(name=f"{ref.name}-(none)", namespace=ref.namespace, labels=template.metadata.labels)
    return (Pod(metadata=metadata, spec=template.spec),)


def is_made_up(state: State, pod: Pod) -> bool:
    return state.get(Pod, pod.namespace, pod.name) is None


def _owned(state: State, ref: Ref, depth: int) -> Iterator[Pod]:
    item = state.find(ref)
    for child in state.dependents(item) if item is not None and depth else ():
        if isinstance(child, Pod):
            yield child
        else:
            yield from _owned(state, child.ref, depth - 1)


def _template(item: object) -> PodTemplate | None:
    if isinstance(item, Workload):
        return item.spec.template
    if isinstance(item, Job):
        return item.spec.template
    if isinstance(item, CronJob):
        return item.spec.job_template.spec.template
    return None


def node_of(state: State, ref: Ref) -> Node:
    node = state.get(Node, "", ref.name)
    if node is None:
        raise SourceUnknownError(f"there is no {ref}")
    return node
