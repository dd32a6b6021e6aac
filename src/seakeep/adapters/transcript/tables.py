"""Tables of `kubectl get` into raw objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from seakeep.adapters.transcript import headerless
from seakeep.adapters.transcript.commands import kind_of
from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.rows import ROWS
from seakeep.adapters.transcript.times import ago, fingerprint

_FIRST = {"NAMESPACE", "NAME", "POD", "LAST", "LAST_SEEN"}
_HEADING = re.compile(r"[A-Z][A-Za-z0-9_()%./-]*")
_WIDE_HEADING = re.compile(r"\S+(?: \S+)*")
_CLOSE_HEADING = re.compile(
    r"LAST SEEN|LAST SCHEDULE|NOMINATED NODE|READINESS GATES|NODE SELECTOR|(?:ACCESS|VOLUME) MODES?|RECLAIM POLICY|(?:MIN|MAX) (?:UN)?AVAILABLE|ALLOWED DISRUPTIONS|\S+"
)
_WORD = re.compile(r"\S+ \((?:x\d+ over \w+|\w+ ago)\)|\S+")
# Columns that somebody cut out.
_LEFT_OUT = frozenset({"...", "\u2026"})
_GAP = re.compile(r"\s{2,}")
_NO_ROW = ("Error from server", "No resources found", "error:", "Warning:")
# Looser than the API's rule: RBAC names have colons, tables mark the default StorageClass.
_NAME = re.compile(r"[A-Za-z0-9_*][\w.:@*-]{0,252}(?: \(default\))?")
# Columns that tell the kind of a table whose command is not known.
_SIGNATURES = (
    ({"OBJECT", "REASON", "MESSAGE"}, "Event"),
    ({"READY", "STATUS", "RESTARTS"}, "Pod"),
    ({"UP-TO-DATE", "AVAILABLE", "DESIRED", "READY"}, "DaemonSet"),
    ({"UP-TO-DATE", "AVAILABLE", "DESIRED"}, "Deployment"),
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


_COMMON = {"NAMESPACE", "NAME", "AGE", "STATUS", "LABELS"}
_STATEFUL = {"NAMESPACE", "NAME", "READY", "AGE", "CONTAINERS", "IMAGES", "LABELS"}


def is_header(line: str) -> bool:
    words = line.split()
    heads = [word for word in words if word not in _LEFT_OUT]
    return len(heads) > 1 and line.startswith(words[0]) and words[0] in _FIRST and all(map(_HEADING.fullmatch, heads))


def rows(
    text: str,
    kinds: tuple[str, ...],
    headers: dict[str, tuple[str, ...]] | None = None,
    labels: bool | None = None,
) -> Iterator[tuple[str, dict[str, str]]]:
    """(kind, column → value) of each row of every table in the text. `headers` remembers the columns that each kind was last shown with: rows without a header have the same."""
    columns: list[tuple[str, int]] = []
    close = False
    first: set[str] = set()
    kind = kinds[0] if len(kinds) == 1 else ""
    for line in text.splitlines():
        if is_header(line):
            close = not re.search(r"\S {2,}\S", line)
            heads = _CLOSE_HEADING if close else _WIDE_HEADING
            columns = [(match[0].strip(), match.start()) for match in heads.finditer(line)]
            names = {name for name, _ in columns}
            # Heads of another sort are those of a further command on the same line (`get po; get app`).
            first = first or names
            same = names == first or bool((first & names) - _COMMON)
            kind = kinds[0] if len(kinds) == 1 and same else _kind_by(names)
            if headers is not None and kind:
                headers[kind] = tuple(name for name, _ in columns)
            continue
        if not line.strip() or line.startswith(_NO_ROW):
            continue
        if columns and close:
            of, values = _close_cells(line, kind, columns)
        elif columns:
            of, values = kind, _cells(line, columns)
        else:
            of, values = headerless.row(line, kinds, headers, labels) or ("", {})
        # Tree views (kubectl lineage, kubectl tree) draw lines before the name.
        name = values.get("NAME", "").lstrip("│├└─ ")
        prefix, slash, rest = name.partition("/")
        of, values["NAME"] = (kind_of(prefix), rest) if slash else (of, name)
        values = {head: cell for head, cell in values.items() if head not in _LEFT_OUT}
        if of == "Event" or (
            of
            and not values["NAME"].endswith(":")
            and _NAME.fullmatch(values["NAME"])
            and not (columns and _is_stray(of, values))
        ):
            yield of, values


def _is_stray(kind: str, values: dict[str, str]) -> bool:
    """Other text below a table: a pod's row has a READY cell like 1/1 where the table has that column, a node's a STATUS that says whether it is ready."""
    if kind == "Node":
        return not re.fullmatch(r"(?:(?:Not)?Ready|Unknown)(?:,\w+)*|", values.get("STATUS", ""))
    return kind == "Pod" and not re.fullmatch(r"\d+/\d+|", values.get("READY", ""))


def _kind_by(columns: set[str]) -> str:
    return next(
        (kind for wanted, kind in _SIGNATURES if wanted <= columns),
        "StatefulSet" if {"NAME", "READY", "AGE"} <= columns <= _STATEFUL else "",
    )


def _close_cells(line: str, kind: str, columns: list[tuple[str, int]]) -> tuple[str, dict[str, str]]:
    """Of a table whose gaps a chat closed to one space, or turned into tabs: word by word, what is in brackets with the word before it, and a message to its end."""
    cells = line.strip().split("\t") if "\t" in line else _WORD.findall(line)
    if columns[-1][0] == "MESSAGE" and len(cells) > len(columns):
        rest = line.strip()
        for cell in cells[: len(columns) - 1]:
            rest = rest[len(cell) :].lstrip()
        cells = [*cells[: len(columns) - 1], rest]
    if len(cells) == len(columns):
        return kind, {name: cell.strip() for (name, _), cell in zip(columns, cells, strict=True)}
    return headerless.row("  ".join(cells), (kind,) if kind else ()) or ("", {})


def _cells(line: str, columns: list[tuple[str, int]]) -> dict[str, str]:
    """By the header's positions where the row keeps to them, else by gaps of two spaces or more."""
    starts = [start for _, start in columns]
    gaps = _GAP.split(line.strip())
    # As many cells as heads, whatever became of their places.
    if len(gaps) == len(columns) and not line.startswith(" ") and columns[-1][0] != "MESSAGE":
        return {name: cell for (name, _), cell in zip(columns, gaps, strict=True)}
    keeps = all(start == 0 or start > len(line) or line[start - 1] == " " for start in starts)
    if keeps:
        ends = [*starts[1:], max(len(line), starts[-1]) + 1]
        return {name: line[start:end].strip() for (name, start), end in zip(columns, ends, strict=True)}
    return dict(zip((name for name, _ in columns), _GAP.split(line.strip(), maxsplit=len(columns) - 1), strict=False))


def objects(
    text: str,
    kinds: tuple[str, ...],
    namespace: str,
    now: datetime,
    headers: dict[str, tuple[str, ...]] | None = None,
    labels: bool | None = None,
    label_columns: tuple[str, ...] = (),
) -> Iterator[Raw]:
    """Raw objects of the tables, with what the columns show and nothing else. `label_columns` are the labels that `-L` asked for."""
    titles = {label.rpartition("/")[2].upper(): label for label in label_columns}
    for kind, values in rows(text, kinds, headers, labels):
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
        shown = values.get("LABELS", "")
        if shown and shown != "<none>":
            metadata["labels"] = dict(pair.partition("=")[::2] for pair in shown.split(","))
        for title, label in titles.items():
            if values.get(title):
                metadata.setdefault("labels", {})[label] = values[title]
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
