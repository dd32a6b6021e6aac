"""`kubectl logs`: whose log it is, which may show only once all objects are known."""

from __future__ import annotations

import re

from seakeep.adapters.files.limits import LIMITS
from seakeep.adapters.transcript.commands import Command
from seakeep.adapters.transcript.failures import failed
from seakeep.adapters.transcript.gathered import Raw, is_of
from seakeep.adapters.transcript.labelled import meant, owner_name
from seakeep.adapters.transcript.logged_events import logged_events
from seakeep.adapters.transcript.notes import Notes
from seakeep.model.snapshot import Depth, Log

_POD_PREFIX = re.compile(r"^\[pod/(?P<pod>[^/\]]+)/(?P<container>[^\]]+)\] ?(?P<line>.*)$")
# A log may begin with an error of its own; kubectl's are shorter.
_LONGEST_ERROR = 2000


class Logs:
    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        # The pod that was described last: what the log of a recorder that names none is about.
        self.described: tuple[str, str] | None = None
        # Logs that were read by labels, or pasted without a command: selector and log.
        self._labelled: list[tuple[str, Log]] = []
        # Workloads whose logs were read, and of which kind they are.
        self._kinds: dict[tuple[str, str], str] = {}

    def read(self, command: Command, text: str) -> None:
        if not text.strip() or (failed(text) and len(text) < _LONGEST_ERROR):
            return
        for raw in logged_events(text, self.notes.now):
            self.notes.gathered.add(raw, Depth.FULL)
        namespace, name = command.place, ""
        if command.names:
            kind, name = command.names[0]
            if kind != "Pod":
                self._kinds[namespace, name] = kind
        elif command.guessed and self.described:
            namespace, name = self.described
        by_container: dict[tuple[str, str], list[str]] = {}
        for line in text.splitlines():
            match = _POD_PREFIX.match(line)
            key = (match["pod"], match["container"]) if match else (name, command.container)
            by_container.setdefault(key, []).append(match["line"] if match else line)
        for (pod, container), lines in by_container.items():
            found = Log(namespace, pod, container, command.previous, "\n".join(lines)[-LIMITS.log :])
            if pod:
                # `kubectl logs deployment/x` reads one of its pods without saying which: the workload's name stands for it.
                self.notes.assembly.logs.append(found)
            elif command.selector or not command.guessed:
                self._labelled.append((command.selector, found))

    def finish(self) -> None:
        for selector, log in self._labelled:
            place, name = log.namespace, owner_name(self.notes.gathered, log.namespace, selector)
            if not selector:
                place, name = meant(self.notes.gathered, spoke=True)
            if name:
                self.notes.assembly.logs.append(Log(place, name, log.container, log.previous, log.text))
        self._stand_ins()

    def _stand_ins(self) -> None:
        """Whoever's log was read exists, though nothing else showed it: of a workload's log the pod's name is not known, and the workload's stands for it."""
        gathered = self.notes.gathered
        for log in self.notes.assembly.logs:
            known = [name for name, _ in gathered.of_kind("Pod", log.namespace)]
            kind = self._kinds.get((log.namespace, log.pod), "")
            if not log.pod or log.pod in known or (kind and any(is_of(name, kind, log.pod) for name in known)):
                continue
            metadata: Raw = {"name": log.pod, "namespace": log.namespace}
            if kind:
                metadata["ownerReferences"] = [{"kind": kind, "name": log.pod, "controller": True}]
            gathered.add({"kind": "Pod", "metadata": metadata}, Depth.NAMED)
