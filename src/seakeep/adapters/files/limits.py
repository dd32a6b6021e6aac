"""Caps on untrusted input. A bundle from somebody else must not be able to exhaust the machine."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Bytes unless said otherwise."""

    file: int = 4 * 1024**3  # one file or stdin; 150,000 pods as JSON are about 1.2 GB
    member: int = 2 * 1024**3  # one member of an archive, unpacked
    total: int = 8 * 1024**3  # all members, unpacked
    members: int = 200_000  # number of members or files
    ratio: int = 400  # unpacked : packed; JSON of many like objects packs about 60 : 1
    ratio_from: int = 64 * 1024**2  # below this many unpacked bytes the ratio does not matter
    yaml_file: int = 512 * 1024**2
    yaml_aliases: int = 1_000  # references to anchors in one document
    yaml_expansion: int = 1_000_000  # nodes that the aliases of a file stand for
    yaml_depth: int = 200
    log: int = 2 * 1024**2  # kept of one log: the end of it


LIMITS = Limits()
