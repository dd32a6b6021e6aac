"""Manifests that stand among words without a fence: from their first key to the line that no manifest can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.adapters.transcript.markdown import Block
from seakeep.model.pattern import late

_FIRST = late(r"(?:apiVersion|kind): \S+\s*")
_SECOND = late(r"(?:apiVersion|kind): \S+\s*|(?:metadata|items):\s*")
# What a manifest has at column 0.
_OWN = late(r"[ \t].*|\s*|[\"']?[A-Za-z][\w./-]{0,60}[\"']?:(?:\s.*)?|- .*|-{3}.*|#.*")


def apart(found: Sequence[Block]) -> list[Block]:
    """Blocks of which none mixes a manifest with what is none."""
    return [block for part in found for block in _apart(part)]


def _apart(block: Block) -> Iterator[Block]:
    lines, start, position = block.lines, 0, 0
    while position < len(lines):
        end = _end(lines, position) if _begins(lines, position) else position
        if end == position:
            position += 1
            continue
        if any(line.strip() for line in lines[start:position]):
            yield Block(code=block.code, lines=lines[start:position])
        yield Block(code=True, lines=lines[position:end])
        start = position = end
    if start == 0 or any(line.strip() for line in lines[start:]):
        yield Block(code=block.code, lines=lines[start:])


def holds_manifest(lines: Sequence[str]) -> bool:
    """Whether one begins after other text: what begins with one is a manifest, with its faults."""
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return not _OWN.fullmatch(first) and any(_begins(lines, number) for number in range(len(lines)))


def end_of(lines: Sequence[str]) -> int:
    """How many of the lines are a manifest's."""
    return _end(lines, 0)


def _begins(lines: Sequence[str], position: int) -> bool:
    return bool(_FIRST.fullmatch(lines[position])) and any(map(_SECOND.fullmatch, lines[position + 1 : position + 4]))


def _end(lines: Sequence[str], position: int) -> int:
    end = position
    while end < len(lines) and _OWN.fullmatch(lines[end]):
        end += 1
    while end > position and not lines[end - 1].strip():
        end -= 1
    return end
