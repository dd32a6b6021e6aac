"""Tables of `kubectl get` into raw objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from seakeep.adapters.transcript.commands import kind_of
from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.rows import ROWS
from seakeep.adapters.transcript.times import ago, fingerprint

_HEADER = re.compile(r"^(?:NAMESPACE|NAME|POD|LAST SEEN|LAST_SEEN)(?:\s{1,}[A-Z][A-Za-z0-9 _()%-]*)*\s*$")
_GAP = re.compile(r"\s{2,}")
# Columns that tell the kind of a table whose command is not known.
_SIGNATURES = (
    ({"OBJECT", "REASON", "MESSAGE"}, "Event"),
    ({"READY", "STATUS", "RESTARTS"}, "Pod"),
    ({"UP-TO-DATE", "AVAILABLE", "DESIRED"}, "DaemonSet"),
    ({"READY", "UP-TO-DATE", "AVAILABLE"}, "Deployment"),
    ({"DESIRED", "CURRENT", "READY"}, "ReplicaSet"),
    ({"TYPE", "CLUSTER-IP", "PORT(S)"}, "Service"),
    ({"STATUS", "ROLES", "VERSION"}, "Node"),
    ({"STATUS", "VOLUME", "CAPACITY", "STORAGECLASS"}, "PersistentVolumeClaim"),
    ({"CAPACITY", "CLAIM", "STORAGECLASS"}, "PersistentVolume"),
    ({"PROVISIONER"}, "StorageClass"),
    ({"COMPLETIONS"}, "Job"),
    ({"SCHEDULE", "SUSPEND"}, "CronJob"),
    ({"REFERENCE", "MINPODS"}, "HorizontalPodAutoscaler"),
    ({"POD-SELECTOR"}, "NetworkPolicy"),
    ({"ENDPOINTS", "ADDRESSTYPE"}, "EndpointSlice"),
    ({"ENDPOINTS"}, "Endpoints"),
    ({"HOSTS", "PORTS"}, "Ingress"),
    ({"ALLOWED DISRUPTIONS"}, "PodDisruptionBudget"),
)


def is_header(line: str) -> bool:
    return bool(_HEADER.match(line)) and len(line.split()) > 1


def rows(text: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """(kind, column → value) of each row of every table in the text. A table without a header is read by the kind's usual columns."""
    columns: list[tuple[str, int]] = []
    kind = kinds[0] if len(kinds) == 1 else ""
    for line in text.splitlines():
        if is_header(line):
            columns = [(match[0].strip(), match.start()) for match in re.finditer(r"\S+(?: \S+)*", line)]
            kind = kinds[0] if len(kinds) == 1 else _kind_by({name for name, _ in columns})
            continue
        if not line.strip() or line.startswith(("Error from server", "No resources found", "error:", "Warning:")):
            continue
        values = _cells(line, columns) if columns else _headerless(line, kind)
        # Tree views (kubectl lineage, kubectl tree) draw lines before the name.
        name = values["NAME"] = values.get("NAME", "").lstrip("│├└─ ")
        if "/" in name:
            prefix, _, values["NAME"] = name.partition("/")
            yield kind_of(prefix), values
        elif kind and (name or kind == "Event"):
            yield kind, values


def _kind_by(columns: set[str]) -> str:
    return next(
        (kind for wanted, kind in _SIGNATURES if wanted <= columns),
        "StatefulSet" if {"NAME", "READY", "AGE"} <= columns else "",
    )


def _cells(line: str, columns: list[tuple[str, int]]) -> dict[str, str]:
    """By the header's positions where the row keeps to them, else by gaps of two spaces or more."""
    starts = [start for _, start in columns]
    keeps = all(start == 0 or start > len(line) or line[start - 1] == " " for start in starts)
    if keeps:
        ends = [*starts[1:], max(len(line), starts[-1]) + 1]
        return {name: line[start:end].strip() for (name, start), end in zip(columns, ends, strict=True)}
    return dict(zip((name for name, _ in columns), _GAP.split(line.strip(), maxsplit=len(columns) - 1), strict=False))


def _headerless(line: str, kind: str) -> dict[str, str]:
    """Rows that a grep left over. Which columns they have is told by what the cells look like."""
    cells = _GAP.split(line.strip())
    if kind == "Pod":
        ready = next((position for position, cell in enumerate(cells) if re.fullmatch(r"\d+/\d+", cell)), None)
        if ready is None or ready == 0 or len(cells) < ready + 4:
            return {}
        names = ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
        values = dict(zip(names, cells[ready - 1 :], strict=False))
        return {**values, **({"NAMESPACE": cells[0]} if ready == 2 else {})}
    if kind == "Event" and len(cells) >= 5:
        offset = 0 if re.match(r"^(?:\d+[dhms]|<)", cells[0]) else 1
        names = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
        values = dict(zip(names, [*cells[offset : offset + 4], "  ".join(cells[offset + 4 :])], strict=False))
        return {**values, **({"NAMESPACE": cells[0]} if offset else {})}
    return {}


def objects(text: str, kinds: tuple[str, ...], namespace: str, now: datetime) -> Iterator[Raw]:
    """Raw objects of the tables, with what the columns show and nothing else."""
    for kind, values in rows(text, kinds):
        where = values.get("NAMESPACE") or namespace or "default"
        if kind == "Event":
            event = _event(values, where, now)
            if event:
                yield event
            continue
        metadata: Raw = {"name": values["NAME"].removesuffix(" (default)"), "namespace": where}
        created = ago(now, values.get("AGE", ""))
        if created:
            metadata["creationTimestamp"] = created
        labels = values.get("LABELS", "")
        if labels and labels != "<none>":
            metadata["labels"] = dict(pair.partition("=")[::2] for pair in labels.split(","))
        convert: Callable[[dict[str, str], Raw, datetime], Raw] | None = ROWS.get(kind)
        yield {"kind": kind, "metadata": metadata, **(convert(values, metadata, now) if convert else {})}


def _event(values: dict[str, str], namespace: str, now: datetime) -> Raw | None:
    kind, _, name = values.get("OBJECT", "").partition("/")
    if not name:
        return None
    seen = values.get("LAST SEEN", values.get("LAST_SEEN", ""))
    times = re.search(r"\(x(\d+) over", seen)
    last = ago(now, seen.partition("(")[0])
    count = values.get("COUNT", "") if values.get("COUNT", "").isdigit() else times[1] if times else "1"
    kind = kind_of(kind)
    return {
        "kind": "Event",
        "metadata": {
            "name": values.get("NAME") or f"{name}.{values.get('REASON', '')}.{fingerprint(values):x}",
            "namespace": namespace,
        },
        "involvedObject": {"kind": kind, "name": name, "namespace": "" if kind == "Node" else namespace},
        "type": values.get("TYPE", ""),
        "reason": values.get("REASON", ""),
        "message": values.get("MESSAGE", ""),
        "count": int(count[:9]),
        "lastTimestamp": last,
    }
