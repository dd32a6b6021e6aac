"""Claims by who uses them, and which of them hold data that nobody can make anew."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.volumes.claim_consumers import consumers
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.objects import PersistentVolumeClaim, StatefulSet
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Words in the name of a claim or its template that tell what is written anew when it is lost.
_FLEETING = late(
    r"(?:^|[-_.])(?:cache|tmp|temp|scratch|spill|spool|shuffle|logs?|buffer|work(?:dir|space)?)(?:$|[-_.])"
)
_ORDINAL = late(r"(?P<base>.+)-\d+")


class Held(Struct, frozen=True):
    """A claim of workloads that last, and those workloads."""

    claim: PersistentVolumeClaim
    users: tuple[Ref, ...]


@once
def users_of(index: Index) -> Mapping[tuple[str, str], tuple[Ref, ...]]:
    """Namespace and name of a claim → the workloads whose template names it or that made it, sorted; those of pods that ended too."""
    found: dict[tuple[str, str], set[Ref]] = {}
    for template in known_templates(index):
        for name in claim_names(template.spec):
            found.setdefault((template.ref.namespace, name), set()).add(template.ref)
    for (namespace, name), pods in consumers(index).items():
        found.setdefault((namespace, name), set()).update(workload_of(index, pod) for pod in pods)
    bases = _bases(index)
    for claim in index.snapshot.all(PersistentVolumeClaim):
        match = _ORDINAL.fullmatch(claim.name)
        if match and (owner := bases.get((claim.namespace, match["base"]))):
            found.setdefault((claim.namespace, claim.name), set()).add(owner)
    return {key: tuple(sorted(refs)) for key, refs in found.items()}


@once
def _bases(index: Index) -> Mapping[tuple[str, str], Ref]:
    """What the names of a StatefulSet's claims begin with (`pkg/controller/statefulset`, getPersistentVolumeClaimName)."""
    return {
        (item.namespace, f"{template.name}-{item.name}"): item.ref
        for item in index.snapshot.all(StatefulSet)
        for template in item.spec.volume_claim_templates
    }


@once
def held(index: Index) -> tuple[Held, ...]:
    """In order of namespace and name."""
    known = users_of(index)
    found = []
    for claim in index.snapshot.all(PersistentVolumeClaim):
        users = tuple(
            ref for ref in known.get((claim.namespace, claim.name), ()) if ref.kind not in {"Job", "CronJob", "Pod"}
        )
        if users and not is_fleeting(claim.name):
            found.append(Held(claim, users))
    return tuple(found)


def is_fleeting(name: str) -> bool:
    """Whether the name says that what is in it can be made anew."""
    return bool(_FLEETING.search(name))
