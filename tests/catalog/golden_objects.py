"""Golden inputs and outputs as pairs of objects, for those who judge the changes by other means than the rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from seakeep.model.objects import CLUSTER_SCOPED, STRUCTS

GOLDEN = Path(__file__).parent / "golden"
Object = dict[str, Any]
_BUILT_IN = frozenset(STRUCTS)


class Pair(NamedTuple):
    """One object that a rule changes or makes (`before` None)."""

    rule: str
    before: Object | None
    after: Object


def pairs() -> Iterator[Pair]:
    """Of built-in kinds; what no rule touched is left out."""
    for path in sorted(GOLDEN.glob("*.output.yaml")):
        rule = path.name.removesuffix(".output.yaml")
        before = {_key(item): item for item in _objects(path.with_name(f"{rule}.input.yaml"))}
        for item in _objects(path):
            old = before.get(_key(item))
            group = item.get("apiVersion", "v1").rpartition("/")[0]
            if old != item and (group, item["kind"]) in _BUILT_IN:
                yield Pair(rule, old, item)


def _objects(path: Path) -> list[Object]:
    objects: list[Object] = yaml.safe_load(path.read_text())["objects"]
    return [_whole(item) for item in objects]


def _whole(item: Object) -> Object:
    """With its namespace, and without what only the server writes."""
    metadata = {key: value for key, value in item["metadata"].items() if key not in {"uid", "creationTimestamp", "resourceVersion", "generation", "managedFields", "ownerReferences"}}  # fmt: skip
    if item["kind"] not in CLUSTER_SCOPED:
        metadata.setdefault("namespace", "default")
    return {**{key: value for key, value in item.items() if key != "status"}, "metadata": metadata}


def _key(item: Object) -> tuple[str, str, str]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]
