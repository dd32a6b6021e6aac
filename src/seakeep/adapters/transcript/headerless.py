"""Table rows that a grep left over, or that `--no-headers` printed: what their cells look like tells the columns, and the kind too where the command does not."""

from __future__ import annotations

import re
from functools import cache

from seakeep.adapters.transcript.commands import kind_of
from seakeep.model.objects import CLUSTER_SCOPED

_AGE = r"(?:\d+[ydhms])+|<unknown>|<invalid>"
_COUNT = r"\d+"
_SHARE = r"\d+/\d+"
_ANY = r"[^\t]+"
_MODES = r"(?:RWO|ROX|RWX|RWOP)(?:,(?:RWO|ROX|RWX|RWOP))*"
_TEMPLATE = (("CONTAINERS", _ANY), ("IMAGES", _ANY), ("SELECTOR", _ANY))

Columns = tuple[tuple[str, str], ...]
# Kind → the columns after the name, those that may be empty marked with `?`, and what `-o wide` adds. In the order in which an unknown row is tried.
_SHAPES: dict[str, tuple[Columns, Columns]] = {
    "Pod": (
        (("READY", _SHARE), ("STATUS", r"[A-Z][\w:./-]*"), ("RESTARTS", r"\d+(?: \([^)\t]*\))?"), ("AGE", _AGE)),
        (("IP", _ANY), ("NODE", _ANY), ("NOMINATED NODE", _ANY), ("READINESS GATES", _ANY)),
    ),
    "Deployment": ((("READY", _SHARE), ("UP-TO-DATE", _COUNT), ("AVAILABLE", _COUNT), ("AGE", _AGE)), _TEMPLATE),
    "DaemonSet": (
        (
            *((name, _COUNT) for name in ("DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE")),
            ("NODE SELECTOR", _ANY),
            ("AGE", _AGE),
        ),
        _TEMPLATE,
    ),
    "ReplicaSet": ((("DESIRED", _COUNT), ("CURRENT", _COUNT), ("READY", _COUNT), ("AGE", _AGE)), _TEMPLATE),
    "Job": (
        (
            ("STATUS", r"Complete|Running|Failed|Suspended|Terminating|SuccessCriteriaMet|FailureTarget"),
            ("COMPLETIONS", r"\d+/\d+(?: of \d+)?"),
            ("DURATION?", _AGE),
            ("AGE", _AGE),
        ),
        _TEMPLATE,
    ),
    "Service": (
        (
            ("TYPE", "ClusterIP|NodePort|LoadBalancer|ExternalName"),
            ("CLUSTER-IP", _ANY),
            ("EXTERNAL-IP", _ANY),
            ("PORT(S)", _ANY),
            ("AGE", _AGE),
        ),
        (("SELECTOR", _ANY),),
    ),
    # A claim on its way out has more cells.
    "Namespace": ((("STATUS", "Terminating"), ("AGE", _AGE)), ()),
    "PersistentVolumeClaim": (
        (
            ("STATUS", "Bound|Pending|Lost|Terminating"),
            ("VOLUME?", rf"[^\t]+(?=\t\d[\w.]*\t{_MODES}(?:\t|$))"),
            ("CAPACITY?", r"\d[\w.]*"),
            ("ACCESS MODES?", _MODES),
            ("STORAGECLASS?", r"[^\t]*[a-z]{2}[^\t]*"),
            ("VOLUMEATTRIBUTESCLASS?", r"[^\t]+"),
            ("AGE", _AGE),
        ),
        (("VOLUMEMODE", "Filesystem|Block"),),
    ),
    "PersistentVolume": (
        (
            ("CAPACITY", r"\d[\w.]*"),
            ("ACCESS MODES", _MODES),
            ("RECLAIM POLICY", "Delete|Retain|Recycle"),
            ("STATUS", "Available|Bound|Released|Failed|Pending|Terminating"),
            ("CLAIM?", r"[^\t]+/[^\t]+"),
            ("STORAGECLASS?", r"[^\t]*[a-z]{2}[^\t]*"),
            ("VOLUMEATTRIBUTESCLASS?", r"[^\t]+"),
            ("AGE", _AGE),
        ),
        (("VOLUMEMODE", "Filesystem|Block"),),
    ),
    "Node": (
        (("STATUS", r"(?:Not)?Ready(?:,\w+)*|Unknown"), ("ROLES", _ANY), ("AGE", _AGE), ("VERSION", r"v\d[^\t]*")),
        (
            ("INTERNAL-IP", _ANY),
            ("EXTERNAL-IP", _ANY),
            ("OS-IMAGE", _ANY),
            ("KERNEL-VERSION", _ANY),
            ("CONTAINER-RUNTIME", _ANY),
        ),
    ),
    "HorizontalPodAutoscaler": (
        (
            ("REFERENCE", r"[A-Z]\w+/[^\t]+"),
            ("TARGETS", _ANY),
            ("MINPODS", _COUNT),
            ("MAXPODS", _COUNT),
            ("REPLICAS", _COUNT),
            ("AGE", _AGE),
        ),
        (),
    ),
    "Usage": ((("CPU(cores)", r"\d+[mnu]?"), ("MEMORY(bytes)", r"\d+[KMGT]i")), ()),
}
# Rows too plain to be told from others: read only where the command names the kind.
_PLAIN_SHAPES: dict[str, tuple[Columns, Columns]] = {
    "StatefulSet": ((("READY", _SHARE), ("AGE", _AGE)), _TEMPLATE[:2]),
    "Job": (
        (("COMPLETIONS", r"\d+/\d+(?: of \d+)?"), ("DURATION?", _AGE), ("AGE", _AGE)),
        _TEMPLATE,
    ),
    "CronJob": (
        (
            ("SCHEDULE", _ANY),
            ("TIMEZONE?", _ANY),
            ("SUSPEND", "True|False"),
            ("ACTIVE", _COUNT),
            ("LAST SCHEDULE", f"{_AGE}|<none>"),
            ("AGE", _AGE),
        ),
        _TEMPLATE,
    ),
    "Namespace": ((("STATUS", "Active|Terminating"), ("AGE", _AGE)), ()),
    "Endpoints": ((("ENDPOINTS", r"<none>|[^\t]*:\d+[^\t]*"), ("AGE", _AGE)), ()),
    "EndpointSlice": (
        (("ADDRESSTYPE", "IPv4|IPv6|FQDN"), ("PORTS", _ANY), ("ENDPOINTS", _ANY), ("AGE", _AGE)),
        (),
    ),
    "PodDisruptionBudget": (
        (("MIN AVAILABLE", _ANY), ("MAX UNAVAILABLE", _ANY), ("ALLOWED DISRUPTIONS", _COUNT), ("AGE", _AGE)),
        (),
    ),
    "StorageClass": (
        (
            ("PROVISIONER", _ANY),
            ("RECLAIMPOLICY", "Delete|Retain"),
            ("VOLUMEBINDINGMODE", r"Immediate|WaitForFirstConsumer"),
            ("ALLOWVOLUMEEXPANSION", "true|false"),
            ("AGE", _AGE),
        ),
        (),
    ),
    "NetworkPolicy": ((("POD-SELECTOR", _ANY), ("AGE", _AGE)), ()),
    "Usage": (
        (("CPU(cores)", r"\d+[mnu]?"), ("CPU(%)", r"\d+%"), ("MEMORY(bytes)", r"\d+[KMGT]i"), ("MEMORY(%)", r"\d+%")),
        (),
    ),
}
_GAP = re.compile(r"[ \t]{2,}")
# `get events` before 1.14: last and first seen, count, the event's own name, kind, part, type, reason, source, message.
_OLD_NAME = re.compile(r"(?P<name>[a-z0-9][\w.-]*)\.[0-9a-f]{14,16}")
_EVENT_AGE = re.compile(r"^(?:\d+[ydhms]|<)")


@cache
def _pattern(
    columns: Columns, wide: Columns, *, scoped: bool, labels: bool | None
) -> tuple[re.Pattern[str], tuple[str, ...]]:
    names = [*(("NAMESPACE",) if scoped else ()), "NAME"]
    source = (r"(?:(?P<c0>[a-z0-9][a-z0-9-]*)\t)?" if scoped else "") + rf"(?P<c{len(names) - 1}>[^\t]+)"
    for name, form in columns:
        piece = rf"\t(?P<c{len(names)}>{form})"
        source += f"(?:{piece})?" if name.endswith("?") else piece
        names.append(name.rstrip("?"))
    tail = ""
    for position, (_, form) in reversed(list(enumerate(wide))):
        tail = rf"(?:\t(?P<c{len(names) + position}>{form}){tail})?"
    names += [name for name, _ in wide]
    if labels is not False:
        tail += rf"(?:\t(?P<c{len(names)}>[^\t]*=[^\t]*|<none>)){'' if labels else '?'}"
        names.append("LABELS")
    return re.compile(source + tail), tuple(names)


def row(
    line: str,
    kinds: tuple[str, ...],
    headers: dict[str, tuple[str, ...]] | None = None,
    labels: bool | None = None,
) -> tuple[str, dict[str, str]] | None:
    """(kind, column → value), or None where the line is like no row of these kinds (of any kind, where none is given). `labels` tells whether they were asked for, None that nobody knows."""
    cells = _GAP.split(line.strip())
    prefixed = next((cell for cell in cells[:2] if re.fullmatch(r"[a-z][a-z0-9.]*/[^/\s]+", cell)), "")
    wanted = (kind_of(prefixed.partition("/")[0]),) if prefixed else kinds
    if "Event" in wanted or not wanted:
        event = _event(cells)
        if event:
            return "Event", event
    joined = "\t".join(cells)
    for kind in wanted or tuple(_SHAPES):
        shapes = [_SHAPES.get(kind), _PLAIN_SHAPES.get(kind) if wanted else None]
        for shape in shapes:
            if shape is None:
                continue
            pattern, names = _pattern(*shape, scoped=kind not in CLUSTER_SCOPED, labels=labels)
            match = pattern.fullmatch(joined)
            if match:
                found = (match[f"c{position}"] for position in range(len(names)))
                return kind, {name: value for name, value in zip(names, found, strict=True) if value is not None}
    names = (headers or {}).get(wanted[0], ()) if len(wanted) == 1 else ()
    return (wanted[0], dict(zip(names, cells, strict=True))) if len(names) == len(cells) > 1 else None


def _event(cells: list[str]) -> dict[str, str] | None:
    if len(cells) > 8 and _OLD_NAME.fullmatch(cells[3]) and cells[2].isdigit():
        return _old_event(cells)
    offset = 0 if _EVENT_AGE.match(cells[0]) else 1
    if len(cells) < offset + 5 or not _EVENT_AGE.match(cells[offset]) or cells[offset + 1] not in {"Normal", "Warning"}:
        return None
    names = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
    values = dict(zip(names, [*cells[offset : offset + 4], "  ".join(cells[offset + 4 :])], strict=True))
    return {**values, **({"NAMESPACE": cells[0]} if offset else {})}


def _old_event(cells: list[str]) -> dict[str, str] | None:
    at = next((place for place in (5, 6) if cells[place] in {"Normal", "Warning"}), 0)
    match = _OLD_NAME.fullmatch(cells[3])
    if not at or match is None or len(cells) < at + 4:
        return None
    return {
        "LAST SEEN": cells[0] if _EVENT_AGE.match(cells[0]) and "-" not in cells[0] else "",
        "TYPE": cells[at],
        "REASON": cells[at + 1],
        "OBJECT": f"{cells[4]}/{match['name']}",
        "MESSAGE": "  ".join(cells[at + 3 :]),
        "COUNT": cells[2],
    }
