"""A file, folder, archive or stdin into a snapshot."""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import jsons, layouts, magic, unrendered, yamls
from seakeep.adapters.files.limits import LIMITS
from seakeep.adapters.files.magic import is_archive
from seakeep.model.objects import KubeObject
from seakeep.model.snapshot import Snapshot, Unread

_KINDS_HINT = (
    "Seakeep reads kubectl JSON or YAML, dumps and bundles (folder or tar), .skz snapshots, and kubectl transcripts."
)


# The keys of a JSON transcript, in the first bytes of a file.
_COMMAND = re.compile(rb"\b(?:kubectl|oc|k)(?:[_-]|[ \t]+)-{0,2}\w")
_PEEK = 4096
# Where `transcript.recognise` looks, and what it finds nothing without.
_HEAD, _FIRST_LINES = 800_000, 50
_SIGNS = (b"kubectl", b"oc ", b"oc\t", b"k ", b"k\t", b"\nName:", b"journalctl ", b"crictl ", b"systemctl ")
_JSON_OBJECT = re.compile(rb'\s*\{\s*["}]')


def read_path(source: str) -> Snapshot:
    """Raises SourceError where nothing in the source can be read; parts that cannot are listed in the snapshot's `unread`."""
    try:
        return _read(source)
    except OSError as error:
        raise SourceError(
            f"{source} cannot be read: {error.strerror}", "Are the rights of file and folder what they should be?"
        ) from error


def _read(source: str) -> Snapshot:
    if source == "-":
        data = sys.stdin.buffer.read(LIMITS.file + 1)
        return read_bytes(data, "stdin")
    if not source.strip():
        # Most often a shell variable that is not set: the current folder is not what was meant.
        raise SourceError(
            "SOURCE is empty", "Name a file or folder, '-' for stdin, or leave it out for the current kube context."
        )
    path = Path(source)
    name = path.name.encode(errors="replace").decode()  # one that is no UTF-8 could not be written out
    if not path.exists():
        raise SourceError(
            f"{source} does not exist", "Name a file or folder, '-' for stdin, or nothing for the current kube context."
        )
    if path.is_dir():
        from seakeep.adapters.files import archives

        assembly = Assembly(name or str(path))
        next(path.iterdir(), None)  # one that is closed would pass for one that is empty

        def note(part: str, reason: str) -> None:
            assembly.unread.append(Unread(part, "", reason))

        patches = unrendered.laid_over(path)
        with jsons.bulk_load():
            members = (member for member in archives.folder(path, unreadable=note) if member[0] not in patches)
            found = _load_members(assembly, members)
        return _finished(assembly, found=found)
    if path.is_fifo():
        # A shell's `<(kubectl get … )`.
        with path.open("rb") as stream:
            return read_bytes(stream.read(LIMITS.file + 1), name)
    if not path.is_file():
        raise SourceError(
            f"{source} is neither a file nor a folder", "Name a file or folder, or '-' and pipe the text in."
        )
    if path.stat().st_size > LIMITS.file:
        raise SourceError(f"{source} is too large", "Take fewer namespaces.")
    return read_bytes(path.read_bytes(), name)


def read_bytes(data: bytes, name: str) -> Snapshot:
    """One file's content, of whichever form."""
    if len(data) > LIMITS.file:
        raise SourceError(f"{name} is too large", "Take fewer namespaces.")
    if not data[:_PEEK].strip() and not data.strip():
        raise SourceError(f"{name} is empty", _KINDS_HINT)
    assembly = Assembly(name)
    with jsons.bulk_load():
        if is_archive(data[:512]):
            # Imported where they are needed: what unpacks takes long to load.
            from seakeep.adapters.files import archives, skz

            alone = archives.single(io.BytesIO(data))
            if alone is not None:  # what is within is not unpacked again: some files hold themselves
                if len(alone) > LIMITS.file:
                    raise SourceError(f"{name} is too large", "Take fewer namespaces.")
                return _text(alone, name, assembly)
            members = archives.members(io.BytesIO(data))
            first = next(members, None)
            if first is not None and first[0] == skz.MANIFEST:
                return skz.read(first[1], members, name)
            found = first is not None and _load_members(assembly, [first])
            found = _load_members(assembly, members) or found
            return _finished(assembly, found=found)
        return _text(data, name, assembly)


def _looks_like_transcript(text: str) -> bool:
    from seakeep.adapters.transcript.recognise import looks_like_transcript

    return looks_like_transcript(text)


def _shows_something(text: str) -> bool:
    from seakeep.adapters.transcript.split import shows_something

    return shows_something(text)


def _read_transcript(text: str, name: str) -> Snapshot:
    from seakeep.adapters.transcript.read import read_transcript

    return read_transcript(text, name)


def _text(data: bytes, name: str, assembly: Assembly) -> Snapshot:
    """Whatever form it looks like; what is of none may still be rows and lines that somebody copied from a screen."""
    data = _utf8(data, name)
    try:
        return _of_form(data, name, assembly)
    except SourceError:
        from seakeep.adapters.transcript.screen import cleaned

        text = data.decode("utf-8", "replace")
        if b"\0" in data[:_PEEK] or not _shows_something(cleaned(text)):
            raise
    return _read_transcript(text, name)


def _of_form(data: bytes, name: str, assembly: Assembly) -> Snapshot:
    first = data.lstrip()[:1]
    if not data[:_PEEK].strip() and not data.strip():
        raise SourceError(f"{name} is empty", _KINDS_HINT)
    if data.startswith(magic.ZIP):
        raise SourceError(f"{name} is a zip archive", "Unpack it, and name the folder.")
    if b"\0" in data[:4096]:
        raise SourceError(f"{name} is binary, and no archive", _KINDS_HINT)
    if first in (b"{", b"["):
        if _COMMAND.search(data[:_PEEK]) and _looks_like_transcript(data.decode("utf-8", "replace")):
            return _read_transcript(data.decode("utf-8", "replace"), name)
        try:
            found = _json_stream(data, assembly)
        except SourceError:
            if first == b"{" and not _JSON_OBJECT.match(data):
                return _yaml(data, name, assembly)
            raise
        if not found and _looks_like_transcript(data.decode("utf-8", "replace")):
            return _read_transcript(data.decode("utf-8", "replace"), name)
        return _finished(assembly, found=found)
    if _may_be_transcript(data[:_HEAD]):
        text = data.decode("utf-8", "replace")
        if _looks_like_transcript(text):
            return _read_transcript(text, name)
    return _yaml(data, name, assembly)


def _may_be_transcript(head: bytes) -> bool:
    """Whether a command, a table's heads or a description's first row can stand in it: manifests have none of their signs, and are not searched for them line by line."""
    if any(sign in head for sign in _SIGNS) or head.startswith(b"Name:"):
        return True
    return any(line[:1].isupper() for line in head.split(b"\n", _FIRST_LINES)[:_FIRST_LINES])


def _utf8(data: bytes, name: str) -> bytes:
    """Without a byte order mark; PowerShell's `>` writes UTF-16."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16").encode("utf-8")
        except UnicodeError as error:
            raise SourceError(f"{name} is not valid UTF-16", "Write it as UTF-8, or dump it again.") from error
    return data


def _json_stream(data: bytes, assembly: Assembly) -> bool:
    """One document, or several one after another (JSON lines, `cluster-info dump` on stdout with its logs between them)."""
    if b"==== START logs for container " in data:
        rest, logs = layouts.take_logs(data.decode("utf-8", "replace"))
        assembly.logs += logs
        data = rest.encode("utf-8", "replace")
    try:
        return jsons.load(data, assembly)
    except SourceError:
        pieces = _split_documents(data)
        if len(pieces) < 2:
            raise
    found = False
    for piece in pieces:
        try:
            found = jsons.load(piece, assembly) or found
        except SourceError:
            assembly.unread.append(Unread("document", "", "not valid JSON (truncated?)"))
    if not found:
        raise SourceError("not valid JSON", "The file may be truncated; dump it again.")
    return True


def _split_documents(data: bytes) -> list[bytes]:
    """Documents that begin with `{` at the start of a line and end with `}` at the start of one, or that are one line each."""
    pieces: list[bytes] = []
    current: list[bytes] = []
    for line in data.splitlines(keepends=True):
        if not current and line.startswith(b"{") and line.rstrip().endswith(b"}"):
            pieces.append(line)
        elif line.startswith(b"{"):
            if current:
                pieces.append(b"".join(current))
            current = [line]
        elif current:
            current.append(line)
            if line.startswith(b"}"):
                pieces.append(b"".join(current))
                current = []
    if current:
        pieces.append(b"".join(current))
    return pieces


def _yaml(data: bytes, name: str, assembly: Assembly) -> Snapshot:
    if unrendered.is_helm_template(data):
        raise SourceError(f"{name} is {unrendered.HELM_ADVICE}")
    try:
        found = yamls.load(data, assembly)
    except SourceError as error:
        raise SourceError(f"{name}: {error}", error.hint or _KINDS_HINT) from error
    return _finished(assembly, found=found)


def _load_members(assembly: Assembly, members: object) -> bool:
    found = False
    for path, data in members:  # type: ignore[attr-defined]
        lower = path.lower()
        try:
            if lower.endswith((".log", ".txt")):
                assembly.logs += layouts.logs_at(path, data[-LIMITS.log :].decode("utf-8", "replace"))
                continue
            data = _utf8(data, path)  # noqa: PLW2901 - the same document
            if not data.strip():
                continue
            if advice := unrendered.advice(path, data):
                assembly.unread.append(Unread(path[-120:], "", advice))
                continue
            refused = layouts.refused_at(path)
            if refused:
                assembly.unread += _refusals(refused, jsons.parse(data))
                continue
            loaded = _json_stream(data, assembly) if lower.endswith(".json") else yamls.load(data, assembly)
            found = loaded or found
        except SourceError as error:
            assembly.unread.append(Unread(path[-120:], "", str(error)))
    return found


def _refusals(what: str, value: object) -> list[Unread]:
    """A list of messages, or messages by namespace."""
    entries = (
        value.items() if isinstance(value, dict) else (("", item) for item in value) if isinstance(value, list) else ()
    )
    return [Unread(what, str(where), str(message)) for where, message in entries]


def _has_state(item: KubeObject) -> bool:
    """A phase or conditions: a controller wrote them, though whoever pasted it left the rest of its metadata out."""
    status = getattr(item, "status", None)
    if isinstance(status, Mapping):
        return bool(status.get("phase") or status.get("conditions"))
    return bool(getattr(status, "phase", "") or getattr(status, "conditions", ()))


def _finished(assembly: Assembly, *, found: bool) -> Snapshot:
    if not found:
        helm = any(item.reason == unrendered.HELM_ADVICE for item in assembly.unread)
        hint = "Its files are Helm templates: `helm template NAME CHART | seakeep check -`." if helm else _KINDS_HINT
        raise SourceError(f"{assembly.source} holds no Kubernetes objects", hint)
    snapshot = assembly.snapshot()
    stored = sum(
        bool(item.metadata.uid or item.metadata.creation_timestamp or _has_state(item))
        for group in snapshot.objects.values()
        for item in group.values()
    )
    # An exported object or two among manifests that people wrote does not make them a cluster's state.
    if stored * 2 >= snapshot.object_count:
        return snapshot
    # Plain manifests: what is there is there, kind by kind and namespace by namespace; nothing has a state.
    for kind, group in snapshot.objects.items():
        for namespace, _ in group:
            assembly.listed(kind, namespace or "*")
    assembly.intent_only = True
    return assembly.snapshot()
