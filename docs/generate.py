"""Writes docs/reference/ from the code: commands, causes, hardening rules, services, JSON schemas; and the page on fidelity from its results. `--check` fails where a page is out of date."""

from __future__ import annotations

import os
import sys
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"


def pages() -> dict[str, str]:
    """File name → text."""
    from seakeep.catalog import loader

    written = {"commands.md": commands()}
    groups = (
        ("causes", "Root causes", [(leaf.id, leaf.title) for leaf in loader.causes()]),
        ("hardenings", "Hardening rules", [(leaf.id, leaf.title) for leaf in loader.hardenings()]),
        ("services", "Platform services", [(leaf.id, leaf.title) for leaf in loader.services()]),
    )
    for name, heading, leaves in groups:
        blocks = [f"# {heading}", "<!-- Written by `make docs` from the catalog. -->"]
        blocks += ["\n".join(f"- [{leaf_id}](#{leaf_id}): {title}" for leaf_id, title in leaves)]
        blocks += [f"## {leaf_id}\n\n{_page(loader.page(leaf_id) or '')}" for leaf_id, _ in leaves]
        written[f"{name}.md"] = "\n\n".join(blocks) + "\n"
    written["fidelity.md"] = fidelity()
    written["seakeep-v1.schema.json"] = schema()
    written["platform.schema.json"] = platform()
    return written


def fidelity() -> str:
    """What the suites against real Kubernetes found, and how the twin is known to differ."""
    sys.path.insert(0, str(Path(__file__).parent))
    from fidelity_page import page

    sys.path.pop(0)
    return page()


def schema() -> str:
    """JSON Schema of everything that `-o json` writes."""
    import msgspec

    from seakeep.adapters.plan_types import PlanDocument
    from seakeep.render.handoff.types import DOCUMENTS as HANDOFFS
    from seakeep.render.rehearsal.repacking_wire import DOCUMENTS as REPACKINGS
    from seakeep.render.rehearsal.types import DOCUMENTS as REHEARSALS
    from seakeep.render.report.types import DOCUMENTS
    from seakeep.render.run.types import DOCUMENTS as RUNS

    documents, components = msgspec.json.schema_components(
        (*DOCUMENTS, *REHEARSALS, PlanDocument, *RUNS, *HANDOFFS, *REPACKINGS), ref_template="#/$defs/{name}"
    )
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seakeep/v1",
        "oneOf": list(documents),
        "$defs": dict(sorted(components.items())),
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def platform() -> str:
    """JSON Schema of platform.yaml."""
    import msgspec

    from seakeep.adapters.platform_schema import platform_schema

    return msgspec.json.format(msgspec.json.encode(platform_schema()), indent=2).decode() + "\n"


def _page(text: str) -> str:
    """A leaf's docstring as Markdown: indented examples become code blocks."""
    lines: list[str] = []
    inside = False
    for row in text.strip().splitlines():
        code = row.startswith("    ")
        if code and not inside:
            lines.append("```")
        if inside and not code and row:
            lines.append("```")
            lines.append("")
        inside = code or (inside and not row)
        lines.append(row[4:] if code else row)
    if inside:
        lines.append("```")
    return "\n".join(lines).replace("\n\n```\n\n", "\n```\n\n")


def commands() -> str:
    """`--help` of every command."""
    import click
    import typer

    from seakeep.cli.main import app

    os.environ["COLUMNS"] = "100"
    root = typer.main.get_command(app)
    blocks = ["# Commands", "<!-- Written by `make docs` from --help. -->"]

    def walk(command: click.Command, path: list[str]) -> None:
        with click.Context(command, info_name=" ".join(path), max_content_width=100, terminal_width=100) as context:
            blocks.append(f"## {' '.join(path)}\n\n```\n{command.get_help(context).strip()}\n```")
        for name, child in sorted(getattr(command, "commands", {}).items()):
            walk(child, [*path, name])

    walk(root, ["seakeep"])
    return "\n\n".join(blocks) + "\n"


def main() -> int:
    stale = []
    for name, text in pages().items():
        path = REFERENCE / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"out of date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
