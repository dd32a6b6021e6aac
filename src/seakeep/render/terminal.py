"""What reports on a terminal are written with."""

from __future__ import annotations

import io

from rich.console import Console


def console_of(width: int, color: bool) -> tuple[Console, io.StringIO]:
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


def trimmed(sink: io.StringIO) -> str:
    """Without the spaces that fill each line to the console's width."""
    return "\n".join(row.rstrip() for row in sink.getvalue().splitlines()) + "\n"
