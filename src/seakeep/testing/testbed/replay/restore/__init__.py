"""The objects of a snapshot written to a control plane that runs nothing, so that its controllers find them as they were seen: pods under their names, on their nodes, with their statuses."""

from seakeep.testing.testbed.replay.restore.restore import Restore

__all__ = ["Restore"]
