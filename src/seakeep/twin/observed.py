"""A twin that stops at every moment at which something happens, so that somebody can look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from seakeep.model.refs import Ref
from seakeep.twin.names import Suffixes
from seakeep.twin.world import Twin, Unsettled


class Observed(Twin):
    """`seen` is called after the work of each moment; a branch has none until it is given its own. Names go on from the branch's own place, whatever other branches do."""

    seen: Callable[[], None] | None = None

    def branch(self) -> Observed:
        other = super().branch()
        assert isinstance(other, Observed)  # noqa: S101 - copy() keeps the class
        other.seen = None
        if isinstance(self._suffix, Suffixes):
            other._suffix = self._suffix.branch()  # noqa: SLF001 - its own copy
        return other

    def settle(self, within: float | None = None) -> Unsettled | None:
        if self.seen is None or within is None:
            found = super().settle(within)
            if self.seen is not None:
                self.seen()
            return found
        end = self.now + timedelta(seconds=within)
        first, pause = len(self.steps), 0.0
        while True:
            stuck = super().settle(pause)
            self.seen()
            if stuck is not None or len(self.steps) - first > self.settings.most_steps:
                return stuck or Unsettled(len(self.steps) - first, changing(self, first))
            due = self.due
            if due is None or self.now + timedelta(seconds=due) > end:
                break
            pause = due
        self.now = end
        return None


def changing(twin: Twin, first: int) -> tuple[tuple[Ref, int], ...]:
    """The objects that changed most often since a step."""
    return tuple(Counter(step.object for step in twin.steps[first:][-10_000:]).most_common(5))
