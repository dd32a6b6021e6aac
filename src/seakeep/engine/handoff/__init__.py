"""The hand-off, computed: one module for each question that the next person asks."""

from seakeep.engine.handoff.compose import compose
from seakeep.engine.handoff.seen import Seen

__all__ = ["Seen", "compose"]
