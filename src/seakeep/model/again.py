"""The commands that look at a run, go on with it or take it back: with the options that each must be given again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Again:
    """`where` the journal and the cluster are, where the `lease` is, `how` a run goes forward, and how it goes `back`: as they stand behind a command's name, each with a space before it."""

    where: str = ""
    lease: str = ""
    how: str = ""
    back: str = ""

    def verify(self, run: str) -> str:
        return f"seakeep verify {run}{self.where}"

    def resume(self, run: str) -> str:
        return f"seakeep apply --resume {run}{self.where}{self.lease}{self.how}"

    def rollback(self, run: str) -> str:
        return f"seakeep rollback {run}{self.where}{self.lease}{self.back}"

    def force_back(self, run: str) -> str:
        """Over what others have changed since."""
        return f"seakeep rollback {run}{self.where}{self.lease} --force-conflicts"
