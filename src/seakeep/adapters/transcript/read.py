"""Reads a whole transcript."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import structs

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.limits import LIMITS
from seakeep.adapters.transcript import split, tables
from seakeep.adapters.transcript.checks import certificate_dates, check_of
from seakeep.adapters.transcript.commands import Command, chosen_namespace, guess, kind_of, parse
from seakeep.adapters.transcript.describe import described, fragment
from seakeep.adapters.transcript.forms import Form, form_of
from seakeep.adapters.transcript.gathered import Gathered, Raw, is_of
from seakeep.adapters.transcript.labelled import equalities, one_of, owner_name
from seakeep.adapters.transcript.machines import backend_check, journal_events, machine_check, was_not_run
from seakeep.adapters.transcript.manifests import documents
from seakeep.adapters.transcript.paths import columns, expression, fields
from seakeep.adapters.transcript.pieces import pieces
from seakeep.adapters.transcript.refusals import refused_writes
from seakeep.adapters.transcript.screen import cleaned
from seakeep.adapters.transcript.times import FIXED_NOW, time_of
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.refs import Ref
from seakeep.model.snapshot import EVERYWHERE, Depth, Log, Snapshot, Unread, Usage

_MAX = 64 * 1024**2
_CUSTOM = {"custom-columns", "custom-columns-file", "jsonpath", "go-template", "jsonpath-as-json", "name"}
_NOT_FOUND = re.compile(r"Error from server \(NotFound\): (?P<kind>[\w.-]+) \"(?P<name>[^\"]+)\" not found")
_FORBIDDEN = re.compile(r"Error from server \(Forbidden\): (?P<kind>[\w.-]+)(?: \"[^\"]*\")? is forbidden")
_EMPTY = re.compile(r"No resources found(?: in (?P<namespace>\S+) namespace)?")
_NO_USAGE = re.compile(
    r"(?P<reason>Metrics API not available|metrics not available yet|the server is currently unable to handle the request \(get \w+\.metrics\.k8s\.io[^)]*\)|the server could not find the requested resource \(get (?:services http:heapster|\w+\.metrics\.k8s\.io)[^)]*\))"
)
_LOOKS = {"get", "describe", "logs", "exec", "rollout", "top", "events"}
_SHELL = re.compile(r"(?:/\S*/)?(?:ba|z|a|k)?sh(?: -l| -i)?")
_GREETING = re.compile(
    r"^(?:Defaulted container|If you don't see a command prompt|Unable to use a TTY|kubectl exec \[POD\]).*$",
    re.MULTILINE,
)
_SSH = re.compile(r"ssh (?:-\w+ )*(?:\w[\w.-]*@)?(?P<host>[\w.-]+)")
_POD_PREFIX = re.compile(r"^\[pod/(?P<pod>[^/\]]+)/(?P<container>[^\]]+)\] ?(?P<line>.*)$")


def read_transcript(text: str, source: str) -> Snapshot:
    """Raises SourceError where the text is too large, or holds nothing that kubectl prints."""
    assembly = Assembly(source)
    understood = fill(text, assembly)
    snapshot = assembly.snapshot()
    if (
        not understood
        and not snapshot.objects
        and not snapshot.logs
        and not snapshot.checks
        and not snapshot.usage
        and not snapshot.absent
        and not snapshot.complete
        and not snapshot.unread
    ):
        raise SourceError(
            f"{source} holds no kubectl output that Seakeep understands",
            "Paste the commands too: `$ kubectl get pods -A`, then what it printed.",
        )
    return snapshot


def fill(text: str, assembly: Assembly) -> bool:
    """Add what a transcript shows to an assembly. Whether a command in it looked at something that Seakeep knows, though its output may show nothing."""
    if len(text) > _MAX:
        raise SourceError("the transcript is too large", "Leave out the longest logs.")
    text = cleaned(text)
    now = time_of(text)
    assembly.taken_at = assembly.taken_at or now
    reader = _Reader(assembly, now or assembly.taken_at or FIXED_NOW)
    for command, output in split.pairs(text):
        reader.read(command, output)
    if assembly.taken_at is None:
        assembly.taken_at = FIXED_NOW
    reader.finish()
    return reader.looked


class _Reader:
    def __init__(self, assembly: Assembly, now: datetime) -> None:
        self.assembly = assembly
        self.now = now
        self.gathered = Gathered()
        self.headers: dict[str, tuple[str, ...]] = {}
        # Whether anything was looked at.
        self.looked = False
        # What the shell's context was set to; "" until somebody does.
        self.namespace = ""
        # Where a shell was opened.
        self.inside: Ref | None = None
        # The pod that was described last: what the log of a recorder that names none is about.
        self.pod: tuple[str, str] | None = None
        # Logs that were read by labels, until all objects are known: selector and log.
        self.labelled: list[tuple[str, Log]] = []
        # Descriptions by labels whose names a filter took, likewise.
        self.partly: list[tuple[Command, str, str]] = []
        # Workloads whose logs were read, and of which kind they are.
        self.read_of: dict[tuple[str, str], str] = {}
        # What machines' journals said, until their full names are known.
        self.journal: list[Raw] = []

    def read(self, line: str, output: Any) -> None:
        self.namespace = chosen_namespace(line) or self.namespace
        command = parse(line) or guess(line)
        self.looked = self.looked or (command.verb in _LOOKS and not command.guessed and not _failed(str(output)))
        if self.namespace and not command.namespace and not command.everywhere:
            command = replace(command, namespace=self.namespace)
        if isinstance(output, dict | list):
            self._values(command, output)
            return
        if not isinstance(output, str):
            return
        text = output
        self._errors(command, text)
        about = f"{command.namespace or 'default'}/{command.names[0][1]}" if command.names else ""
        self._enter(command, line, text)
        found = backend_check(text, command.verb, about) if command.verb else machine_check(line, text)
        if found is None and not command.verb and self.inside:
            found = check_of(self.inside, tuple(line.split()), text)
        if found:
            self.assembly.checks.append(found)
            return
        if dated := certificate_dates(command.kinds, command.names, command.namespace, line, text):
            self.assembly.checks.append(dated)
            return
        if not command.verb:
            self.journal += journal_events(line, text, self.now)
        if command.guessed and form_of(text, "", command.kinds) is not Form.OTHER:
            self._shown(command, text)
            return
        if self._narrow(command, line, text):
            return
        match command.verb:
            case "logs" | "log":
                self._logs(command, text)
            case "exec" | "debug" | "run":
                self._check(command, text)
            case "top":
                self._top(command, text)
            case "version":
                match_ = re.search(r"Server Version: (?:version\.Info\{.*?GitVersion:\")?(v[\d.]+[\w.+-]*)", text)
                if match_:
                    self.assembly.server_version = match_[1]
            case _:
                self._shown(command, text)

    def _enter(self, command: Command, line: str, text: str) -> None:
        """A shell that was opened in a pod (`exec -it web-0 -- sh`) or on a machine: what follows without kubectl is run there, until somebody leaves."""
        if (
            command.verb == "exec"
            and command.names
            and not _GREETING.sub("", text).strip()
            and _SHELL.fullmatch(" ".join(command.inner))
        ):
            self.inside = Ref(command.names[0][0], command.namespace or "default", command.names[0][1])
        elif match := _SSH.fullmatch(line.strip()):
            self.inside = Ref("Node", "", match["host"])
        elif command.verb or line.strip() in {"exit", "logout"}:
            self.inside = None

    def finish(self) -> None:
        for command, line, text in self.partly:
            self._narrow(command, line, text, finishing=True)
        for selector, log in self.labelled:
            name = owner_name(self.gathered, log.namespace, selector)
            if name:
                self.assembly.logs.append(Log(log.namespace, name, log.container, log.previous, log.text))
        self._stand_ins()
        for raw in self.journal:
            about = raw["involvedObject"]
            self.gathered.add({**raw, "involvedObject": {**about, "name": self._node(about["name"])}}, Depth.FULL)
        self.assembly.checks = [
            structs.replace(check, origin=Ref("Node", "", self._node(check.origin.name)))
            if check.origin.kind == "Node"
            else check
            for check in self.assembly.checks
        ]
        self.gathered.into(self.assembly)

    def _stand_ins(self) -> None:
        """Whoever's log was read exists, though nothing else showed it: of a workload's log the pod's name is not known, and the workload's stands for it."""
        for log in self.assembly.logs:
            known = [name for name, _ in self.gathered.of_kind("Pod", log.namespace)]
            kind = self.read_of.get((log.namespace, log.pod), "")
            if not log.pod or log.pod in known or (kind and any(is_of(name, kind, log.pod) for name in known)):
                continue
            metadata: Raw = {"name": log.pod, "namespace": log.namespace}
            if kind:
                metadata["ownerReferences"] = [{"kind": kind, "name": log.pod, "controller": True}]
            self.gathered.add({"kind": "Pod", "metadata": metadata}, Depth.NAMED)

    def _node(self, host: str) -> str:
        """A prompt and `ssh` have the first part of a machine's name where the node has all of it."""
        names = [name for name, _ in self.gathered.of_kind("Node", "")]
        longer = [name for name in names if name.startswith(f"{host}.")]
        return longer[0] if host not in names and len(longer) == 1 else host

    def _shown(self, command: Command, text: str) -> None:
        """What get, describe and events print, or the same without a command that is known."""
        custom = command.output.partition("=")[0] in _CUSTOM
        first, *others = self._parts(command, text)
        text = first
        for part in others:
            self._shown(Command(verb="", namespace=command.namespace, guessed=True), part)
        if command.output == "name":
            text = "\n".join(["NAME  AGE", *(f"{line.strip()}  ." for line in text.splitlines() if "/" in line)])
        match form_of(text, command.output, command.kinds, self.headers):
            case Form.MANIFEST if not custom:
                self._manifest(command, text)
            case Form.DESCRIPTION:
                self._described(command, text)
            case Form.USAGE:
                self._top(command, text)
            case Form.TABLE:
                self._table(command, text, custom=custom)

    def _parts(self, command: Command, text: str) -> list[str]:
        """A text without commands shows one thing after another: a table begins with its heads, a description with its object's name."""
        if command.verb:
            return [text]
        found: list[list[str]] = [[]]
        for line in text.split("\n"):
            if found[-1] and (tables.is_header(line) or re.match(r"Name:[ \t]+\S", line)):
                found.append([])
            found[-1].append(line)
        return ["\n".join(part) for part in found]

    def _narrow(self, command: Command, line: str, text: str, *, finishing: bool = False) -> bool:
        """What shows parts of objects: chosen fields, and what a filter left of a description or a manifest."""
        if command.verb not in {"get", "describe"} or len(command.kinds) != 1 or _failed(text):
            return False
        kind, name = command.kinds[0], command.names[0][1] if len(command.names) == 1 else ""
        found: list[Raw] = []
        form, _, chosen = command.output.partition("=")
        if command.verb == "describe":
            if re.search(r"^Name:", text, re.MULTILINE):
                return False
            where = command.namespace or "default"
            chosen = command.flags.get("-l", command.flags.get("--selector", ""))
            name = name or (one_of(self.gathered, kind, where, chosen) if chosen else "")
            found = list(fragment(text, command.kinds, name, where, self.now))
            if not found and chosen and kind == "Pod" and not finishing:
                self.partly.append((command, line, text))
                return True
        elif form == "custom-columns":
            found = list(columns(chosen, text))
        elif asked := expression(command.output, line):
            found = list(fields(asked, text, name))
        elif form == "yaml" and command.piped and name and kind != "Secret":
            found = [] if re.search(r"^kind:", text, re.MULTILINE) else list(pieces(text, kind, name))
        if found and name and kind != "Event":
            where = "" if kind in CLUSTER_SCOPED else command.namespace or "default"
            self.assembly.asked.add(Ref(kind, where, name))
            self.gathered.add({"kind": kind, "metadata": {"name": name, "namespace": where}}, Depth.NAMED)
        for raw in found:
            metadata = {**raw["metadata"]}
            metadata.setdefault("namespace", command.namespace or "default")
            parts = {key: part for key, part in raw.items() if key not in {"kind", "metadata"}}
            event = raw.get("kind") == "Event"
            depth = Depth.FULL if event else Depth.TABLE if parts else Depth.NAMED
            if kind == "Secret":
                parts = {}
            self.gathered.add(
                {"kind": kind, **raw, "metadata": metadata} if event else {"kind": kind, **parts, "metadata": metadata},
                depth,
            )
        # What is left of a description is no table.
        return bool(found) or (command.verb == "describe" and not any(map(tables.is_header, text.splitlines())))

    def _described(self, command: Command, text: str) -> None:
        for raw in described(text, command.kinds, command.namespace, self.now):
            depth = Depth.NAMED if raw.pop("named", False) else Depth.DESCRIBED
            if raw["kind"] == "Pod" and depth is Depth.DESCRIBED:
                self.pod = (raw["metadata"]["namespace"], raw["metadata"]["name"])
            self.gathered.add(raw, depth)

    def _table(self, command: Command, text: str, *, custom: bool) -> None:
        labels = "--show-labels" in command.flags if command.verb == "get" and not command.guessed else None
        headers = {} if custom else self.headers
        node = re.search(r"\bspec\.nodeName=([\w.-]+)", command.flags.get("--field-selector", ""))
        marks = command.flags.get("-L", command.flags.get("--label-columns", ""))
        columns_of = tuple(mark for mark in marks.split(",") if mark)
        # What was listed by labels has them, whether a column shows them or not.
        selector = command.flags.get("-l", command.flags.get("--selector", ""))
        chosen = dict(equalities(selector)) if command.verb == "get" else {}
        loose = not command.verb and not command.namespace and "NAMESPACE" not in text
        for raw in tables.objects(text, command.kinds, command.namespace, self.now, headers, labels, columns_of):
            if chosen and raw["kind"] != "Event":
                raw["metadata"].setdefault("labels", {}).update(chosen)
            if custom:
                # Columns of the user's own choice: only that the object exists is certain.
                raw = {key: raw[key] for key in ("kind", "metadata")}  # noqa: PLW2901
                self.gathered.add(raw, Depth.NAMED, loose=loose)
            else:
                if node and raw["kind"] == "Pod":
                    raw["spec"] = {**raw.get("spec", {}), "nodeName": node[1]}
                self.gathered.add(raw, Depth.TABLE if raw["kind"] != "Event" else Depth.FULL, loose=loose)
        if command.verb == "get" and command.whole and not _failed(text):
            for kind in command.kinds:
                self.assembly.listed(kind, EVERYWHERE if command.everywhere else command.namespace or "default")

    def _manifest(self, command: Command, text: str) -> None:
        kind = command.kinds[0] if command.kinds else "object"
        try:
            found, whole = documents(text)
        except SourceError:
            self.assembly.unread.append(Unread(kind, command.namespace, "cut off or not valid"))
            return
        if not whole:
            self.assembly.unread.append(Unread(kind, command.namespace, "cut off"))
            command = replace(command, whole=False)
        for document in found:
            self._values(command, document)

    def _values(self, command: Command, value_: Any) -> None:
        if isinstance(value_, list):
            for item in value_:
                self._values(command, item)
            return
        if not isinstance(value_, dict):
            return
        kind = value_.get("kind")
        if isinstance(kind, str) and kind.endswith("List") and isinstance(value_.get("items"), list):
            for item in value_["items"]:
                if isinstance(item, dict):
                    self._values(command, {"kind": kind.removesuffix("List"), **item} if kind != "List" else item)
            if command.whole:
                for name in command.kinds or ((kind.removesuffix("List"),) if kind != "List" else ()):
                    self.assembly.listed(name, EVERYWHERE if command.everywhere else command.namespace or "default")
        elif isinstance(kind, str) and isinstance(value_.get("metadata"), dict):
            metadata = dict(value_["metadata"])
            if kind not in CLUSTER_SCOPED:
                metadata.setdefault("namespace", command.namespace or "default")
            raw: Raw = {**value_, "metadata": metadata}
            if kind == "Secret":
                names = {
                    name for part in ("data", "stringData") if isinstance(raw.get(part), dict) for name in raw[part]
                }
                raw = {key: item for key, item in raw.items() if key not in {"data", "stringData"}} | {
                    "keys": sorted(names)
                }
            self.gathered.add(raw, Depth.FULL)

    def _errors(self, command: Command, text: str) -> None:
        for match in _NOT_FOUND.finditer(text):
            kind = kind_of(match["kind"])
            self.assembly.missing(
                Ref(kind, "" if kind in CLUSTER_SCOPED else command.namespace or "default", match["name"])
            )
        for raw in refused_writes(command, text, self.now):
            self.gathered.add(raw, Depth.FULL)
        for match in _FORBIDDEN.finditer(text):
            self.assembly.unread.append(Unread(kind_of(match["kind"]), command.namespace, "forbidden"))
        empty = _EMPTY.search(text)
        if empty and command.verb == "get" and command.whole:
            for kind in command.kinds:
                self.assembly.listed(
                    kind, EVERYWHERE if command.everywhere else empty["namespace"] or command.namespace or "default"
                )

    def _logs(self, command: Command, text: str) -> None:
        namespace = command.namespace or "default"
        if not text.strip() or (_failed(text) and len(text) < 2000):
            return
        if command.names:
            kind, name = command.names[0]
            if kind != "Pod":
                self.read_of[namespace, name] = kind
        elif command.guessed and self.pod:
            namespace, name = self.pod
        else:
            name = ""
        by_container: dict[tuple[str, str], list[str]] = {}
        for line in text.splitlines():
            match = _POD_PREFIX.match(line)
            key = (match["pod"], match["container"]) if match else (name, command.container)
            by_container.setdefault(key, []).append(match["line"] if match else line)
        for (pod, container), lines in by_container.items():
            found = Log(namespace, pod, container, command.previous, "\n".join(lines)[-LIMITS.log :])
            if not pod:
                self.labelled.append((command.flags.get("-l", command.flags.get("--selector", "")), found))
                continue
            # `kubectl logs deployment/x` reads one of its pods without saying which: the workload's name stands for it.
            self.assembly.logs.append(found)

    def _check(self, command: Command, text: str) -> None:
        if not command.names or not command.inner or was_not_run(text):
            return
        kind, name = command.names[0]
        origin = Ref(kind, "" if kind == "Node" else command.namespace or "default", name)
        found = check_of(origin, command.inner, text)
        if found:
            self.assembly.checks.append(found)

    def _top(self, command: Command, text: str) -> None:
        if refused := _NO_USAGE.search(text):
            kind = "NodeMetrics" if "Node" in command.kinds else "PodMetrics"
            self.assembly.unread.append(Unread(kind, command.namespace, refused["reason"]))
        for _, row in tables.rows(text, ("Usage",)):
            node = "Node" in command.kinds or "CPU(%)" in row or "CPU%" in row
            cpu, memory = row.get("CPU(cores)", ""), row.get("MEMORY(bytes)", "")
            name = row.get("POD") or row.get("NAME", "")
            try:
                usage = Usage(
                    "" if node else row.get("NAMESPACE") or command.namespace or "default",
                    name,
                    row["NAME"] if row.get("POD") else "",
                    milli(cpu),
                    value(memory),
                )
            except QuantityError:
                continue
            self.assembly.usage.append(usage)


def _failed(text: str) -> bool:
    return bool(re.match(r"\s*(?:Error from server|error:|Unable to connect|The connection to the server)", text))
