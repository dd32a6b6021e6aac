"""Members of tar archives, streamed and never extracted; files of a folder, without following links out of it."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import zstandard

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.limits import LIMITS, Limits

_ZSTD = b"\x28\xb5\x2f\xfd"
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", _ZSTD)
_WANTED = (".json", ".yaml", ".yml", ".log", ".txt")


def is_archive(head: bytes) -> bool:
    """By magic numbers: compressed, or a tar header."""
    return head.startswith(_MAGIC) or head[257:262] == b"ustar"


class _Counted(io.RawIOBase):
    """Counts what is read from the packed stream, for the ratio."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)


def members(stream: IO[bytes], limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """Path and content of each regular member that may matter. Raises SourceError for bombs and broken archives; hostile names are passed over, for nothing is ever written."""
    counted = _Counted(stream)
    buffered = io.BufferedReader(counted, 1 << 16)
    head = buffered.peek(4)[:4]
    packed: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(buffered) if head == _ZSTD else buffered
    total = number = 0
    try:
        with tarfile.open(fileobj=packed, mode="r|" if head == _ZSTD else "r|*") as archive:
            for member in archive:
                number += 1
                total += member.size
                if number > limits.members or total > limits.total or member.size > limits.member:
                    raise SourceError(
                        "the archive is too large", "Take fewer namespaces, or pass the files that matter."
                    )
                if total > limits.ratio_from and total > limits.ratio * max(counted.count, 1):
                    raise SourceError(
                        "the archive unpacks to far more than it holds", "It looks like a decompression bomb."
                    )
                path = PurePosixPath(member.name)
                if (
                    not member.isfile()
                    or path.is_absolute()
                    or ".." in path.parts
                    or path.suffix.lower() not in _WANTED
                ):
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    yield str(path), content.read(limits.member)
    except (tarfile.TarError, EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
        raise SourceError("the archive is broken or truncated", "Copy or create it again.") from error


def folder(root: Path, limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """The files below a folder that may matter, in order of path. Links that lead out of it, hidden folders and special files are passed over."""
    number = total = 0
    top = root.resolve()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.suffix.lower() not in _WANTED or any(part.startswith(".") for part in inside.parts):
            continue
        if not path.is_file() or not path.resolve().is_relative_to(top):
            continue
        number += 1
        size = path.stat().st_size
        total += size
        if number > limits.members or total > limits.total or size > limits.file:
            raise SourceError("the folder is too large", "Pass the files that matter.")
        yield str(inside), path.read_bytes()
