"""The apply machine: events in, commands out. The twin, the server's dry run and the cluster are driven by the same one."""

from seakeep.engine.apply.machine import Machine
from seakeep.engine.apply.options import Options

__all__ = ["Machine", "Options"]
