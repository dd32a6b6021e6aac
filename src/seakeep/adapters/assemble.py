"""Collects what a source yields and makes a Snapshot of it. Every source ends here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.adapters.files.misfits import misfits
from seakeep.adapters.measured import MEASURED, usages
from seakeep.model.objects import CLUSTER_SCOPED, KubeObject
from seakeep.model.refs import Ref
from seakeep.model.snapshot import EVERYWHERE, Alert, Check, Depth, Log, Misfit, Sample, Snapshot, Unread, Usage


class Assembly:
    """Mutable; `snapshot()` freezes it. Of two reports of one object the deeper is kept, and of two equally deep ones the later."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.taken_at: datetime | None = None
        self.server_version = ""
        self.intent_only = False
        self.logs: list[Log] = []
        self.usage: list[Usage] = []
        self.checks: list[Check] = []
        self.alerts: list[Alert] = []
        self.samples: list[Sample] = []
        self.unread: list[Unread] = []
        self.asked: set[Ref] = set()
        self._objects: dict[str, dict[tuple[str, str], KubeObject]] = defaultdict(dict)
        self._depths: dict[Ref, Depth] = {}
        self._complete: set[tuple[str, str]] = set()
        self._absent: set[Ref] = set()
        self._misfits: dict[Ref, tuple[Misfit, ...]] = {}

    def add(self, item: KubeObject, depth: Depth = Depth.FULL) -> Ref:
        ref = item.ref
        known = self._depths.get(ref, Depth.FULL) if (ref.namespace, ref.name) in self._objects[ref.kind] else None
        if known is not None and known > depth:
            return ref
        self._objects[ref.kind][ref.namespace, ref.name] = item
        if depth is Depth.FULL:
            self._depths.pop(ref, None)
        else:
            self._depths[ref] = depth
        return ref

    def add_raw(self, raw: Mapping[str, Any], depth: Depth = Depth.FULL) -> Ref | None:
        """Decode and add one object in API form; what cannot be read is noted as unread, and None returned."""
        try:
            item = from_mapping(raw)
        except DecodeError as error:
            self.unread.append(Unread(str(raw.get("kind") or "object")[:60], "", error.reason))
            return None
        ref = self.add(item, depth)
        if depth is Depth.FULL and not item.metadata.uid and not item.metadata.creation_timestamp:
            self._misfits[ref] = misfits(raw)
        return ref

    def listed(self, kind: str, namespace: str = EVERYWHERE) -> None:
        """Every object of the kind in the namespace was seen (`*`: in all of them)."""
        self._complete.add((kind, EVERYWHERE if kind in CLUSTER_SCOPED else namespace))

    def is_listed(self, kind: str, namespace: str) -> bool:
        return not self._complete.isdisjoint({(kind, namespace), (kind, EVERYWHERE)})

    def reset_listed(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Replace what was concluded from lists by what the source itself says of its completeness."""
        self._complete = {(kind, namespace) for kind, namespace in pairs}

    def missing(self, ref: Ref) -> None:
        """The server said that this object does not exist."""
        self._absent.add(ref)

    def get(self, ref: Ref) -> KubeObject | None:
        return self._objects.get(ref.kind, {}).get((ref.namespace, ref.name))

    def all(self, kind: str) -> Iterable[KubeObject]:
        return tuple(self._objects.get(kind, {}).values())

    def snapshot(self) -> Snapshot:
        objects = {
            kind: dict(sorted(group.items()))
            for kind, group in sorted(self._objects.items())
            if group and kind not in MEASURED
        }
        return Snapshot(
            source=self.source,
            taken_at=self.taken_at,
            objects=objects,
            shallow=self._depths,
            complete=frozenset(self._complete),
            absent=frozenset(self._absent),
            asked=frozenset(self.asked),
            unread=tuple(
                sorted(
                    {
                        Unread(*(_harmless(text) for text in (item.kind, item.namespace, item.reason)))
                        for item in self.unread
                    },
                    key=lambda item: (item.kind, item.namespace, item.reason),
                )
            ),
            logs=tuple(self.logs),
            usage=(*self.usage, *(usage for kind in MEASURED for item in self.all(kind) for usage in usages(item))),
            checks=tuple(self.checks),
            alerts=tuple(self.alerts),
            samples=tuple(self.samples),
            server_version=self.server_version,
            intent_only=self.intent_only,
            misfits=dict(sorted(item for item in self._misfits.items() if item[1])) if self.intent_only else {},
        )


def _harmless(text: str) -> str:
    """Kinds and paths come from the input, and end up on a terminal."""
    return "".join(letter for letter in text if letter.isprintable())[:200]
