"""Pieces of changes that several rules propose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.custom_templates import rollout_of
from seakeep.model.change import Advice
from seakeep.model.fields import placed
from seakeep.model.objects import LabelSelector, Workload
from seakeep.model.refs import Ref

_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}


def pod_spec_path(ref: Ref) -> tuple[str, ...]:
    """Where the pods' spec stands in a workload."""
    return _TEMPLATES.get(ref.kind, ("spec", "template", "spec"))


def in_pod_spec(ref: Ref, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The patch of a workload that sets these fields of its pods' spec."""
    found: dict[str, Any] = placed(pod_spec_path(ref), fields)
    return found


def in_containers(ref: Ref, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The patch of a workload that sets fields of its containers, by their names."""
    return in_pod_spec(ref, {"containers": [{"name": name, **each} for name, each in fields.items()]})


def selector_of(index: Index, ref: Ref) -> dict[str, Any] | None:
    """The label selector that picks exactly a workload's pods: its own. None where it is not known."""
    item = rollout_of(index, ref) or index.snapshot.find(ref)
    selector = item.spec.selector if isinstance(item, Workload) else None
    if selector is None or not (selector.match_labels or selector.match_expressions):
        return None
    return selector_fields(selector)


def own_labels(ref: Ref) -> Advice:
    """What to ask where `selector_of` does not know."""
    return Advice(
        f"Which labels do the pods of {ref} and no others carry?",
        f"kubectl get pods -n {quote(ref.namespace)} --show-labels",
    )


def selector_fields(selector: LabelSelector) -> dict[str, Any]:
    """A label selector in its API form; what it leaves out is left out."""
    found: dict[str, Any] = {}
    if selector.match_labels:
        found["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        found["matchExpressions"] = [
            {"key": each.key, "operator": each.operator, **({"values": list(each.values)} if each.values else {})}
            for each in selector.match_expressions
        ]
    return found


def free_name(index: Index, kind: str, namespace: str, name: str) -> str:
    """The name, or where an object of the kind has it already, the name with a number."""
    taken = {item.name for item in index.snapshot.of_kind(kind) if item.namespace == namespace}
    return next(
        candidate
        for candidate in (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
        if candidate not in taken
    )
