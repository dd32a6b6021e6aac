"""A StatefulSet's pods and claims: names, labels, volumes, and what becomes of the claims. Source: pkg/controller/statefulset/{stateful_set_utils,stateful_pod_control}.go."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import lru_cache

from msgspec.structs import replace

from seakeep.model.objects import KubeObject, Metadata, OwnerReference, PersistentVolumeClaim, Pod, StatefulSet
from seakeep.model.objects.pods import ClaimVolume, PodTemplate, Volume
from seakeep.model.objects.storage import ClaimStatus
from seakeep.model.objects.workloads import ClaimRetention
from seakeep.twin.actions import Action, Create, Update
from seakeep.twin.controller import View
from seakeep.twin.controllers.pods import is_terminating, pod_from, reference
from seakeep.twin.controllers.revisions import REVISION_LABEL

_NAME_LABEL = "statefulset.kubernetes.io/pod-name"
_INDEX_LABEL = "apps.kubernetes.io/pod-index"
_RETAINED = ClaimRetention()


def strategy(item: StatefulSet) -> str:
    return item.spec.update_strategy.type if item.spec.update_strategy else "RollingUpdate"


def start(item: StatefulSet) -> int:
    return item.spec.ordinals.start if item.spec.ordinals else 0


def members(item: StatefulSet, pods: Iterable[Pod]) -> list[Pod]:
    """Those that are named as its pods are."""
    name = item.metadata.name
    return [pod for pod in pods if (of := _parts(pod.metadata.name))[0] == name and of[1] >= 0]


def ordinal(pod: Pod) -> int:
    return _parts(pod.metadata.name)[1]


@lru_cache(maxsize=8192)
def _parts(name: str) -> tuple[str, int]:
    """The set's name and the ordinal, -1 where it is none."""
    parent, _, text = name.rpartition("-")
    return parent, int(text) if text.isascii() and text.isdecimal() and int(text) < 2**31 else -1


# A set's pods of one revision, each made once; by the ids of what they are made from, which is held with them.
_made: dict[tuple[int, int, int, int, str], tuple[object, object, object, Pod]] = {}
_MOST_MADE = 8192


def pod(item: StatefulSet, template: PodTemplate, number: int, revision: str) -> Pod:
    """One that takes the place of another shares all but its times with it, so that what follows from these parts is not worked out again."""
    key = (id(item.metadata), id(item.spec), id(template), number, revision)
    known = _made.get(key)
    if known is None:
        if len(_made) >= _MOST_MADE:
            _made.clear()
        known = _made[key] = (item.metadata, item.spec, template, _pod(item, template, number, revision))
    return known[3]


def _pod(item: StatefulSet, template: PodTemplate, number: int, revision: str) -> Pod:
    name = f"{item.name}-{number}"
    made = pod_from(item, template, name, f"{item.name}-")
    labels = {**made.labels, _NAME_LABEL: name, _INDEX_LABEL: str(number), REVISION_LABEL: revision}
    spec = replace(
        made.spec,
        hostname=name,
        subdomain=item.spec.service_name,
        volumes=_volumes(item, made.spec.volumes, number),
    )
    return replace(made, metadata=replace(made.metadata, labels=labels), spec=spec)


def _volumes(item: StatefulSet, present: tuple[Volume, ...], number: int) -> tuple[Volume, ...]:
    templates = {claim.name: claim_name(item, claim, number) for claim in item.spec.volume_claim_templates}
    mine = tuple(
        Volume(name=name, persistent_volume_claim=ClaimVolume(claim_name=claim))
        for name, claim in sorted(templates.items())
    )
    return (*mine, *(volume for volume in present if volume.name not in templates))


def claim_name(item: StatefulSet, claim: PersistentVolumeClaim, number: int) -> str:
    return f"{claim.metadata.name}-{item.metadata.name}-{number}"


def _names(item: StatefulSet, pod: Pod) -> list[str]:
    number = ordinal(pod)
    return [claim_name(item, claim, number) for claim in item.spec.volume_claim_templates]


def claimed(view: View, item: StatefulSet, pod: Pod) -> Generator[Action, None, bool]:
    """Makes the pod's missing claims; says whether all of them are there to stay."""
    complete = True
    for template in item.spec.volume_claim_templates:
        name = claim_name(item, template, ordinal(pod))
        known = view.state.get(PersistentVolumeClaim, item.namespace, name)
        if known is None:
            labels = {**template.labels, **(item.spec.selector.match_labels if item.spec.selector else {})}
            metadata = Metadata(
                name=name, namespace=item.namespace, labels=labels, annotations=template.metadata.annotations
            )
            claim = PersistentVolumeClaim(
                api_version="v1", metadata=metadata, spec=template.spec, status=ClaimStatus(phase="Pending")
            )
            yield Create(claim, f"statefulset: claim of {pod.name}")
            complete = complete and view.state.find(claim.ref) is not None
        elif known.metadata.deletion_timestamp is not None:
            complete = False
    return complete


def retention(item: StatefulSet) -> ClaimRetention:
    return item.spec.persistent_volume_claim_retention_policy or _RETAINED


def has_stale_claim(view: View, item: StatefulSet, pod: Pod) -> bool:
    """A claim that goes with the pod of that name before it (whenScaled: Delete)."""
    if retention(item).when_scaled == "Retain":
        return False
    found = (view.state.get(PersistentVolumeClaim, item.namespace, name) for name in _names(item, pod))
    return any(_is_stale(claim, pod) for claim in found if claim is not None)


def _is_stale(claim: PersistentVolumeClaim, owner: KubeObject) -> bool:
    return any(
        (each.kind, each.name) == (owner.kind, owner.name) and each.uid != owner.metadata.uid
        for each in claim.metadata.owner_references
    )


def kept(view: View, item: StatefulSet, pod: Pod, inside: range) -> Iterator[Action]:
    """Owners of the pod's claims by persistentVolumeClaimRetentionPolicy: the set, the pod that was scaled away, or nobody."""
    if not item.spec.volume_claim_templates:
        return
    policy = retention(item)
    plain = policy == _RETAINED
    for name in _names(item, pod):
        claim = view.state.get(PersistentVolumeClaim, item.metadata.namespace, name)
        if claim is None or (plain and not claim.metadata.owner_references):
            continue  # nobody's, as it is to be
        if _is_stale(claim, item) or _is_stale(claim, pod):
            continue
        others = tuple(
            each
            for each in claim.metadata.owner_references
            if (each.kind, each.name) not in {(item.kind, item.name), (pod.kind, pod.name)}
        )
        if plain or any(each.controller for each in others):
            owners: tuple[OwnerReference, ...] = others
        elif policy.when_scaled == "Delete" and ordinal(pod) not in inside:
            owners = (*others, replace(reference(pod), api_version="v1"))
        elif policy.when_deleted == "Delete":
            owners = (*others, reference(item))
        else:
            owners = others
        if owners != claim.metadata.owner_references:
            changed = replace(claim, metadata=replace(claim.metadata, owner_references=owners))
            yield Update(changed, "statefulset: persistentVolumeClaimRetentionPolicy")


def restored(view: View, item: StatefulSet, pod: Pod, inside: range) -> Iterator[Action]:
    """Labels of identity, missing claims and the claims' owners."""
    if is_terminating(pod):
        return
    name = pod.metadata.name
    if pod.metadata.labels.get(_NAME_LABEL, name) != name:
        labels = {**pod.labels, _NAME_LABEL: name, _INDEX_LABEL: str(ordinal(pod))}
        yield Update(replace(pod, metadata=replace(pod.metadata, labels=labels)), "statefulset: identity")
    yield from kept(view, item, pod, inside)
