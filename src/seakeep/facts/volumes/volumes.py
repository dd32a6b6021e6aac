"""Why a claim does not bind, compared as the PersistentVolume controller does (`pkg/controller/volume/persistentvolume`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.once import once
from seakeep.facts.selection import matches
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.block_drivers import serves_one_node, wants_many
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Event, Metadata, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass
from seakeep.model.objects.storage import ClaimStatus
from seakeep.model.pattern import late
from seakeep.model.quantity import QuantityError, value
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# A provisioner needs seconds; the controller repeats its ExternalProvisioning event every 15 seconds or so while it waits.
PROVISIONING = timedelta(seconds=60)
NO_PROVISIONER = "kubernetes.io/no-provisioner"
_PROVEN, _LIKELY, _POSSIBLE = 0.95, 0.8, 0.55


class Obstacle(StrEnum):
    """What keeps a claim and a volume apart."""

    CLASS_MISSING = "storage class does not exist"
    CLASS = "storage class"
    SELECTOR = "selector"
    ACCESS = "access modes"
    CAPACITY = "capacity"
    TAKEN = "bound to another claim"
    PROVISIONER = "provisioner"


_IN_MESSAGES: tuple[tuple[re.Pattern[str], Obstacle], ...] = tuple(
    (late(form, re.IGNORECASE), obstacle)
    for form, obstacle in (
        (r'storageclass(?:\.storage\.k8s\.io)? "[^"]+" not found', Obstacle.CLASS_MISSING),
        (r"storageClassName does not match", Obstacle.CLASS),
        (r"already bound to a different claim", Obstacle.TAKEN),
        # The cloud's account has no more of anything, whatever the size: before what sounds like it.
        (r"\bquota\b|QUOTA_EXCEEDED|LimitExceeded|quota\w*exceed", Obstacle.PROVISIONER),
        (
            r"requested PV is too small|not enough (?:free |available )?(?:space|capacity)|ResourceExhausted|insufficient (?:free )?(?:space|capacity)|exceeds? .{0,40}(?:capacity|maximum|limit)|(?:size|capacity) .{0,40}(?:too large|out of range|exceed)",
            Obstacle.CAPACITY,
        ),
        (
            r"incompatible accessMode|access ?modes?\b.{0,60}(?:not supported|unsupported|invalid|incompatible)|(?:only supports?|unsupported|not support\w*|invalid) .{0,80}access ?modes?|volume capabilit(?:y|ies) .{0,20}not supported|MULTI_NODE_MULTI_WRITER",
            Obstacle.ACCESS,
        ),
        (r"incompatible volumeMode|volumeMode .{0,40}not support", Obstacle.ACCESS),
        (r"claim\.?(?:spec\.)? ?selector is not supported", Obstacle.SELECTOR),
    )
)


_CLASS = late(r'storageclass(?:\.storage\.k8s\.io)? "(?P<name>[^"]+)"')


class Unbound(Struct, frozen=True):
    """A claim that waits. `obstacles` by confidence; `nearest` the volume that would fit but for that obstacle."""

    claim: PersistentVolumeClaim
    class_name: str
    storage_class: StorageClass | None
    consumers: tuple[Pod, ...]
    obstacles: Mapping[Obstacle, float]
    nearest: Mapping[Obstacle, PersistentVolume]
    evidence: tuple[Evidence, ...]
    message: str


@once
def consumers(index: Index) -> Mapping[tuple[str, str], Sequence[Pod]]:
    """Pods by the claim that they mount, those of generic ephemeral volumes included."""
    found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
    for pod in index.pods:
        for name in claim_names(pod.spec):
            found[pod.namespace, name].append(pod)
        for volume in pod.spec.volumes:
            if volume.ephemeral is not None:
                found[pod.namespace, f"{pod.name}-{volume.name}"].append(pod)
    return found


@once
def unbound(index: Index) -> tuple[Unbound, ...]:
    """Claims that are Pending with an obstacle that can be told."""
    found = [
        _judge(index, claim)
        for claim in (*index.snapshot.all(PersistentVolumeClaim), *_only_in_events(index))
        if (claim.status.phase == "Pending" or _is_planned(index, claim)) and not claim.metadata.deletion_timestamp
    ]
    return tuple(item for item in found if item.obstacles)


def _is_planned(index: Index, claim: PersistentVolumeClaim) -> bool:
    return index.snapshot.intent_only and not claim.status.phase


def _only_in_events(index: Index) -> list[PersistentVolumeClaim]:
    """Claims that recent events speak of and that were not seen, nor are known to be gone."""
    refs = {
        event.about
        for event in index.events_with("ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ExternalProvisioning")
        if event.about.kind == "PersistentVolumeClaim" and is_recent(index, event.last_seen) and _tells(event)
    }
    return [
        PersistentVolumeClaim(
            metadata=Metadata(name=ref.name, namespace=ref.namespace), status=ClaimStatus(phase="Pending")
        )
        for ref in sorted(refs)
        if index.snapshot.find(ref) is None and not index.snapshot.is_absent(ref)
    ]


def _tells(event: Event) -> bool:
    """Every claim waits for its provisioner a moment: only a long wait speaks of a claim that was not seen."""
    if event.reason != "ExternalProvisioning":
        return True
    return bool(event.first_seen and event.last_seen and event.last_seen - event.first_seen > PROVISIONING)


def class_of(index: Index, claim: PersistentVolumeClaim) -> tuple[str, StorageClass | None]:
    """The name of the claim's class ("" for none) and the class; a claim that names none gets the default one."""
    name = claim.spec.storage_class_name
    if name is None and index.snapshot.find(claim.ref) is None:
        found = next((match for event in index.events_about(claim.ref) if (match := _CLASS.search(event.text))), None)
        name = found["name"] if found else None
    if name is None:
        name = claim.metadata.annotations.get("volume.beta.kubernetes.io/storage-class")
    if name is None:
        default = next((item for item in index.snapshot.all(StorageClass) if item.is_default), None)
        return (default.name, default) if default else ("", None)
    return name, index.snapshot.get(StorageClass, "", name)


def requested(claim: PersistentVolumeClaim) -> int:
    return _size(claim.spec.resources.requests.get("storage"))


def capacity(volume: PersistentVolume) -> int:
    return _size(volume.spec.capacity.get("storage"))


def _size(quantity: str | float | None) -> int:
    try:
        return value(quantity) if quantity is not None else 0
    except QuantityError:
        return 0


def obstacles_between(claim: PersistentVolumeClaim, class_name: str, volume: PersistentVolume) -> frozenset[Obstacle]:
    found = set[Obstacle]()
    owner = volume.spec.claim_ref
    if owner and (owner.namespace, owner.name) != (claim.namespace, claim.name):
        found.add(Obstacle.TAKEN)
    elif owner and owner.uid and claim.metadata.uid and owner.uid != claim.metadata.uid:
        found.add(Obstacle.TAKEN)  # of a claim of the same name that was deleted: the volume is Released
    if volume.spec.storage_class_name != class_name:
        found.add(Obstacle.CLASS)
    if (
        not set(claim.spec.access_modes) <= set(volume.spec.access_modes)
        or claim.spec.volume_mode != volume.spec.volume_mode
    ):
        found.add(Obstacle.ACCESS)
    if capacity(volume) < requested(claim):
        found.add(Obstacle.CAPACITY)
    if claim.spec.selector is not None and not matches(claim.spec.selector, volume.labels):
        found.add(Obstacle.SELECTOR)
    return frozenset(found)


def _judge(index: Index, claim: PersistentVolumeClaim) -> Unbound:
    class_name, storage_class = class_of(index, claim)
    users = tuple(
        pod
        for pod in consumers(index).get((claim.namespace, claim.name), ())
        if pod.status.phase not in {"Succeeded", "Failed"}
    )
    events = [
        event
        for event in index.events_about(claim.ref)
        if event.reason in {"ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ExternalProvisioning"}
    ]
    told = next((event for event in events if event.reason != "ExternalProvisioning"), events[0] if events else None)
    message = told.text if told else ""
    evidence = [
        state_evidence(claim, "status.phase", claim.status.phase or "planned", claim.metadata.creation_timestamp)
    ]
    if told:
        found = event_evidence(index, told, current=True)
        evidence.insert(0, replace(found, value=found.value[:300]))
    near: dict[Obstacle, PersistentVolume] = {}
    if index.snapshot.find(claim.ref) and index.snapshot.depth(claim.ref) is Depth.FULL:
        obstacles = _static(index, claim, class_name, near)
    else:
        obstacles = _by_name(index, claim, near) or _by_class(index, claim, class_name, near)
    if _is_planned(index, claim):
        obstacles = _planned(index, claim, class_name, storage_class, obstacles)
    else:
        obstacles = _with_class(index, claim, class_name, storage_class, users, events, message, obstacles)
    return Unbound(claim, class_name, storage_class, users, obstacles, near, tuple(evidence), message)


def _planned(
    index: Index,
    claim: PersistentVolumeClaim,
    class_name: str,
    storage_class: StorageClass | None,
    static: dict[Obstacle, float],
) -> dict[Obstacle, float]:
    """Of manifests: volumes made by hand for the claim's class that do not fit it, and a class that looks mistyped. What a cluster offers besides is not known."""
    if storage_class and storage_class.provisioner not in {"", NO_PROVISIONER}:
        return {Obstacle.ACCESS: _LIKELY} if wants_many(claim) and serves_one_node(storage_class.provisioner) else {}
    if claim.spec.volume_name:
        return static
    volumes = [item for item in index.snapshot.all(PersistentVolume) if item.spec.storage_class_name == class_name]
    if volumes:
        return {kind: level for kind, level in static.items() if kind is not Obstacle.CLASS and len(static) == 1}
    classes = {item.name for item in index.snapshot.all(StorageClass)}
    if claim.spec.storage_class_name and classes and storage_class is None:
        return {Obstacle.CLASS_MISSING: _LIKELY if any(is_slip(class_name, name) for name in classes) else _POSSIBLE}
    by_hand = {item.spec.storage_class_name for item in index.snapshot.all(PersistentVolume)}
    if claim.spec.storage_class_name and any(is_slip(class_name, name) for name in by_hand):
        return {kind: level for kind, level in static.items() if kind is Obstacle.CLASS}
    return {}


def _static(
    index: Index, claim: PersistentVolumeClaim, class_name: str, near: dict[Obstacle, PersistentVolume]
) -> dict[Obstacle, float]:
    """What keeps the claim from the volumes that come nearest to it; {} where one fits or none comes near."""
    if claim.spec.volume_name:
        volume = index.snapshot.get(PersistentVolume, "", claim.spec.volume_name)
        wrong = obstacles_between(claim, class_name, volume) if volume else frozenset[Obstacle]()
        if volume:
            near.update(dict.fromkeys(wrong, volume))
        return dict.fromkeys(wrong, _PROVEN if len(wrong) == 1 else _LIKELY)
    compared = [
        (obstacles_between(claim, class_name, volume), volume) for volume in index.snapshot.all(PersistentVolume)
    ]
    if not compared or any(not wrong for wrong, _ in compared):
        return {}
    free = [entry for entry in compared if Obstacle.TAKEN not in entry[0]]
    fewest = min(len(wrong) for wrong, _ in free) if free else 0
    chosen = [entry for entry in free if len(entry[0]) == fewest and fewest <= 2]
    if not chosen:
        # Every volume is taken: telling only where the claim could have had this one.
        chosen = [entry for entry in compared if entry[0] == {Obstacle.TAKEN}]
    kinds = sorted({kind for wrong, _ in chosen for kind in wrong})
    for wrong, volume in chosen:
        for kind in wrong:
            near.setdefault(kind, volume)
    level = _LIKELY if len(kinds) == 1 else _POSSIBLE
    return dict.fromkeys(kinds, level)


def _by_name(
    index: Index, claim: PersistentVolumeClaim, near: dict[Obstacle, PersistentVolume]
) -> dict[Obstacle, float]:
    """The volume that the claim names belongs to another claim: even a table of volumes tells."""
    volume = index.snapshot.get(PersistentVolume, "", claim.spec.volume_name) if claim.spec.volume_name else None
    owner = volume.spec.claim_ref if volume else None
    if volume is None or owner is None or (owner.namespace, owner.name) == (claim.namespace, claim.name):
        return {}
    near[Obstacle.TAKEN] = volume
    return {Obstacle.TAKEN: _PROVEN}


def _by_class(
    index: Index, claim: PersistentVolumeClaim, class_name: str, near: dict[Obstacle, PersistentVolume]
) -> dict[Obstacle, float]:
    """Of a claim that was only listed or described just the class is known while it waits: free volumes, all of other classes, speak of it;
    where one is of its class, size, access mode or selector must be in the way.
    """
    free = [
        volume
        for volume in index.snapshot.all(PersistentVolume)
        if volume.spec.claim_ref is None and volume.status.phase in {"", "Available"}
    ]
    if not class_name or not free:
        return {}
    if same := next((volume for volume in free if volume.spec.storage_class_name == class_name), None):
        hidden = (Obstacle.ACCESS, Obstacle.CAPACITY, Obstacle.SELECTOR)
        near.update(dict.fromkeys(hidden, same))
        shown = obstacles_between(claim, class_name, same) & set(hidden)
        if requested(claim) and all(obstacles_between(claim, class_name, item) for item in free):
            return dict.fromkeys(shown, _LIKELY if len(shown) == 1 else _POSSIBLE)
        return dict.fromkeys(hidden, _POSSIBLE)
    near[Obstacle.CLASS] = free[0]
    return {Obstacle.CLASS: _POSSIBLE}


def _with_class(
    index: Index,
    claim: PersistentVolumeClaim,
    class_name: str,
    storage_class: StorageClass | None,
    users: Sequence[Pod],
    events: Sequence[Event],
    message: str,
    static: dict[Obstacle, float],
) -> dict[Obstacle, float]:
    in_message = next((obstacle for form, obstacle in _IN_MESSAGES if form.search(message)), None)
    if claim.spec.volume_name and (static or in_message):
        return static or ({in_message: _PROVEN} if in_message else {})
    if claim.spec.volume_name and index.snapshot.is_absent(Ref("PersistentVolume", "", claim.spec.volume_name)):
        return {}  # waits for a volume of that name, whatever its class
    if storage_class and storage_class.provisioner and storage_class.provisioner != NO_PROVISIONER:
        return _dynamic(index, claim, storage_class, users, events, in_message)
    if storage_class and storage_class.volume_binding_mode == "WaitForFirstConsumer" and not users:
        return {}
    class_gone = (
        bool(class_name)
        and storage_class is None
        and (in_message is Obstacle.CLASS_MISSING or index.snapshot.is_absent(Ref("StorageClass", "", class_name)))
    )
    by_hand = any(volume.spec.storage_class_name == class_name for volume in index.snapshot.all(PersistentVolume))
    if class_gone and not by_hand:
        if static.get(Obstacle.CLASS, 0) >= _LIKELY:
            return {Obstacle.CLASS: _PROVEN}  # a volume made for the claim waits under another class
        volumes_known = index.snapshot.lists_all("PersistentVolume", "*")
        return {Obstacle.CLASS_MISSING: _PROVEN if volumes_known else _LIKELY}  # classes by hand exist only on volumes
    if static:
        return {
            kind: _PROVEN if len(static) == 1 and kind is not Obstacle.TAKEN else level
            for kind, level in static.items()
        }
    if in_message:
        return {in_message: _PROVEN}
    if storage_class is None and any(
        event.reason in {"ProvisioningFailed", "ExternalProvisioning"} for event in events
    ):
        return _dynamic(index, claim, StorageClass(volume_binding_mode="Immediate"), users, events, None)
    no_class = not class_name and (
        "no storage class is set" in message
        or (index.snapshot.lists_all("StorageClass", "*") and index.snapshot.depth(claim.ref) is Depth.FULL)
    )
    if (
        no_class
        and claim.spec.storage_class_name is None
        and (index.snapshot.find(claim.ref) or "no storage class is set" in message)
    ):
        return {Obstacle.CLASS_MISSING: _LIKELY}
    return {}


def _dynamic(
    index: Index,
    claim: PersistentVolumeClaim,
    storage_class: StorageClass,
    users: Sequence[Pod],
    events: Sequence[Event],
    in_message: Obstacle | None,
) -> dict[Obstacle, float]:
    if in_message and in_message is not Obstacle.CLASS_MISSING:
        return {in_message: _PROVEN}
    chosen = "volume.kubernetes.io/selected-node" in claim.metadata.annotations
    if storage_class.volume_binding_mode == "WaitForFirstConsumer" and not events and not (users and chosen):
        return {}
    if any(event.reason == "ProvisioningFailed" for event in events):
        return {Obstacle.PROVISIONER: _PROVEN}
    created = claim.metadata.creation_timestamp
    if created and index.now - created < PROVISIONING:
        return {}
    return {Obstacle.PROVISIONER: _LIKELY if events else _POSSIBLE}


def claim_candidate(
    item: Unbound, cause: str, obstacle: Obstacle, summary: str, repair: str, more: tuple[Evidence, ...] = ()
) -> Candidate:
    """A candidate on the claim, with what it told first and what it was compared with behind."""
    return Candidate(
        id=cause,
        object=item.claim.ref,
        summary=summary,
        evidence=(*item.evidence, *more)[:6],
        affects=tuple(pod.ref for pod in item.consumers),
        repair=Repair(repair),
        confidence=item.obstacles[obstacle],
        settled_by=""
        if item.obstacles[obstacle] >= _LIKELY
        else f"kubectl describe pvc {quote(item.claim.name)} -n {quote(item.claim.namespace)}; kubectl get pv,storageclass",
    )


def with_obstacle(index: Index, obstacle: Obstacle) -> tuple[Unbound, ...]:
    """The waiting claims that this obstacle keeps from a volume."""
    return tuple(item for item in unbound(index) if obstacle in item.obstacles)
