"""Selectors of workloads and the labels of what they make. Source: pkg/apis/apps/validation (`ValidateDeploymentSpec` and its like)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from seakeep.model.objects import DaemonSet, Deployment, Job, KubeObject, Pod, ReplicaSet, StatefulSet, Workload
from seakeep.twin.admission.request import invalid
from seakeep.twin.admission.rules.words import shown
from seakeep.twin.labels import Labels, compile_selector
from seakeep.twin.state import State, controller_of

_OWNERS = (DaemonSet, Deployment, Job, ReplicaSet, StatefulSet)
# ReplicaSets are told about as Deployments are.
_EMPTY = {"DaemonSet": "daemonset", "StatefulSet": "statefulset"}


def errors(item: Workload | Job) -> Iterator[str]:
    """What validation says of the selector."""
    selector, labels = item.spec.selector, item.spec.template.metadata.labels
    empty = selector is not None and not selector.match_labels and not selector.match_expressions
    if selector is None and not isinstance(item, DaemonSet):
        yield "spec.selector: Required value"
    if empty:
        yield f"spec.selector: Invalid value: {{}}: empty selector is invalid for {_EMPTY.get(item.kind, 'deployment')}"
    elif not compile_selector(selector).matches(labels):
        yield _mismatch(labels)


def written(item: Workload, old: Workload | None, *, readable: bool) -> Iterator[str]:
    """All that is said of it beside its form; one that is not `readable` selects nothing that could be compared. One that did not match before need not do so now."""
    selector, labels = item.spec.selector, item.spec.template.metadata.labels
    if not readable:
        if not isinstance(item, DaemonSet):
            words = "" if isinstance(item, StatefulSet) else ": invalid label selector"
            yield f"spec.selector: Invalid value: {shown(selector)}{words}"
        return
    found = list(errors(item))
    if old is not None and not compile_selector(old.spec.selector).matches(old.spec.template.metadata.labels):
        found = [each for each in found if each != _mismatch(labels)]
    yield from found


def check_owner(state: State, new: KubeObject) -> None:
    """Refuses what a workload of the snapshot makes and would at once let go again, for its selector does not match it: an API server holds no such workload, and its controller would never end. Raises RejectedError with the workload's name."""
    if not isinstance(new, Pod | ReplicaSet):
        return
    ref = controller_of(new)
    owner = state.find(ref) if ref is not None else None
    if isinstance(owner, _OWNERS) and not compile_selector(owner.spec.selector).matches(new.labels):
        raise invalid(owner, list(errors(owner)) or [_mismatch(new.labels)])


def _mismatch(labels: Labels) -> str:
    shown = json.dumps(dict(labels), sort_keys=True, separators=(",", ":")) if labels else "null"
    return f"spec.template.metadata.labels: Invalid value: {shown}: `selector` does not match template `labels`"
