"""The only code that talks to a cluster."""

from seakeep.adapters.kube.observe import observe

__all__ = ["observe"]
