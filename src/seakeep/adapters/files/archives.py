"""Members of tar archives, streamed and never extracted; files of a folder, without following links out of it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

import zstandard

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import magic
from seakeep.adapters.files.limits import LIMITS, Limits

_FEWER = "Take fewer namespaces, or pass the files that matter."
# What the readers of the standard library raise on input that is cut off or hostile; a long chain of extended headers recurses.
_BROKEN = (
    tarfile.TarError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RecursionError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
)
_WANTED = (".json", ".yaml", ".yml", ".log", ".txt")


class _Counted(io.RawIOBase):
    """Counts what is read from a stream. With `packed` it refuses to unpack far more than that stream gave, whatever part of an archive the bytes belong to."""

    def __init__(self, stream: IO[bytes], limits: Limits, packed: _Counted | None = None) -> None:
        self._stream = stream
        self._limits = limits
        self._packed = packed
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        if self._packed is not None:
            if self.count > self._limits.total:
                raise SourceError("the archive is too large", _FEWER)
            if self.count > self._limits.ratio_from and self.count > self._limits.ratio * max(self._packed.count, 1):
                raise SourceError(
                    "the archive unpacks to far more than it holds", "It looks like a decompression bomb."
                )
        return len(data)


def _unpacked(stream: IO[bytes], head: bytes) -> IO[bytes]:
    """By magic number; a plain tar as it is. Any of them may fail while reading."""
    if head == magic.ZSTD:
        unpacked: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        return unpacked
    if head.startswith(magic.GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if head.startswith(magic.BZIP2):
        return bz2.BZ2File(stream)
    return lzma.LZMAFile(stream) if head.startswith(magic.XZ[:4]) else stream


def _bounded(stream: IO[bytes], limits: Limits) -> io.BufferedReader:
    counted = _Counted(stream, limits)
    buffered = io.BufferedReader(counted, 1 << 16)
    return io.BufferedReader(_Counted(_unpacked(buffered, buffered.peek(4)[:4]), limits, counted), 1 << 16)


def single(stream: IO[bytes], limits: Limits = LIMITS) -> bytes | None:
    """What was compressed, where that is one text and no tar (`kubectl get … -o json | gzip`): a tar's first header is filled up with zeros. Raises as `members`."""
    bounded = _bounded(stream, limits)
    try:
        head = bounded.read(512)
        if not head or b"\0" in head:
            return None
        return head + bounded.read(limits.file + 1)
    except _BROKEN as error:
        raise SourceError("the archive is broken or truncated", "Copy or create it again.") from error


def members(stream: IO[bytes], limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """Path and content of each regular member that may matter. Raises SourceError for bombs and broken archives; hostile names are passed over, for nothing is ever written."""
    bounded = _bounded(stream, limits)
    number = 0
    try:
        with tarfile.open(fileobj=bounded, mode="r|") as archive:
            for member in archive:
                number += 1
                if number > limits.members or not 0 <= member.size <= limits.member:
                    raise SourceError("the archive is too large", _FEWER)
                path = PurePosixPath(member.name)
                if (
                    not member.isfile()
                    or member.issparse()
                    or path.is_absolute()
                    or ".." in path.parts
                    or path.suffix.lower() not in _WANTED
                ):
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    yield str(path), content.read(limits.member)
    except _BROKEN as error:
        raise SourceError("the archive is broken or truncated", "Copy or create it again.") from error


def folder(
    root: Path, limits: Limits = LIMITS, unreadable: Callable[[str, str], None] = lambda *_: None
) -> Iterator[tuple[str, bytes]]:
    """The files below a folder that may matter, in order of path. Links that lead out of it, hidden folders and special files are passed over. `unreadable` is told the path and why."""
    number = total = 0
    top = root.resolve()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        name = str(inside).encode(errors="replace").decode()  # one that is no UTF-8 could not be written out
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            unreadable(f"{name}/", "no permission")
        if path.suffix.lower() not in _WANTED or any(part.startswith(".") for part in inside.parts):
            continue
        if not path.is_file() or not path.resolve().is_relative_to(top):
            continue
        number += 1
        size = path.stat().st_size
        total += size
        if number > limits.members or total > limits.total or size > limits.file:
            raise SourceError("the folder is too large", "Pass the files that matter.")
        try:
            data = path.read_bytes()
        except OSError as error:
            unreadable(name, str(error.strerror or error).lower())
            continue
        yield name, data
