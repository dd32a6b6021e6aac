"""Contract of `catalog/hardenings/<id>.py`: one constant `HARDENING`, named and documented as for causes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import KubeObject


@dataclass(frozen=True, slots=True)
class HardeningLeaf:
    """`judge` yields one finding per object that the rule applies to, passes included; unknown is `skipped`, never `pass`.

    `propose` is asked for the changes that make a failed finding pass, or for what a person must decide where no change is safe to propose. It reads; it never guesses a
    value that the snapshot gives no ground for.
    """

    id: str
    title: str
    reads: tuple[type[KubeObject], ...]
    judge: Callable[[Index], Iterable[Finding]]
    severity: Severity = Severity.WARNING
    propose: Callable[[Index, Finding], Sequence[Change] | Advice] | None = None
