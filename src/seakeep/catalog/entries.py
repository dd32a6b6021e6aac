"""Entry points of installed packages. importlib.metadata is asked only where a package registers leaves: importing it and reading every package takes longer than loading the catalog."""

from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

_PREFIX = "seakeep."
_FOLDERS = ("causes", "hardenings", "services")
_METADATA = (".dist-info", ".egg-info", "egg-info")


def registered(folder: str) -> list[tuple[str, object]]:
    """What entry points of the group `seakeep.<folder>` name, each with its value."""
    if not _any_registered():
        return []
    from importlib.metadata import entry_points

    return [(point.value, point.load()) for point in entry_points(group=f"{_PREFIX}{folder}")]


@cache
def _any_registered() -> bool:
    """True as well where packages lie out of this look's reach: in zip files, or found by importers of other kinds."""
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        return True
    return any(_mentions(Path(entry)) for entry in dict.fromkeys(sys.path))


def _mentions(entry: Path) -> bool:
    """Whether an entry of the path holds a package that registers leaves, or is no folder."""
    try:
        return any(_registers(package) for package in entry.iterdir() if package.name.lower().endswith(_METADATA))
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _registers(package: Path) -> bool:
    try:
        # A section's head; the name alone is in every script of our own, and we register more than leaves.
        text = (package / "entry_points.txt").read_bytes()
        return any(f"[{_PREFIX}{folder}]".encode() in text for folder in _FOLDERS)
    except OSError:
        return False
