"""How compressed and packed files begin: told without the libraries that unpack them."""

from __future__ import annotations

GZIP, BZIP2, XZ, ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"
ZIP = b"PK\x03\x04"


def is_archive(head: bytes) -> bool:
    """Compressed, or a tar header."""
    return head.startswith((GZIP, BZIP2, XZ, ZSTD)) or head[257:262] == b"ustar"
