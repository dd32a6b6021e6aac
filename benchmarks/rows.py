"""What a benchmark is given and what it yields."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    figures: str
    value: str
    goal: str
    met: bool
    measured: bool = True

    @property
    def verdict(self) -> str:
        return ("yes" if self.met else "NO") if self.measured else "not measured"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where inputs are made, and how processes are run."""

    folder: Path
    environment: Mapping[str, str]
    rounds: int

    def seakeep(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "seakeep.cli.main", *arguments]
