"""How much a single observation of a node tells."""

from __future__ import annotations

from typing import NamedTuple

from seakeep.model.cause import Evidence

CERTAIN = 3  # leaves no other reading
FAIR = 2  # names the cause; one link was not seen
WEAK = 1  # fits, and so would other causes


class Sign(NamedTuple):
    level: int
    evidence: Evidence
