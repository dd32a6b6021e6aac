"""The documentation cannot rot: generated pages are current, commands that it shows exist, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.main

from seakeep.cli.main import app
from seakeep.render.report import types as wire_types

# Typer brings its own copy of click; BadParameter is its public name for one usage error.
USAGE_ERROR = typer.BadParameter.__mro__[1]
ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
WRITTEN = [page for page in PAGES if page.name != "commands.md"]


def _generator() -> object:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_current() -> None:
    stale = [
        name
        for name, text in _generator().pages().items()  # type: ignore[attr-defined]
        if not (path := ROOT / "docs" / "reference" / name).exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "run `make docs`"


def _commands(page: Path) -> Iterator[str]:
    """`seakeep …` at the start of a line of a code block or of an inline code span, up to a pipe or comment."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(seakeep [^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in lines:
        for part in re.split(r"\s\|\s|\s#\s|\s#$", line.strip()):
            found = part.strip()
            if found.startswith("seakeep ") and "…" not in found:
                yield found


SHOWN = sorted({(page.relative_to(ROOT).as_posix(), command) for page in WRITTEN for command in _commands(page)})


@pytest.mark.parametrize(("page", "command"), SHOWN)
def test_shown_commands_exist(page: str, command: str) -> None:
    del page
    _parse(command)


def _parse(command: str) -> None:
    """Parse as the program would, without running anything. Raises USAGE_ERROR."""
    node = typer.main.get_command(app)
    arguments = shlex.split(command)[1:]
    while hasattr(node, "commands") and arguments:
        if arguments[0] in {"--help", "--version", "--install-completion", "--show-completion"}:
            return
        child = node.commands.get(arguments.pop(0))
        assert child is not None, command
        node = child
    if "--help" not in arguments:
        node.make_context("seakeep", arguments)


def test_a_wrong_command_would_be_seen() -> None:
    with pytest.raises(USAGE_ERROR):
        _parse("seakeep check --no-such-option")


def test_every_command_has_help_with_an_example() -> None:
    root = typer.main.get_command(app)
    waiting = [("seakeep", root)]
    while waiting:
        name, node = waiting.pop()
        assert node.help, name
        if hasattr(node, "commands"):
            waiting += [(f"{name} {child}", each) for child, each in node.commands.items()]
        else:
            assert node.epilog, name
            shown = [line.strip().removeprefix("pbpaste | ") for line in node.epilog.splitlines()[2:]]
            for example in shown:
                _parse(example)
            assert any(part.startswith(name) for part in shown), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        assert "://" not in path, "the documentation stands on its own"
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


def test_json_page_names_every_field() -> None:
    text = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    for kind in (wire_types.Report, wire_types.Service, wire_types.Finding, wire_types.Cause, wire_types.Evidence):
        missing = [name for name in kind.__struct_encode_fields__ if not re.search(rf"\b{name}\b", text)]
        assert not missing, kind.__name__
