"""A scenario's steps on the restored control plane, as a person would take them with kubectl."""

from seakeep.testing.testbed.replay.play.run import Run

__all__ = ["Run"]
