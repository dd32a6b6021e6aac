"""The terminal's few forms against Rich, whose layout they have."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console as RichConsole
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as RichText

from seakeep.render.console import Console, Grid, Text, cells

_WORDS = st.text("ab-/é日 ", max_size=90)
_WIDTH = 60


def _rich(item: object, color: bool = False) -> str:
    sink = io.StringIO()
    console = RichConsole(
        file=sink,
        width=_WIDTH,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(item)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines()) + "\n"


def _ours(item: Text | Grid, indent: int = 0, color: bool = False) -> str:
    console = Console(_WIDTH, color=color)
    console.print(item, indent)
    return console.text()


@given(_WORDS, st.integers(0, 8))
def test_text_wraps_where_rich_breaks_it(text: str, indent: int) -> None:
    assert _ours(Text(text), indent) == _rich(Padding(RichText(text), (0, 0, 0, indent)))


def test_a_word_longer_than_a_line_is_broken_within() -> None:
    text = f"see {'x' * 150} there"
    assert _ours(Text(text)) == _rich(RichText(text))


@given(st.lists(st.tuples(st.text("ab1", max_size=9), st.text("12.", max_size=6), _WORDS), min_size=1, max_size=4))
def test_a_grid_stands_where_richs_stands(rows: list[tuple[str, str, str]]) -> None:
    ours, theirs = Grid(), Table.grid(padding=(0, 2))
    ours.add_column()
    ours.add_column(right=True)
    ours.add_column(wrap=True)
    theirs.add_column(no_wrap=True)
    theirs.add_column(justify="right", no_wrap=True)
    theirs.add_column(overflow="fold")
    for row in rows:
        ours.add_row(*row)
        theirs.add_row(*map(RichText, row))
    assert _ours(ours) == _rich(theirs)


def test_styles_are_richs_escapes() -> None:
    parts: tuple[str | tuple[str, str], ...] = (" 1. ", ("critical", "bold red"), " ", ("pvc-missing", "bold"), "  x")
    assert _ours(Text.assemble(*parts), color=True) == _rich(RichText.assemble(*parts), color=True)


def test_where_columns_have_no_room_the_longest_gives_way() -> None:
    grid = Grid()
    grid.add_column()
    grid.add_column()
    grid.add_row("down", Text("x" * 80, "red"))
    assert _ours(grid) == f"down  {'x' * 53}…\n"


def test_wide_letters_take_two_columns() -> None:
    assert (cells("ab"), cells("日本"), cells("e\u0301")) == (2, 4, 1)
