"""Cases of catalog leaves, as data.

A case is a mapping: `name`; `expect` (a list of `{id?, object: Kind/namespace/name, says?: words of its summary or of what settles it}`, or `none`); and a snapshot: `objects` (Kubernetes objects; namespace `default` where a
namespaced kind leaves it out), `logs` ({pod: ns/name, container, previous, text}), `checks`, `alerts`, `usage`, `samples` (fields as in `model.snapshot`),
`now` (ISO time), and what was read: every kind everywhere by default, or with `partial: true` only the pairs in `complete` ([kind, namespace]).
`manifests: true` makes the objects plain manifests, of which nothing runs.
`depth` maps objects (`Kind/namespace/name`) to TABLE, DESCRIBED … where they were not seen in full. `transcript` is kubectl's output, which adds what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.transcript.read import fill
from seakeep.model.objects import CLUSTER_SCOPED, STRUCTS
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Alert, Check, Depth, Log, Sample, Snapshot, Usage

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def parse_ref(text: str) -> Ref:
    """`Kind/namespace/name`, or `Kind/name` for cluster-scoped kinds."""
    kind, *rest = text.split("/")
    return Ref(kind, rest[0] if len(rest) == 2 else "", rest[-1])


def load_cases(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        yield from yaml.safe_load(stream)


def snapshot_of(case: Mapping[str, Any]) -> Snapshot:
    """The snapshot that a case describes. Raises ValueError where an object of the case cannot be read."""
    assembly = Assembly("case")
    assembly.taken_at = _time(case.get("now")) or NOW
    refs: set[Ref] = set()
    depths = {parse_ref(text): Depth[name] for text, name in case.get("depth", {}).items()}
    for raw in case.get("objects", ()):
        metadata = {**raw.get("metadata", {})}
        if raw.get("kind") not in CLUSTER_SCOPED:
            metadata.setdefault("namespace", "default")
        ref = Ref(raw.get("kind", ""), metadata.get("namespace", ""), metadata.get("name", ""))
        refs.add(ref)
        assembly.add_raw({**raw, "metadata": metadata}, depths.get(ref, Depth.FULL))
    if assembly.unread:
        raise ValueError(f"case {case.get('name')!r}: {assembly.unread}")
    if case.get("transcript"):
        fill(case["transcript"], assembly)
    for entry in case.get("logs", ()):
        namespace, _, pod = entry["pod"].rpartition("/")
        assembly.logs.append(
            Log(namespace or "default", pod, entry.get("container", ""), entry.get("previous", False), entry["text"])
        )
    for entry in case.get("checks", ()):
        assembly.checks.append(
            Check(
                probe=entry["probe"],
                origin=parse_ref(entry["origin"]),
                target=entry["target"],
                port=entry.get("port", 0),
                outcome=entry["outcome"],
                detail=entry.get("detail", ""),
                time=_time(entry.get("time")),
                latency=entry.get("latency"),
            )
        )
    for entry in case.get("alerts", ()):
        assembly.alerts.append(
            Alert(
                entry["name"],
                entry.get("labels", {}),
                entry.get("annotations", {}),
                _time(entry.get("starts_at")),
                entry.get("state", "firing"),
            )
        )
    for entry in case.get("usage", ()):
        assembly.usage.append(
            Usage(entry.get("namespace", ""), entry["name"], entry.get("container", ""), entry["cpu"], entry["memory"])
        )
    for entry in case.get("samples", ()):
        assembly.samples.append(
            Sample(entry["name"], entry.get("labels", {}), float(entry["value"]), _time(entry.get("time")))
        )
    if case.get("manifests"):
        for kind, namespace in {(ref.kind, ref.namespace) for ref in refs}:
            assembly.listed(kind, namespace or "*")
        assembly.intent_only = True
    elif case.get("partial") or case.get("transcript"):
        for kind, namespace in case.get("complete", ()):
            assembly.listed(kind, namespace)
    else:
        for _, kind in STRUCTS:
            assembly.listed(kind)
    return assembly.snapshot()


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(str(value))
