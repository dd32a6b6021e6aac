"""What planned pods refer to and manifests do not hold: keys, ConfigMaps, Secrets, ServiceAccounts, PriorityClasses, claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.references.class_names import BUILT_IN_PRIORITIES
from seakeep.facts.references.podspec_references import Reference, references
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.planned import Lack, lacks, own_claims, planned_parts
from seakeep.facts.workloads.templates import Template
from seakeep.model.confidence import PROVEN
from seakeep.model.objects import ConfigMap, Secret
from seakeep.model.refs import Ref


class PlannedLack(Struct, frozen=True):
    """`key` is set where the object is there without it. `place` names the field of the template that refers to it."""

    template: Template
    kind: str
    name: str
    key: str
    place: str
    lack: Lack


@once
def planned_lacks(index: Index) -> tuple[PlannedLack, ...]:
    """Sorted by workload; each missing thing once per workload."""
    named = [(item, reference) for item in planned_parts(index) for reference in _named(item)]
    absent: dict[str, Mapping[tuple[str, str], Lack]] = {}
    for kind in ("ConfigMap", "Secret", "ServiceAccount", "PriorityClass", "PersistentVolumeClaim"):
        wanted: dict[str, set[str]] = {}
        for item, reference in named:
            if reference.kind == kind:
                wanted.setdefault(item.ref.namespace, set()).add(reference.name)
        absent[kind] = lacks(index, kind, wanted)
    found: dict[tuple[Ref, str, str, str], PlannedLack] = {}
    for item, reference in named:
        lack = absent[reference.kind].get((item.ref.namespace, reference.name))
        key = "" if lack else reference.key
        if lack is None and _lacks_key(index, item.ref.namespace, reference):
            lack = Lack(PROVEN)
        if lack:
            entry = PlannedLack(item, reference.kind, reference.name, key, reference.place, lack)
            found.setdefault((item.ref, reference.kind, reference.name, key), entry)
    return tuple(found.values())


def _named(item: Template) -> Iterator[Reference]:
    yield from references(item.spec)
    if item.spec.service_account_name not in {"", "default"}:
        yield Reference("ServiceAccount", item.spec.service_account_name, "", "serviceAccountName")
    if item.spec.priority_class_name not in {"", *BUILT_IN_PRIORITIES}:
        yield Reference("PriorityClass", item.spec.priority_class_name, "", "priorityClassName")
    own = {
        volume.persistent_volume_claim.claim_name
        for volume in item.spec.volumes
        if volume.persistent_volume_claim and volume.name in own_claims(item)
    }
    for name in claim_names(item.spec):
        if name not in own:
            yield Reference("PersistentVolumeClaim", name, "", "volumes[].persistentVolumeClaim.claimName")


def _lacks_key(index: Index, namespace: str, reference: Reference) -> bool:
    item = index.snapshot.find(Ref(reference.kind, namespace, reference.name))
    if not reference.key:
        return False
    if isinstance(item, ConfigMap):
        return reference.key not in item.data and reference.key not in item.binary_data
    return isinstance(item, Secret) and bool(item.keys) and reference.key not in item.keys
