"""One scenario on the twin and on a real control plane: where they agree and where they differ."""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.model.refs import Ref


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of the snapshot the real control plane was not given, or was given otherwise: how many, and why."""

    what: str
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` is ready (pods of a workload) or the kind of a refusal; `twin` and `real` say what each had."""

    what: str
    object: Ref
    twin: str
    real: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One step, or the start: `workloads` whose ready pods were compared, `decisions` that were the same on both sides.

    `order`: workloads of which other pods got a full cluster's last places; that is no difference.
    """

    step: str
    workloads: int
    decisions: int
    differences: tuple[Difference, ...]
    seconds: float
    settled: bool = True
    order: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Workloads that differ at the start already are not compared again in the steps."""

    engine: str
    before: Compared
    steps: tuple[Compared, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def equal(self) -> bool:
        return not any(item.differences for item in (self.before, *self.steps))
