"""Writes in waves: what others need comes first, repairs before hardening, the services that matter least before those that matter most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from seakeep.engine.plan.proposals import Proposal
from seakeep.engine.platform import WEIGHT
from seakeep.engine.score import criticalities
from seakeep.facts.digest import digest
from seakeep.model.change import Risk
from seakeep.model.fields import has, leaves, merged, path_of, text_of, undo, value_at
from seakeep.model.objects import KubeObject
from seakeep.model.plan import Base, LeftOut, Planned, Reason, Undo, Wave
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot

# What a wave may restart at once.
_SIDE_BY_SIDE = 8
_DEFINITIONS = frozenset({"CustomResourceDefinition"})
_COMPANIONS = frozenset({"LimitRange", "PriorityClass", "ServiceAccount", "Role", "RoleBinding", "StorageClass"})
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"})
_POLICIES = frozenset({"PodDisruptionBudget", "ResourceQuota", "NetworkPolicy", "HorizontalPodAutoscaler"})
_CONFIGURATION = (3, 0, "configuration")
_RISKS = list(Risk)
_GATE = "every changed object has reached its wished state, each service has the ready pods that were rehearsed, and every call that got through before still does"


class Write(Struct, frozen=True):
    """Everything that is to change on one object."""

    target: Ref
    api_version: str
    patch: Mapping[str, object]
    remove: tuple[str, ...]
    risk: Risk
    reasons: tuple[Reason, ...]
    repair: bool


def combine(snapshot: Snapshot, chosen: Sequence[Proposal]) -> tuple[list[Write], list[LeftOut]]:
    """One write per object. Where two proposals set a field to different values, the earlier one stands."""
    writes: dict[Ref, Write] = {}
    left: list[LeftOut] = []
    for item in chosen:
        change = item.change
        found = snapshot.find(change.target)
        version = change.api_version or (found.api_version if found is not None else "")
        new = Write(
            change.target,
            version,
            change.patch,
            change.remove,
            change.risk,
            (Reason(item.rule, item.object, change.why),),
            item.is_repair,
        )
        old = writes.get(change.target)
        clash = _clash(old, new) if old is not None else ""
        if clash:
            left.append(LeftOut(item.rule, change.target, f"another change decides {clash}"))
        else:
            writes[change.target] = new if old is None else _both(old, new)
    return list(writes.values()), left


def _clash(old: Write, new: Write) -> str:
    for path, value in leaves(new.patch):
        if has(old.patch, path) and value_at(old.patch, path) != value:
            return text_of(path)
        if text_of(path) in old.remove:
            return text_of(path)
    return next((text for text in new.remove if has(old.patch, path_of(text))), "")


def _both(old: Write, new: Write) -> Write:
    return Write(
        old.target,
        old.api_version or new.api_version,
        merged(old.patch, new.patch),
        tuple(dict.fromkeys((*old.remove, *new.remove))),
        max(old.risk, new.risk, key=_RISKS.index),
        tuple(dict.fromkeys((*old.reasons, *new.reasons))),
        old.repair or new.repair,
    )


def planned(snapshot: Snapshot, write: Write, reverted_by: str = "") -> Planned:
    """The write with what its target is now, and the way back."""
    found = snapshot.find(write.target)
    if found is None:
        base, back = Base(), Undo(delete=True)
    else:
        base = Base(found.metadata.uid, found.metadata.resource_version, digest(found))
        back = Undo(*undo(raw_of(found), write.patch, write.remove))
    target = write.target
    where = f"{target.namespace}/{target.name}" if target.namespace else target.name
    return Planned(
        id=f"{target.kind}/{where}",
        target=target,
        api_version=write.api_version,
        patch=write.patch,
        remove=write.remove,
        risk=write.risk,
        reasons=write.reasons,
        base=base,
        undo=back,
        reverted_by=reverted_by,
    )


def raw_of(item: KubeObject) -> dict[str, object]:
    """The object in its API form, as far as Seakeep reads it: without what is not set."""
    found: dict[str, object] = {"apiVersion": item.api_version, "kind": item.kind, **_set_fields(item)}
    return found


def _set_fields(value: Any) -> Any:
    """Fields that are at their default are not said in the API's form either."""
    if isinstance(value, msgspec.Struct):
        return {
            name: _set_fields(part)
            for field, name in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
            if (part := getattr(value, field)) is not None and part != _defaults(type(value)).get(field, _NOTHING)
        }
    if isinstance(value, dict):
        return {key: _set_fields(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_set_fields(part) for part in value]
    return msgspec.to_builtins(value)


_NOTHING = object()


@cache
def _defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    found = {}
    for field in msgspec.structs.fields(kind):
        if field.default is not msgspec.NODEFAULT:
            found[field.name] = field.default
        elif field.default_factory is not msgspec.NODEFAULT:
            found[field.name] = field.default_factory()
    return found


def in_waves(writes: Iterable[tuple[Write, Planned]], platform: Platform) -> tuple[Wave, ...]:
    """By kind (definitions, namespaces, companions of quotas, configuration, workloads, policies); workloads by what relies on what. A quota that is there is only ever raised: that makes room for the roll-outs, and comes before them."""
    level, matters = _levels(platform), _matters(platform)
    groups: dict[tuple[int, int, str], list[Planned]] = {}
    for write, change in writes:
        raised = write.target.kind == "ResourceQuota" and change.base.exists
        place = _CONFIGURATION if raised else _place(write, level, matters)
        groups.setdefault(place, []).append(change)
    waves: list[Wave] = []
    for (_, _, name), changes in sorted(groups.items(), key=lambda entry: entry[0]):
        ordered = sorted(changes, key=lambda item: item.id)
        parts = [ordered[start : start + _SIDE_BY_SIDE] for start in range(0, len(ordered), _SIDE_BY_SIDE)]
        if not name.endswith(("services", "workloads")):
            parts = [ordered]  # nothing restarts
        for number, part in enumerate(parts, start=1):
            title = f"{name} {number} of {len(parts)}" if len(parts) > 1 else name
            waves.append(Wave(title, tuple(part), _GATE))
    return tuple(waves)


def _place(write: Write, level: Callable[[Ref], int], matters: Callable[[Ref], str]) -> tuple[int, int, str]:
    kind = write.target.kind
    if kind in _DEFINITIONS:
        return 0, 0, "definitions"
    if kind == "Namespace":
        return 1, 0, "namespaces"
    if kind in _COMPANIONS:
        return 2, 0, "companions"
    if kind in _WORKLOADS:
        if write.repair:
            return 4, level(write.target), "repaired workloads"
        return 5, int(WEIGHT[matters(write.target)]), f"{matters(write.target)} services"
    if kind in _POLICIES and not write.repair:
        return 6, 0, "policies"
    return _CONFIGURATION


def _matters(platform: Platform) -> Callable[[Ref], str]:
    known = criticalities(platform)
    return lambda ref: known.get(ref, "normal")


def _levels(platform: Platform) -> Callable[[Ref], int]:
    """How long the longest chain of services is that a workload relies on; a circle counts once."""
    service = {ref: item.id for item in platform.services for ref in item.workloads}
    on: dict[str, set[str]] = {}
    for item in platform.dependencies:
        on.setdefault(item.source, set()).add(item.target)
    known: dict[str, int] = {}

    def depth(name: str, above: frozenset[str]) -> int:
        if name not in known:
            deeper = [depth(each, above | {name}) for each in sorted(on.get(name, ())) if each not in above | {name}]
            known[name] = 1 + max(deeper, default=-1)
        return known[name]

    return lambda ref: depth(service[ref], frozenset()) if ref in service else 0
