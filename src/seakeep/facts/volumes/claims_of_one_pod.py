"""Claims of access mode ReadWriteOncePod: which of a waiting pod's it is, and who has it."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.scheduling.scheduling import Unplaced
from seakeep.facts.volumes.claim_consumers import consumers
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.objects import PersistentVolumeClaim
from seakeep.model.refs import Ref

_ONE_POD = "ReadWriteOncePod"


def claim_of_one_pod(index: Index, item: Unplaced) -> tuple[Ref | None, tuple[str, ...]]:
    """The claim that the scheduler means, and the pods on nodes that use it. None where none of the pod's claims can be told from the others."""
    namespace = item.workload.namespace
    names = claim_names(item.spec) if item.spec else ()
    claims = [(name, index.snapshot.get(PersistentVolumeClaim, namespace, name)) for name in names]
    meant = [name for name, claim in claims if claim and _ONE_POD in claim.spec.access_modes]
    if not meant and len(names) == 1:
        meant = list(names)
    if not meant:
        return None, ()
    users = consumers(index).get((namespace, meant[0]), ())
    return Ref("PersistentVolumeClaim", namespace, meant[0]), tuple(
        f"pod {pod.name}" for pod in users if pod.spec.node_name
    )
