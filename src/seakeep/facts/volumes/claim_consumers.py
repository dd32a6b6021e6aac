"""Who uses a claim, and who made it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.objects import PersistentVolumeClaim, Pod, StatefulSet
from seakeep.model.refs import Ref


@once
def consumers(index: Index) -> Mapping[tuple[str, str], Sequence[Pod]]:
    """By namespace and name; claims of generic ephemeral volumes are included."""
    found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
    for pod in index.pods:
        for name in claim_names(pod.spec):
            found[pod.namespace, name].append(pod)
        for volume in pod.spec.volumes:
            if volume.ephemeral is not None:
                found[pod.namespace, f"{pod.name}-{volume.name}"].append(pod)
    return found


def maker_of(index: Index, claim: PersistentVolumeClaim) -> Ref | None:
    """The StatefulSet whose template the claim is of, by its name `TEMPLATE-SET-ORDINAL`."""
    pods = consumers(index).get((claim.namespace, claim.name), ())
    sets = [workload_of(index, pod) for pod in pods]
    sets = sets or [*index.pods_by_workload, *(item.ref for item in index.snapshot.all(StatefulSet))]
    made = [ref for ref in sets if ref[:2] == ("StatefulSet", claim.namespace) and _is_of(claim.name, ref.name)]
    return max(made, key=lambda ref: (len(ref.name), ref), default=None)


def _is_of(claim: str, name: str) -> bool:
    return re.fullmatch(rf"[a-z0-9][a-z0-9.-]*-{re.escape(name)}-\d{{1,5}}", claim) is not None
