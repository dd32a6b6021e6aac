"""What planned pods refer to and manifests do not hold: keys, ConfigMaps, Secrets, ServiceAccounts, PriorityClasses, claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.once import once
from seakeep.facts.references.class_names import BUILT_IN_PRIORITIES
from seakeep.facts.references.podspec_references import Reference, references
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.planned import Lack, lacks, names_of, own_claims, planned_parts
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.templates import Template
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import ConfigMap, KubeObject, Secret
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
        lack = absent[reference.kind].get((item.ref.namespace, reference.name)) or _slip(index, item, reference)
        key = "" if lack else reference.key
        if lack is None and _lacks_key(index, item.ref.namespace, reference):
            lack = Lack(PROVEN)
        if lack:
            entry = PlannedLack(item, reference.kind, reference.name, key, reference.place, lack)
            found.setdefault((item.ref, reference.kind, reference.name, key), entry)
        elif reference.place.startswith("volume "):
            for entry in _sub_paths(index, item, reference):
                found.setdefault((item.ref, entry.kind, entry.name, entry.key), entry)
    return tuple(found.values())


def _sub_paths(index: Index, item: Template, reference: Reference) -> Iterator[PlannedLack]:
    """A mount of one file that the volume does not hold becomes an empty folder in the file's place."""
    there = index.snapshot.find(Ref(reference.kind, item.ref.namespace, reference.name))
    for volume in item.spec.volumes if there is not None and not reference.key else ():
        source = volume.config_map if reference.kind == "ConfigMap" else volume.secret
        if source is None or reference.name not in {source.name, getattr(source, "secret_name", "")}:
            continue
        files = {part.path for part in source.items} or _keys_of(there)
        for container in containers(item.spec):
            for mount in container.volume_mounts:
                path = mount.sub_path.strip("/")
                if mount.name != volume.name or not path or not files:
                    continue
                if not any(file == path or file.startswith(f"{path}/") for file in files):
                    place = f"subPath of volume {volume.name} in container {container.name}"
                    yield PlannedLack(item, reference.kind, reference.name, path, place, Lack(PROVEN))


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


def _slip(index: Index, item: Template, reference: Reference) -> Lack | None:
    """A name of which one word is a slip of one that is there, and has the very key: whoever else uses that one, the workload itself above all."""
    if not reference.key or reference.kind not in {"ConfigMap", "Secret"}:
        return None
    if index.snapshot.find(Ref(reference.kind, item.ref.namespace, reference.name)) is not None:
        return None
    there = names_of(index, reference.kind, item.ref.namespace)
    meant = sorted(name for name in there if _is_word_slip(reference.name, name))
    if reference.name in there or not meant:
        return None
    having = {one.name for one in index.snapshot.of_kind(reference.kind) if reference.key in _keys_of(one)}
    named = {(one.kind, one.name) for one in references(item.spec)}
    found = next((name for name in meant if name in having), "")
    sure = (reference.kind, found) in named
    return Lack(LIKELY if sure else POSSIBLE, found, shared=True) if found else None


def _is_word_slip(one: str, two: str) -> bool:
    """`shop-a-db` and `shop-b-db` are two things."""
    words = list(zip_longest(one.split("-"), two.split("-"), fillvalue=""))
    return [is_slip(*pair) for pair in words if pair[0] != pair[1]] == [True]


def _keys_of(item: KubeObject | None) -> frozenset[str]:
    """Empty where they are not known."""
    if isinstance(item, ConfigMap):
        return frozenset({*item.data, *item.binary_data})
    return frozenset(item.keys) if isinstance(item, Secret) else frozenset()


def _lacks_key(index: Index, namespace: str, reference: Reference) -> bool:
    item = index.snapshot.find(Ref(reference.kind, namespace, reference.name))
    if not reference.key or (isinstance(item, Secret) and not item.keys):
        return False
    return isinstance(item, ConfigMap | Secret) and reference.key not in _keys_of(item)
