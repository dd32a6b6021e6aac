"""ConfigMaps, Secrets and keys that pods refer to and that do not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.freshness import event_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.references.podspec_references import Reference, references
from seakeep.facts.workloads.podstate import is_finished, is_ready, statuses
from seakeep.model.cause import Evidence
from seakeep.model.objects import ConfigMap, Pod, Secret
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# Kubelet's words, in waiting messages and in Failed and FailedMount events.
_OBJECT = late(r"(?P<kind>configmap|secret)s? \\?\"(?P<name>[\w.-]+)\\?\" not found", re.IGNORECASE)
_KEY = late(
    r"couldn't find key (?P<key>[\w.-]+) in (?P<kind>ConfigMap|Secret) (?:[\w.-]+/)?(?P<name>[\w.-]+)", re.IGNORECASE
)
_ITEM = late(r"references non-existent (?:config|secret) key: (?P<key>[\w.-]+)", re.IGNORECASE)
_VOLUME = late(r"for volume \\?\"(?P<volume>[^\"\\]+)")
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}


class MissingReference(Struct, frozen=True):
    """`felt` where a pod waits for it now."""

    workload: Ref
    kind: str
    name: str
    key: str
    place: str
    pods: tuple[Ref, ...]
    evidence: tuple[Evidence, ...]
    felt: bool


@once
def missing_references(index: Index) -> tuple[MissingReference, ...]:
    """One entry per workload and missing thing; those that pods wait for first said by the kubelet, then what the specification alone shows."""
    found: dict[tuple[Ref, str, str, str], MissingReference] = {}
    for pod in index.pods:
        if is_finished(pod) or is_ready(pod) or index.snapshot.depth(pod.ref) is Depth.NAMED:
            continue
        for entry in _told(index, pod):
            _add(found, entry)
        for reference in references(pod.spec):
            if _is_missing(index, pod.namespace, reference) and _waits(pod):
                evidence = (
                    Evidence(pod.ref, reference.place, f"{reference.kind} {reference.name} {reference.key}".strip()),
                )
                _add(
                    found,
                    MissingReference(
                        workload_of(index, pod),
                        reference.kind,
                        reference.name,
                        reference.key,
                        reference.place,
                        (pod.ref,),
                        evidence,
                        True,
                    ),
                )
    return tuple(found[key] for key in sorted(found))


def _add(found: dict[tuple[Ref, str, str, str], MissingReference], entry: MissingReference) -> None:
    key = (entry.workload, entry.kind, entry.name, entry.key)
    known = found.get(key)
    if known is None:
        found[key] = entry
    else:
        found[key] = MissingReference(
            *key,
            known.place,
            tuple(dict.fromkeys((*known.pods, *entry.pods))),
            tuple(dict.fromkeys((*known.evidence, *entry.evidence)))[:5],
            known.felt or entry.felt,
        )


def _waits(pod: Pod) -> bool:
    """Not started for want of something; a crash loop has all that it refers to."""
    reasons = {status.state.waiting.reason for status in statuses(pod) if status.state.waiting}
    return bool(reasons & {"CreateContainerConfigError", "ContainerCreating", "PodInitializing", ""}) or (
        pod.status.phase == "Pending" and not reasons
    )


def _told(index: Index, pod: Pod) -> Iterator[MissingReference]:
    workload = workload_of(index, pod)
    waiting = [
        (status.name, status.state.waiting)
        for status in statuses(pod)
        if status.state.waiting
        and status.state.waiting.reason in {"CreateContainerConfigError", "CreateContainerError"}
    ]
    told = [
        (
            Evidence(
                pod.ref, f"status.containerStatuses[{name}].state.waiting", f"{state.reason} {state.message}"[:300]
            ),
            state.message,
        )
        for name, state in waiting
    ]
    told += [
        (event_evidence(index, event, current=True), event.text)
        for event in index.events_about(pod.ref)
        if event.reason in {"FailedMount", "Failed"} and (waiting or _waits(pod))
    ]
    for evidence, text in told:
        if match := _KEY.search(text):
            yield MissingReference(
                workload,
                _KINDS[match["kind"].lower()],
                match["name"],
                match["key"],
                _place(pod, match["name"]),
                (pod.ref,),
                (evidence,),
                True,
            )
        elif match := _OBJECT.search(text):
            kind = _KINDS[match["kind"].lower()]
            if index.snapshot.find(Ref(kind, pod.namespace, match["name"])) is None:
                yield MissingReference(
                    workload, kind, match["name"], "", _place(pod, match["name"]), (pod.ref,), (evidence,), True
                )
        elif match := _ITEM.search(text):
            reference = next((item for item in references(pod.spec) if item.key == match["key"]), None)
            # A description shows of a volume which object it holds, not which keys.
            reference = reference or _of_volume(pod, text)
            if reference:
                yield MissingReference(
                    workload,
                    reference.kind,
                    reference.name,
                    match["key"],
                    reference.place,
                    (pod.ref,),
                    (evidence,),
                    True,
                )


def _of_volume(pod: Pod, text: str) -> Reference | None:
    """The one object that the volume holds of which the kubelet tells."""
    match = _VOLUME.search(text)
    held = [item for item in references(pod.spec) if match and item.place == f"volume {match['volume']}"]
    return held[0] if len({(item.kind, item.name) for item in held}) == 1 else None


def _place(pod: Pod, name: str) -> str:
    return next((reference.place for reference in references(pod.spec) if reference.name == name), "its pod template")


def _is_missing(index: Index, namespace: str, reference: Reference) -> bool:
    ref = Ref(reference.kind, namespace, reference.name)
    item = index.snapshot.find(ref)
    if item is None:
        return index.snapshot.is_absent(ref)
    if not reference.key or index.snapshot.depth(ref) is not Depth.FULL:
        return False
    if isinstance(item, ConfigMap):
        return reference.key not in item.data and reference.key not in item.binary_data
    return isinstance(item, Secret) and bool(item.keys) and reference.key not in item.keys
