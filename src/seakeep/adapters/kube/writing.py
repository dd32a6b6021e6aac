"""A cluster to write to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seakeep.adapters.kube.connect import connect
from seakeep.adapters.kube.drive import Approve, ClusterDriver, Scores
from seakeep.adapters.kube.lease import Lease
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.sender import Sender
from seakeep.model.commands import Failed
from seakeep.model.fields import value_at

_LEASE_NAMESPACE = "seakeep"


@dataclass(frozen=True, slots=True)
class Target:
    """`cluster` is the uid of namespace kube-system, "" where it may not be read."""

    sender: Sender
    name: str
    namespace: str
    cluster: str

    def driver(self, run: str, lease_namespace: str, scores: Scores, approve: Approve) -> ClusterDriver:
        """The lease is kept in the namespace named, else in `seakeep`, else in the context's own."""
        wanted = (lease_namespace,) if lease_namespace else (_LEASE_NAMESPACE, self.namespace or "default")
        return ClusterDriver(self.sender, Lease(self.sender, run, wanted), scores=scores, approve=approve)

    def close(self) -> None:
        self.sender.close()


def connect_for_writing(context: str | None, kubeconfig: Path | None) -> Target:
    """Raises UsageError where no cluster is named."""
    connection = connect(context, kubeconfig)
    sender = Sender(connection, Limits(workers=8))
    found = sender.ask("GET", "/api/v1/namespaces/kube-system")
    cluster = "" if isinstance(found, Failed) else str(value_at(found.body, ("metadata", "uid")) or "")
    return Target(sender, connection.name, connection.namespace, cluster)
