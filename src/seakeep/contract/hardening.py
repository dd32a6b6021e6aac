"""Contract of `catalog/hardenings/<id>.py`: one constant `HARDENING`, named and documented as for causes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import KubeObject


@dataclass(frozen=True, slots=True)
class HardeningLeaf:
    """`judge` yields one finding per object that the rule applies to, passes included; unknown is `skipped`, never `pass`."""

    id: str
    title: str
    reads: tuple[type[KubeObject], ...]
    judge: Callable[[Index], Iterable[Finding]]
    severity: Severity = Severity.WARNING
