"""Claims that wait for a volume, and what was said of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.volumes.claim_consumers import consumers
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Event, Metadata, PersistentVolumeClaim, Pod, StorageClass
from seakeep.model.objects.storage import ClaimStatus
from seakeep.model.pattern import late

# A provisioner needs seconds; the controller repeats its ExternalProvisioning event every 15 seconds or so while it waits.
PROVISIONING = timedelta(seconds=60)
_REASONS = ("ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ExternalProvisioning")
_BEGUN = ("Provisioning", "ExternalProvisioning")
_NO_CLASS = late(r'storageclass(?:\.storage\.k8s\.io)? "[^"]+" not found')
_CLASS = late(r'storageclass(?:\.storage\.k8s\.io)? "(?P<name>[^"]+)"')


class Waiting(Struct, frozen=True):
    """`planned` of a manifest's claim, which nothing has tried to bind; `told` is the event that says most."""

    claim: PersistentVolumeClaim
    planned: bool
    class_name: str
    storage_class: StorageClass | None
    consumers: tuple[Pod, ...]
    events: Sequence[Event]
    told: Event | None

    @property
    def message(self) -> str:
        return self.told.text if self.told else ""

    def has_event(self, *reasons: str) -> bool:
        return any(event.reason in reasons for event in self.events)


def waiting(index: Index) -> Iterator[Waiting]:
    for claim in (*index.snapshot.all(PersistentVolumeClaim), *_only_in_events(index)):
        planned = index.snapshot.intent_only and not claim.status.phase
        if (claim.status.phase == "Pending" or planned) and not claim.metadata.deletion_timestamp:
            yield _seen(index, claim, planned=planned)


def _seen(index: Index, claim: PersistentVolumeClaim, *, planned: bool) -> Waiting:
    name, storage_class = class_of(index, claim)
    users = tuple(pod for pod in consumers(index).get((claim.namespace, claim.name), ()) if not is_ended(pod))
    events = [event for event in index.events_about(claim.ref) if event.reason in _REASONS]
    lasting = [event for event in events if not _is_past(index, claim, event)]
    told = next((event for event in lasting if event.reason != "ExternalProvisioning"), lasting[0] if lasting else None)
    return Waiting(claim, planned, name, storage_class, users, events, told)


def _is_past(index: Index, claim: PersistentVolumeClaim, event: Event) -> bool:
    """That the class is missing, where a provisioner has begun since: somebody made it."""
    begun = (other.last_seen for other in index.events_about(claim.ref) if other.reason in _BEGUN)
    return bool(_NO_CLASS.search(event.text)) and any(
        time and event.last_seen and time > event.last_seen for time in begun
    )


def _only_in_events(index: Index) -> list[PersistentVolumeClaim]:
    """Claims that recent events speak of and that were not seen, nor are known to be gone."""
    refs = {
        event.about
        for event in index.events_with(*_REASONS)
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
