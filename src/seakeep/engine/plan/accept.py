"""The search for the writes that can be made together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from seakeep.engine.plan.rehearse import Stage, Trial
from seakeep.model.plan import Planned, Wave

Arrange = Callable[[Iterable[Planned]], tuple[Wave, ...]]


def accepted(stage: Stage, changes: Sequence[Planned], arrange: Arrange) -> tuple[tuple[Wave, ...], dict[str, tuple[str, ...]], Trial]:  # fmt: skip
    """The waves of those that pass, why others do not, and the trial of just these waves. What a refusal lies with is left out at once; where that cannot be told, halves are tried, down to the single write."""
    kept: list[Planned] = []
    refused: dict[str, tuple[str, ...]] = {}
    last: Trial | None = None

    def add(changes: Sequence[Planned]) -> None:
        nonlocal last
        if not changes:
            return
        trial = stage.played(arrange([*kept, *changes]))
        if not trial.refusals:
            kept.extend(changes)
            last = trial
            return
        told = {item.culprit: item.text for item in reversed(trial.refusals) if item.culprit is not None}
        guilty = [change for change in changes if change.target in told]
        if len(changes) == 1 or (guilty and len(told) >= len({item.culprit for item in trial.refusals})):
            for change in guilty or changes:
                own = [item.text for item in trial.refusals if item.culprit in {change.target, None}]
                refused[change.id] = tuple(own or [item.text for item in trial.refusals])
            add([change for change in changes if change.id not in refused])
            return
        middle = len(changes) // 2
        add(changes[:middle])
        add(changes[middle:])

    add(changes)
    waves = arrange(kept)
    return waves, refused, last or stage.played(waves)
