"""What a namespace that goes says of what is left in it. Source: pkg/controller/namespace/deletion/status_condition_utils.go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from seakeep.facts.kind_names import plural
from seakeep.model.objects import APIService, Condition, KubeObject
from seakeep.twin.admission.request import group_of

DISCOVERY = "NamespaceDeletionDiscoveryFailure"
UNDISCOVERED = frozenset({DISCOVERY, "NamespaceDeletionGroupVersionParsingFailure"})
"""The API server could not even be asked for all that may be in it."""
FAILED, REMAINING, FINALIZERS = "NamespaceDeletionContentFailure", "NamespaceContentRemaining", "NamespaceFinalizersRemaining"  # fmt: skip
# Type, and the reason and message where there is nothing to say.
_FINE = (
    (DISCOVERY, "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (FAILED, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
    (REMAINING, "ContentRemoved", "All content successfully removed"),
    (FINALIZERS, "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
)


def remaining(left: Sequence[KubeObject]) -> dict[str, tuple[str, str]]:
    """Reason and message by type."""
    if not left:
        return {}
    kinds = Counter(f"{plural(item.kind)}.{group_of(item)}" for item in left)
    told = ", ".join(f"{kind} has {number} resource instances" for kind, number in sorted(kinds.items()))
    found = {REMAINING: ("SomeResourcesRemain", f"Some resources are remaining: {told}")}
    finalizers = Counter(each for item in left for each in item.metadata.finalizers)
    if finalizers:
        told = ", ".join(f"{each} in {number} resource instances" for each, number in sorted(finalizers.items()))
        message = f"Some content in the namespace has finalizers remaining: {told}"
        found[FINALIZERS] = ("SomeFinalizersRemain", message)
    return found


def overdue(namespace: str) -> dict[str, tuple[str, str]]:
    """Pods are still there although their time is up, and no finalizer says why."""
    error = f"unexpected items still remain in namespace: {namespace} for gvr: /v1, Resource=pods"
    return {FAILED: ("ContentDeletionFailed", f"Failed to delete all resource types, 1 remaining: {error}")}


def undiscovered(services: Iterable[APIService]) -> dict[str, tuple[str, str]]:
    """An aggregated API whose server does not answer: what there is of its kinds cannot be known, so that no namespace goes."""
    down = (item for item in services if any(_is_unavailable(each) for each in item.status.conditions))
    names = sorted(f"{item.spec.group}/{item.spec.version}" for item in down)
    if not names:
        return {}
    failed = ", ".join(f"{name}: stale GroupVersion discovery: {name}" for name in names)
    error = f"unable to retrieve the complete list of server APIs: {failed}"
    return {DISCOVERY: ("DiscoveryFailed", f"Discovery failed for some groups, {len(names)} failing: {error}")}


def _is_unavailable(condition: Condition) -> bool:
    return condition.type == "Available" and condition.status == "False"


def told(conditions: tuple[Condition, ...], bad: Mapping[str, tuple[str, str]], now: datetime) -> tuple[Condition, ...]:
    """All five types, those of `bad` as True; the same tuple where nothing differs."""
    found = {item.type: item for item in conditions}
    for kind, *fine in _FINE:
        reason, message = bad.get(kind, fine)
        new = Condition(type=kind, status="True" if kind in bad else "False", reason=reason, message=message)
        old = found.get(kind)
        same = old is not None and old.status == new.status
        found[kind] = replace(new, last_transition_time=old.last_transition_time if old and same else now)
    updated = tuple(found.values())
    return conditions if updated == conditions else updated
