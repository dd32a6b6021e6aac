"""A snapshot restored on the real control plane, and scenarios played on it: `seakeep rehearse … --engine real`."""

from seakeep.testing.testbed.replay.engine import Testbed, engine

__all__ = ["Testbed", "engine"]
