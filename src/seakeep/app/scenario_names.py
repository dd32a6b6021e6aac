"""Whether what a scenario names is there: a slip would be refused on the twin, and what is expected of a step that did nothing may well be met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from seakeep.adapters.decode import from_mapping
from seakeep.adapters.errors import UsageError
from seakeep.adapters.scenario_file import ScenarioFileError
from seakeep.engine.play import ref_of
from seakeep.model.objects import CLUSTER_SCOPED, Node
from seakeep.model.refs import Ref
from seakeep.model.scenario import Scenario, Step
from seakeep.model.snapshot import Snapshot
from seakeep.twin.controllers.zones import zone_of

_OF_NODES = frozenset({"drain", "lose", "return", "cordon", "uncordon", "taint", "upgrade"})
_OF_OBJECTS = frozenset({"delete", "scale", "restart", "patch"})
# Controllers make these, under names of their own, while a scenario is played.
_MADE = frozenset(
    {"Pod", "ReplicaSet", "Job", "PersistentVolumeClaim", "PersistentVolume", "EndpointSlice", "ControllerRevision"}
)
_SHOWN = 8


class _Slip(NamedTuple):
    step: Step
    what: str
    name: str
    there: list[str]


def check(snapshot: Snapshot, scenario: Scenario) -> None:
    """Raises UsageError for a step whose node, zone or object is neither in the snapshot nor applied by a step before. One that expects to be refused may name anything; so may a single step that was typed, but for nodes and zones: what the API server says of the rest is the answer."""
    for slip in _slips(snapshot, scenario):
        message, hint = f"{snapshot.source} has no {slip.what} {slip.name!r}", _hint(slip)
        if slip.step.line:
            raise ScenarioFileError(Path(scenario.path), slip.step.line, message, hint)
        if slip.what != "object":
            raise UsageError(message, hint)


def _slips(snapshot: Snapshot, scenario: Scenario) -> Iterator[_Slip]:
    nodes = {node.name: zone_of(node)[1] for node in snapshot.all(Node)}
    objects = {_text(Ref(kind, *key)) for kind, group in snapshot.objects.items() for key in group}
    for step in scenario.steps:
        refs = [_ref(raw) for raw in step.objects]
        objects.update(map(_text, refs))
        nodes |= {ref.name: "" for ref in refs if ref.kind == "Node" and ref.name not in nodes}
        if any(wish.kind == "refused" and wish.text for wish in step.expects):
            continue
        if step.verb in _OF_NODES:
            yield from _lacking(step, "node", step.targets, nodes)
            yield from _lacking(step, "zone", step.options.get("zones", ()), set(nodes.values()) - {""})
        elif step.verb in _OF_OBJECTS:
            wanted = [ref for ref in map(ref_of, step.targets) if ref.kind not in _MADE]
            yield from _lacking(step, "object", map(_text, wanted), objects)


def _lacking(step: Step, what: str, wanted: Iterable[str], there: Collection[str]) -> Iterator[_Slip]:
    return (_Slip(step, what, name, sorted(there)) for name in wanted if name not in there)


def _hint(slip: _Slip) -> str:
    _, what, name, there = slip
    if what == "object":
        kind, last = name.partition("/")[0], name.rpartition("/")[2]
        alike = [other for other in there if other.rpartition("/")[2] == last]
        same = [other for other in alike if other.partition("/")[0] == kind]
        near = (same or alike or get_close_matches(name, there))[:3]
        return f"Did you mean {' or '.join(near)}?" if near else ""
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    return f"It has {', '.join(there[:_SHOWN])}{more}." if there else f"It shows no {what}s."


def _ref(raw: Mapping[str, Any]) -> Ref:
    item = from_mapping(raw)
    return Ref(item.kind, item.namespace or ("" if item.kind in CLUSTER_SCOPED else "default"), item.name)


def _text(ref: Ref) -> str:
    return "/".join(part for part in ref if part)
