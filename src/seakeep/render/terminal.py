"""What reports on a terminal are written with."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from seakeep.render.figures import figure, grade

_GRADES = {"good": "bold green", "fair": "bold yellow", "poor": "bold red", "unknown": "dim"}


def console_of(width: int, color: bool) -> tuple[Console, io.StringIO]:
    """At least 60 columns wide, and what it has written."""
    sink = io.StringIO()
    console = Console(
        file=sink,
        width=max(width, 60),
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    return console, sink


def score_text(value: float | None, wide: int = 0) -> Text:
    """A score from 0 to 100 in the colour of its grade, at least `wide` characters long."""
    return Text(figure(value).rjust(wide), style=_GRADES[grade(value)])


def trimmed(sink: io.StringIO) -> str:
    """Without the spaces that fill each line to the console's width."""
    return "\n".join(row.rstrip() for row in sink.getvalue().splitlines()) + "\n"
