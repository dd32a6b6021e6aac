"""Options that commands share: each field becomes an option, and its value arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from seakeep.cli.sharing import sharing


@dataclass(frozen=True)
class Loud:
    volume: Annotated[int, typer.Option("--volume", "-v", help="How loud.")] = 3


@dataclass(frozen=True)
class Louder(Loud):
    twice: Annotated[bool, typer.Option("--twice", help="Again.")] = False


app = typer.Typer(rich_markup_mode=None)


@app.command()
@sharing
def say(word: Annotated[str, typer.Argument()], how: Louder, times: Annotated[int, typer.Option()] = 1) -> None:
    """Says it."""
    typer.echo(f"{word} {how.volume} {how.twice} {times}")


def test_defaults_and_values() -> None:
    assert CliRunner().invoke(app, ["hush"]).stdout == "hush 3 False 1\n"
    assert CliRunner().invoke(app, ["hey", "-v", "9", "--twice", "--times", "2"]).stdout == "hey 9 True 2\n"


def test_help_names_them() -> None:
    text = CliRunner().invoke(app, ["--help"]).stdout
    assert "How loud." in text
    assert "Again." in text
    assert "--how" not in text
