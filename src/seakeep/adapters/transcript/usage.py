"""`kubectl top`."""

from __future__ import annotations

import re

from seakeep.adapters.transcript import tables
from seakeep.adapters.transcript.commands import Command
from seakeep.adapters.transcript.notes import Notes
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.snapshot import Usage

_NO_USAGE = re.compile(
    r"(?P<reason>Metrics API not available|metrics not available yet|the server is currently unable to handle the request \(get \w+\.metrics\.k8s\.io[^)]*\)|the server could not find the requested resource \(get (?:services http:heapster|\w+\.metrics\.k8s\.io)[^)]*\))"
)


def read_usage(notes: Notes, command: Command, text: str) -> None:
    if refused := _NO_USAGE.search(text):
        kind = "NodeMetrics" if "Node" in command.kinds else "PodMetrics"
        notes.unread(kind, command, refused["reason"])
    for _, row in tables.rows(text, ("Usage",)):
        node = "Node" in command.kinds or "CPU(%)" in row or "CPU%" in row
        pod = row.get("POD")
        try:
            cpu, memory = milli(row.get("CPU(cores)", "")), value(row.get("MEMORY(bytes)", ""))
        except QuantityError:
            continue
        namespace = "" if node else row.get("NAMESPACE") or command.place
        container = row["NAME"] if pod else ""
        notes.assembly.usage.append(Usage(namespace, pod or row.get("NAME", ""), container, cpu, memory))
