"""The platform as found: services with their replicas and state, and who relies on whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from seakeep.contract.service import ServiceProfile
from seakeep.engine.recognise import Recogniser
from seakeep.engine.service_dependencies import service_dependencies
from seakeep.facts.calls.dependencies import Edge
from seakeep.facts.index import Index, is_owned_set
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    HorizontalPodAutoscaler,
    Job,
    KubeObject,
    Pod,
    PodSpec,
    Unstructured,
    Workload,
)
from seakeep.model.platform import Declared, Intent, Platform, ServiceState, Waiver
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# Weight of a service in the health score. A critical one counts as much as ten that hardly matter.
WEIGHT = {"critical": 10.0, "high": 5.0, "normal": 2.0, "low": 1.0}


# A workload, its labels, and its pods' spec.
_Found = tuple[KubeObject, dict[str, str], PodSpec]


class Member(Struct, frozen=True):
    """One workload: ready and intended pods (None: unknown); `stopped` where it is scaled to zero, `missing` where it is declared and was not found."""

    ref: Ref
    ready: int | None
    intended: int | None
    stopped: bool = False
    missing: bool = False


def infer(
    index: Index, profiles: Sequence[ServiceProfile] | Recogniser, intent: Intent, edges: Sequence[Edge], *, today: date
) -> Platform:
    """Services by namespace and profile; a workload that no profile fits is a service of its own, so that nothing drops out of the health score. Who asks often hands a recogniser in, which remembers names and images."""
    recogniser = profiles if isinstance(profiles, Recogniser) else Recogniser(profiles)
    groups: dict[str, list[Member]] = defaultdict(list)
    names: dict[str, tuple[str, str, str, str]] = {}
    declared = {_key(item): item for item in intent.services}
    claimed = {workload: key for key, item in declared.items() for workload in item.workloads}
    wanted = {workload: count for item in intent.services for workload, count in item.intended.items()}
    floors = _autoscaler_floors(index)
    for item, labels, spec in _workloads(index):
        profile = recogniser.profile_of(index, item, labels, spec)
        text = named(item.ref)
        key = claimed.get(text) or f"{_namespace(item.ref)}/{profile.id if profile else item.name}"
        groups[key].append(_member(index, item, wanted.get(text), floors))
        if key not in names:
            chosen = declared.get(key)
            criticality = (chosen.criticality if chosen else None) or (profile.criticality if profile else "normal")
            names[key] = (
                profile.id if profile else "",
                key.partition("/")[2] or key,
                _namespace(item.ref),
                criticality,
            )
    for custom, profile in _custom(index, recogniser):
        text = named(custom.ref)
        key = claimed.get(text) or f"{_namespace(custom.ref)}/{profile.id}"
        groups[key].append(Member(custom.ref, None, wanted.get(text, _replicas(custom))))
        chosen = declared.get(key)
        level = (chosen.criticality if chosen else None) or profile.criticality
        names.setdefault(key, (profile.id, key.partition("/")[2] or key, _namespace(custom.ref), level))
    for key, wish in sorted(declared.items()):
        groups[key] += _gone(index, wish, groups[key])
        names.setdefault(
            key,
            ("", key.partition("/")[2] or key, wish.namespace or key.partition("/")[0], wish.criticality or "normal"),
        )
    services = [_state(key, names[key], tuple(groups[key]), intent, today) for key in sorted(groups)]
    return Platform(intent, tuple(services), service_dependencies(services, edges, intent))


def _custom(index: Index, recogniser: Recogniser) -> list[tuple[Unstructured, ServiceProfile]]:
    """What operators are to make of plain manifests. Where a cluster is seen, what they made of it counts instead."""
    if not index.snapshot.intent_only:
        return []
    items = [item for group in index.snapshot.objects.values() for item in group.values()]
    return [
        (item, profile)
        for item in sorted((item for item in items if isinstance(item, Unstructured)), key=lambda item: item.ref)
        if (profile := recogniser.of_resource(item))
    ]


def _replicas(item: Unstructured) -> int | None:
    """As most operators write it; None where the resource counts otherwise."""
    spec = item.spec if isinstance(item.spec, dict) else {}
    return next((spec[name] for name in ("replicas", "instances") if isinstance(spec.get(name), int)), None)


def _gone(index: Index, item: Declared, found: Sequence[Member]) -> list[Member]:
    """What platform.yaml declares and was not found: not ready where it is known not to exist, unknown where that was not seen."""
    present = {_ref(named(member.ref)) for member in found}
    wanted = {_ref(text): item.intended.get(text, 1) for text in (*item.workloads, *item.intended)}
    if not wanted and not found:
        # Declared by name only: nothing says which kind it was.
        wanted = {Ref("Workload", item.namespace or "", item.id): 1}
    return [
        Member(ref, 0 if _is_absent(index, ref) else None, count, missing=True)
        for ref, count in sorted(wanted.items())
        if ref not in present
    ]


def _namespace(ref: Ref) -> str:
    """Manifests without a namespace go to `default`, unless somebody applies them elsewhere."""
    return ref.namespace or "default"


def named(ref: Ref) -> str:
    """As platform.yaml names a workload."""
    return f"{ref.kind}/{_namespace(ref)}/{ref.name}"


def _ref(text: str) -> Ref:
    kind, _, rest = text.partition("/")
    namespace, _, name = rest.partition("/")
    return Ref(kind, namespace, name)


def _is_absent(index: Index, ref: Ref) -> bool:
    kinds = ("Deployment", "StatefulSet") if ref.kind == "Workload" else (ref.kind,)
    return not index.snapshot.intent_only and all(index.snapshot.is_absent(ref._replace(kind=kind)) for kind in kinds)


def _key(item: Declared) -> str:
    return item.id if "/" in item.id or not item.namespace else f"{item.namespace}/{item.id}"


def _workloads(index: Index) -> list[_Found]:
    """Everything that is meant to keep running. Jobs and CronJobs end; so do their pods."""
    found = [entry for item in index.workloads if (entry := _of_item(index, item))]
    seen = {item.ref for item, _, _ in found}
    found += [
        entry
        for ref, pods in index.pods_by_workload.items()
        if ref not in seen and (entry := _of_pods(index, ref, pods))
    ]
    return sorted(found, key=lambda entry: entry[0].ref)


def _of_item(index: Index, item: Workload) -> _Found | None:
    if index.snapshot.depth(item.ref) is Depth.NAMED:
        return None
    return item, {**item.labels, **item.spec.template.metadata.labels}, item.spec.template.spec


def _of_pods(index: Index, ref: Ref, pods: Sequence[Pod]) -> _Found | None:
    if ref.kind in {"Job", "CronJob"}:
        return None
    lasting = (
        pod
        for pod in pods
        if not is_finished(pod)
        and pod.spec.restart_policy == "Always"
        and index.snapshot.depth(pod.ref) is not Depth.NAMED
    )
    first = next(lasting, None)
    owner = index.snapshot.find(ref) if first is not None else None
    if first is None or isinstance(owner, Job | CronJob):
        return None
    return owner or _stand_in(ref, first), dict(first.labels), first.spec


def part_of(index: Index, recogniser: Recogniser, intent: Intent, ref: Ref) -> object:
    """All that a platform is made of that lies with one workload: where this is the same of each, and the other kinds that are read are as they were, so is the platform."""
    item, text = index.snapshot.find(ref), named(ref)
    entry = _of_item(index, item) if isinstance(item, Workload) and not is_owned_set(item) else None
    entry = entry or _of_pods(index, ref, index.pods_by_workload.get(ref, ()))
    if entry is None:
        return item is None and any(text in {*each.workloads, *each.intended} for each in intent.services)
    profile = recogniser.profile_of(index, *entry)
    declared = next((each.intended[text] for each in reversed(intent.services) if text in each.intended), None)
    return profile.id if profile else "", _member(index, entry[0], declared, _autoscaler_floors(index))


def _stand_in(ref: Ref, pod: Pod) -> KubeObject:
    """A controller that was not read, known by its name only."""
    from seakeep.model.objects import Metadata

    return (
        pod
        if ref == pod.ref
        else Unstructured(kind=ref.kind, metadata=Metadata(name=ref.name, namespace=ref.namespace))
    )


@once
def _autoscaler_floors(index: Index) -> Mapping[Ref, int]:
    return {
        Ref(item.spec.scale_target_ref.kind, item.namespace, item.spec.scale_target_ref.name): item.spec.min_replicas
        or 1
        for item in index.snapshot.all(HorizontalPodAutoscaler)
    }


def _member(index: Index, item: KubeObject, declared: int | None, floors: Mapping[Ref, int]) -> Member:
    pods = [pod for pod in index.pods_by_workload.get(item.ref, ()) if not is_finished(pod)]
    spec_replicas: int | None = len(pods)
    reported: int | None = None
    if isinstance(item, DaemonSet):
        # One pod per node: manifests do not tell how many nodes there are.
        spec_replicas = None if index.snapshot.intent_only else item.status.desired_number_scheduled
        reported = item.status.number_ready
    elif isinstance(item, Workload):
        # The API server's default is one; a source that does not show the spec says nothing.
        shown = index.snapshot.depth(item.ref) is Depth.FULL
        spec_replicas = item.spec.replicas if item.spec.replicas is not None else (1 if shown else None)
        reported = item.status.ready_replicas
    elif not pods:
        spec_replicas = None
    stopped = spec_replicas == 0 and not isinstance(item, DaemonSet)
    intended = (
        declared
        if declared is not None
        else max(spec_replicas or 0, floors.get(item.ref, 0), 1 if stopped else 0)
        if spec_replicas is not None
        else None
    )
    if index.snapshot.intent_only:
        ready = None
    elif pods:
        ready = sum(is_ready(pod) for pod in pods)
    else:
        ready = 0 if index.snapshot.lists_all("Pod", item.namespace) else reported
    return Member(item.ref, ready, intended, stopped)


def _state(
    key: str, named: tuple[str, str, str, str], members: tuple[Member, ...], intent: Intent, today: date
) -> ServiceState:
    profile, name, namespace, criticality = named
    known = [item for item in members if item.ready is not None and item.intended is not None]
    complete = len(known) == len(members)
    ready = sum(min(item.ready or 0, item.intended or 0) for item in known) if complete else None
    intended = (
        sum(item.intended or 0 for item in members) if all(item.intended is not None for item in members) else None
    )
    waiver = _waiver(intent, today, key, name, profile)
    stopped = [item.ref.name for item in members if item.stopped]
    state = _named_state(
        ready, intended, stopped=bool(stopped) and len(stopped) == len(members), waived=waiver is not None
    )
    shares = [min((item.ready or 0) / item.intended, 1) if item.intended else 1.0 for item in known]
    missing = [item.ref.name for item in members if item.missing]
    notes = [f"scaled to zero: {', '.join(stopped)}"] if stopped else []
    notes += [f"declared and not found: {', '.join(missing)}"] if missing else []
    return ServiceState(
        id=key,
        profile=profile,
        name=name,
        namespace=namespace,
        criticality=criticality,
        weight=WEIGHT[criticality],
        ready=ready,
        intended=intended,
        state=state,
        workloads=tuple(item.ref for item in members if item.ref.kind != "Workload"),
        wanted=tuple(item.intended for item in members if item.ref.kind != "Workload"),
        waiver=waiver if state == "waived" else None,
        note="; ".join(notes),
        fulfilled=sum(shares) / len(shares) if complete and shares else None,
    )


def _named_state(ready: int | None, intended: int | None, *, stopped: bool, waived: bool) -> str:
    if ready is None or intended is None:
        return "unknown"
    if ready >= intended:
        return "up"
    if waived:
        return "waived"
    if stopped:
        return "stopped"
    return "degraded" if ready else "down"


def _waiver(intent: Intent, today: date, *names: str) -> Waiver | None:
    return next(
        (item for item in intent.waivers if item.target in names and item.target and item.expires >= today), None
    )
