"""Contract of `catalog/causes/<id>.py`: one constant `CAUSE`, whose id (kebab-case) equals the file's name (underscores for hyphens).

The module's docstring has the sections What, Why, Bad, Good and Ignore when; `seakeep explain` and the docs print it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.cause import Candidate
from seakeep.model.confidence import HINT, LIKELY, POSSIBLE, PROVEN
from seakeep.model.finding import Severity
from seakeep.model.objects import KubeObject

__all__ = ["HINT", "LIKELY", "POSSIBLE", "PROVEN", "CauseLeaf"]


class CauseLeaf(Struct, frozen=True):
    """`reads` are the kinds that the leaf cannot judge without: it is skipped, and said to be, where none of them could be read.

    `generic` marks causes that only describe a symptom (readiness-failing, init-container-failing …): any specific cause on the same object explains them.
    `elsewhere` marks causes which say that something else is at fault (dependency-unavailable, hpa-blind …): whatever broke that other thing explains them.
    """

    id: str
    title: str
    reads: tuple[type[KubeObject], ...]
    find: Callable[[Index], Iterable[Candidate]]
    severity: Severity = Severity.ERROR
    generic: bool = False
    elsewhere: bool = False
