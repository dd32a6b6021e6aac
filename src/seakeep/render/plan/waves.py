"""Waves that are parts of one, taken together: forty lines of hardening say less than five."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from seakeep.model.plan import Planned, Wave
from seakeep.render.safe import line

_PART = re.compile(r" \d+ of \d+$")
REPAIRS = frozenset({"definitions", "configuration", "repaired workloads"})


@dataclass(frozen=True, slots=True)
class Span:
    """Waves one after the other, each with its number from 1."""

    name: str
    waves: tuple[tuple[int, Wave], ...]

    @property
    def numbers(self) -> str:
        first, last = self.waves[0][0], self.waves[-1][0]
        return f"Wave {first}" if first == last else f"Waves {first}-{last}"

    @property
    def changes(self) -> tuple[Planned, ...]:
        return tuple(change for _, wave in self.waves for change in wave.changes)

    @property
    def repairs(self) -> bool:
        return self.name in REPAIRS

    @property
    def rules(self) -> list[str]:
        """How many changes each rule has a part in, the most frequent first."""
        found = Counter(line(rule) for change in self.changes for rule in {reason.rule for reason in change.reasons})
        return [f"{rule} {count}" for rule, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def spans(waves: Iterable[tuple[int, Wave]]) -> list[Span]:
    groups = groupby(waves, key=lambda item: _PART.sub("", item[1].name))
    return [Span(line(name), tuple(group)) for name, group in groups]
