"""Pods by the claims that they mount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.objects import Pod


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
