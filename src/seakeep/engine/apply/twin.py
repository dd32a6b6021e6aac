"""The machine's driver on the twin: the rehearsal of a run, with Kubernetes' own refusals, on a logical clock.

The twin keeps no managedFields: conflicts between managers are not played.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from seakeep.facts.digest import digest
from seakeep.facts.workloads.behind import behind
from seakeep.facts.workloads.kstatus import binds_at_first_use, health
from seakeep.model.commands import (
    Absent,
    Acquire,
    Action,
    Answered,
    Ask,
    Command,
    Condition,
    Event,
    Failed,
    Found,
    Health,
    Lacking,
    Observe,
    Observed,
    Ok,
    Preflight,
    Read,
    Release,
    Renew,
    Score,
    Scored,
    Wait,
    Why,
    Write,
    Written,
)
from seakeep.model.fields import has, merged, path_of, value_at, without
from seakeep.model.objects import (
    DaemonSet,
    Deployment,
    KubeObject,
    PersistentVolumeClaim,
    ReplicaSet,
    StatefulSet,
    StorageClass,
)
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin import observed
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.labels import compile_selector

Decode = Callable[[Mapping[str, Any]], KubeObject]
Scores = Callable[[observed.Observed, Score], Scored]
_WORKLOADS = (Deployment, StatefulSet, DaemonSet, ReplicaSet)
_WHY = {403: Why.FORBIDDEN, 404: Why.GONE, 409: Why.MOVED, 429: Why.BUSY}


def _no_scores(_: observed.Observed, __: Score) -> Scored:
    return Scored()


class TwinDriver:
    """`source` is the snapshot that the twin was built of: the API server's defaults, which the twin adds, are no change of an object."""

    def __init__(
        self, twin: observed.Observed, decode: Decode, scores: Scores = _no_scores, source: Snapshot | None = None
    ) -> None:
        self.twin, self._decode, self._scores = twin, decode, scores
        self._source, self._start = source, twin.state.branch()

    def carry_out(self, command: Command) -> Event:
        match command:
            case Acquire() | Renew() | Release():
                return Ok()
            case Preflight():
                return Lacking()
            case Ask():
                return Answered(yes=True)
            case Read():
                return self._read(command.target)
            case Write():
                return self._write(command)
            case Observe():
                return Observed(tuple(self._health(ref) for ref, _ in command.targets), self.twin.elapsed)
            case Score():
                return self._scores(self.twin, command)
            case Wait():
                self.twin.settle(command.seconds)
                return Ok()
            case _:
                raise TypeError(type(command).__name__)

    def _read(self, ref: Ref) -> Event:
        item = self.twin.state.find(ref)
        return Absent() if item is None else Found(item.metadata.uid, self._digest(item), _raw(item))

    def _digest(self, item: KubeObject) -> str:
        seen = self._source.find(item.ref) if self._source is not None else None
        start = self._start.find(item.ref)
        found = digest(item)
        return digest(seen) if seen is not None and start is not None and digest(start) == found else found

    def _health(self, ref: Ref) -> Health:
        item = self.twin.state.find(ref)
        if item is None:
            return Health(ref, Condition.NOT_FOUND)
        claimed = item.spec.storage_class_name if isinstance(item, PersistentVolumeClaim) else ""
        found = health(item, waits_for_pod=binds_at_first_use(self.twin.state.get(StorageClass, "", claimed or "")))
        if found.status is Condition.CURRENT or not isinstance(item, _WORKLOADS):
            return found
        why = behind(self.twin.state.pods_picked(ref.namespace, compile_selector(item.spec.selector)))
        return replace(found, message=": ".join(filter(None, (found.message, why))))

    def _write(self, write: Write) -> Event:
        twin = self.twin.branch() if write.dry else self.twin
        try:
            return self._done(twin, write)
        except RejectedError as error:
            text = "; ".join((error.message, *error.causes))
            return Failed(_WHY.get(error.code, Why.REJECTED), text)

    def _done(self, twin: observed.Observed, write: Write) -> Event:
        old = twin.state.find(write.target)
        if write.action is Action.CREATE:
            item = twin.create(self._decode(_new(write)), "applied")
            return Written(_raw(item), item.metadata.uid)
        if old is None:
            raise RejectedError(404, f"{write.target} not found")
        if write.uid and old.metadata.uid != write.uid:
            raise RejectedError(409, f"{write.target} was made anew")
        changed = [text for text, value in write.expect.items() if _differs(_raw(old), text, value)]
        if changed:
            raise RejectedError(409, f"{changed[0]} is not as it was written")
        if write.action is Action.DELETE:
            twin.delete(write.target)
            return Written()
        raw = merged(_raw(old), write.patch)
        for text in write.remove:
            raw = without(raw, path_of(text))
        new = self._decode(raw)
        kept = old.metadata
        metadata = replace(
            new.metadata, uid=kept.uid, creation_timestamp=kept.creation_timestamp, generation=kept.generation
        )
        item = twin.update(replace(new, metadata=metadata), "applied")
        return Written(_raw(item), item.metadata.uid)


def _raw(item: KubeObject) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(item)
    return found


def _new(write: Write) -> dict[str, Any]:
    ref = write.target
    named = {"namespace": ref.namespace, "name": ref.name} if ref.namespace else {"name": ref.name}
    found: dict[str, Any] = merged(
        {"apiVersion": write.api_version, "kind": ref.kind.partition(".")[0], "metadata": named}, write.patch
    )
    return found


def _differs(raw: Mapping[str, Any], text: str, value: Any) -> bool:
    path = path_of(text)
    return not has(raw, path) or value_at(raw, path) != value
