"""Contract of `catalog/causes/<id>.py`: one constant `CAUSE`, whose id (kebab-case) equals the file's name (underscores for hyphens).

The module's docstring has the sections What, Why, Bad, Good and Ignore when; `seakeep explain` and the docs print it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from seakeep.facts.index import Index
from seakeep.model.cause import Candidate
from seakeep.model.finding import Severity
from seakeep.model.objects import KubeObject

# How sure a leaf may be of its proposal, from its own evidence alone.
PROVEN = 0.95  # the object's own spec and current state (or the server's own message about it) leave no other reading
LIKELY = 0.8  # the evidence names the cause, but one link of the chain was not seen
POSSIBLE = 0.55  # fits everything seen, and so would other causes
HINT = 0.3  # a weakness that could explain symptoms which nothing else explains


@dataclass(frozen=True, slots=True)
class CauseLeaf:
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
