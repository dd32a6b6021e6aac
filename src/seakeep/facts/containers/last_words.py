"""The line that a program which ended by itself left behind, where no known form fits."""

from __future__ import annotations

import re

from seakeep.facts.containers.logs import lines_of
from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod

_ERROR = re.compile(
    r"\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|\w*Exception|\w*Error)\b|panic:|\bfail(?:ed|ure)\b", re.IGNORECASE
)


def last_words(index: Index, pod: Pod) -> Evidence | None:
    """The newest line that speaks of an error; None where there is none."""
    spoken = [line for _, _, line in lines_of(index, pod) if _ERROR.search(line)]
    return Evidence(pod.ref, "log", spoken[-1][:300]) if spoken else None
