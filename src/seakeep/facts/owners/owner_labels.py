"""Labels that say which application a workload is and what it belongs to, and where they can be taken from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.model.objects import Namespace

NAME, PART = "app.kubernetes.io/name", "app.kubernetes.io/part-of"
_NAMES = (NAME, "app", "k8s-app")
_PARTS = (PART, "app.kubernetes.io/instance", "release", "team", "owner")
_ENDINGS = ("/team", "/owner", "/part-of")


def lacking(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels to add, and what they would say."""
    found = {}
    if not _first(labels, _NAMES):
        found[NAME] = "which application it is"
    if not _part(labels):
        found[PART] = "what it belongs to"
    return found


def _first(labels: Mapping[str, str], keys: Sequence[str]) -> str:
    for key in keys:
        if labels.get(key):
            return labels[key]
    return ""


def _part(labels: Mapping[str, str]) -> str:
    others = [key for key in labels if key.endswith(_ENDINGS)]
    return _first(labels, _PARTS) or (_first(labels, sorted(others)) if others else "")


def name_for(index: Index, entry: Judged) -> tuple[str, str]:
    """The name of the application, and who says so; "" where nobody does."""
    own = _first(entry.labels, _NAMES)
    traits = index.traits.get(entry.ref)
    return (own, "what its pods say") if own else (traits.service if traits else "", "the service that it is known as")


def whole_for(index: Index, entry: Judged) -> tuple[str, str]:
    """What it belongs to, and who says so; "" where nobody does."""
    space = index.snapshot.get(Namespace, "", entry.ref.namespace)
    item = index.snapshot.find(entry.ref)
    known = (
        (_part(entry.labels), "what its pods say"),
        (item.metadata.annotations.get("meta.helm.sh/release-name", "") if item else "", "its Helm release"),
        (_part(space.labels) if space else "", "what its namespace says"),
        (_neighbours(index).get(entry.ref.namespace, ""), "what the others in its namespace belong to"),
    )
    return next((pair for pair in known if pair[0]), ("", ""))


@once
def _neighbours(index: Index) -> Mapping[str, str]:
    """Namespace → the one thing that all of its labelled workloads are part of, where there are two or more."""
    found: dict[str, Counter[str]] = {}
    for entry in judged_templates(index):
        item = index.snapshot.find(entry.ref)
        part = item.labels.get(PART) if item else ""
        if part:
            found.setdefault(entry.ref.namespace, Counter())[part] += 1
    return {space: next(iter(parts)) for space, parts in found.items() if len(parts) == 1 and max(parts.values()) >= 2}
