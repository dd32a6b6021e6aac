"""Who is asked before a write or a wave, and what an answer, Ctrl-C and the end of the input come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
import typer

from seakeep.adapters.errors import UsageError
from seakeep.cli import writing
from seakeep.model.commands import Ask
from tests.apply.plans import large, objects
from tests.twin.builders import snapshot

CHANGES = large(snapshot(objects(each=1)), each=1).changes


def stopped(cause: BaseException) -> Callable[..., NoReturn]:
    """As Click does it: the end of the input and Ctrl-C are one error."""

    def confirm(*_: object, **__: object) -> NoReturn:
        try:
            raise cause
        except (EOFError, KeyboardInterrupt):
            raise typer.Abort from None

    return confirm


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)


def test_what_is_asked_says_how_many_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(typer, "confirm", confirm)
    writing._confirm(CHANGES[:1], "prod", asked=False, undo=False)
    writing._confirm(CHANGES[:2], "prod", asked=False, undo=True)
    writing._confirm((), "prod", asked=False, undo=False)
    writing._confirm(CHANGES, "prod", asked=True, undo=False)
    assert asked == [
        "Write 1 change (1 of low risk) to cluster prod?",
        "Undo 2 changes on cluster prod?",
        "Write 0 changes to cluster prod?",
    ]


@pytest.mark.parametrize("cause", [EOFError(), KeyboardInterrupt()])
def test_no_answer_is_no_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cause: BaseException
) -> None:
    monkeypatch.setattr(typer, "confirm", stopped(cause))
    with pytest.raises(typer.Exit) as found:
        writing._confirm(CHANGES, "prod", asked=False, undo=False)
    assert found.value.exit_code == 1
    assert capsys.readouterr().err == "\nNothing was written.\n"


def test_a_wave_is_shown_with_its_reasons(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: False)
    assert writing._approve(Ask("1 (configuration)", CHANGES[:1])) is False
    assert capsys.readouterr().err == f"  {CHANGES[0].id}  low risk: {CHANGES[0].reasons[0].rule}\n"


def test_the_end_of_the_input_pauses_and_ctrl_c_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Ask("1 (configuration)", CHANGES[:1])
    monkeypatch.setattr(typer, "confirm", stopped(EOFError()))
    assert writing._approve(question) is None
    monkeypatch.setattr(typer, "confirm", stopped(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        writing._approve(question)


def test_where_nobody_is_there_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert writing._approve(Ask("1", ())) is None
    with pytest.raises(UsageError, match="nobody is there"):
        writing._confirm(CHANGES, "prod", asked=False, undo=False)
