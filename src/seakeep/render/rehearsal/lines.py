"""Lines of the rehearsals' texts: made harmless, indented, and wrapped where the terminal ends."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from seakeep.render.safe import line

# What is shown of a long list without -v.
ROWS = 15
# Columns below which a last column is hard to read.
_ROOM = 50


def row(indent: int, text: str, limit: int) -> str:
    """Foreign text on one line, made harmless, after an indent."""
    return " " * indent + line(text, limit)


def wrapped(indent: int, text: str, limit: int, width: int) -> list[str]:
    """The same on as many lines as it needs; each further one is indented more. Names are not broken: they are copied."""
    return textwrap.wrap(
        line(text, limit),
        max(width, 60),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(rows: Sequence[tuple[str, str, str]], indent: int, width: int) -> Iterator[str]:
    """Three columns: the first two as wide as they must be, the last wrapped within itself; where it had too little room, below the others, which are then said once."""
    cells = [(line(one, 42), line(two, 42), line(three, 300)) for one, two, three in rows]
    first, second = (max((len(each[place]) for each in cells), default=0) for place in (0, 1))
    start = indent + first + 2 + second + 2
    if width - start < _ROOM:
        yield from _below(cells, indent, first + 2, width)
        return
    for one, two, three in cells:
        parts = textwrap.wrap(
            three, max(width - start, 30), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        yield f"{'':<{indent}}{one:<{first}}  {two:<{second}}  {''.join(parts[:1])}"
        yield from (" " * start + part for part in parts[1:])


def _below(cells: Sequence[tuple[str, str, str]], indent: int, first: int, width: int) -> Iterator[str]:
    said = ("", "")
    for one, two, three in cells:
        if (one, two) != said:
            said = (one, two)
            yield f"{'':<{indent}}{one:<{first}}{two}"
        yield from wrapped(indent + first + 2, three, 0, width)


def first_rows(texts: Iterable[str], *, verbose: bool, indent: int) -> Iterator[str]:
    """All under -v; else the first, and how many more there are."""
    found = list(texts)
    yield from found if verbose else found[:ROWS]
    yield from more(len(found) - ROWS, verbose=verbose, indent=indent)


def more(left: int, *, verbose: bool, indent: int) -> Iterator[str]:
    if left > 0 and not verbose:
        yield f"{'':<{indent}}and {left} more (-v shows all)"
