"""The packing problem of a twin as it stands. Where a pod may be, kube-scheduler's own filters say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.msgpack import encode
from msgspec.structs import replace

from seakeep.engine.repack.movable import held, tied
from seakeep.engine.repack.packing import Kind, Packing
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.twin.kubelet.faults import root_of
from seakeep.twin.requests import reserved
from seakeep.twin.scheduler.cluster import Cluster, Ints
from seakeep.twin.scheduler.profile import Verdict, judge
from seakeep.twin.scheduler.terms import terms_of
from seakeep.twin.state import State, controller_of

# Requests by container that replace those of a workload's pods.
Sizes = Mapping[Ref, Mapping[str, Mapping[str, str]]]
_OWN_LABELS = frozenset({"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "pod-template-hash", "controller-revision-hash"})  # fmt: skip
_ROOM = ("Insufficient ", "Too many pods")
# A pause costs more than several moves that nobody notices.
_COST, _PAUSE = 1, 5


@dataclass(frozen=True)
class Reading:
    """`held` counts by reason the pods that may not be moved; `elsewise` wait for something else than room."""

    packing: Packing
    held: Mapping[str, int]
    elsewise: tuple[Ref, ...]


def read(state: State, waiting: Sequence[Ref], sizes: Sizes | None = None) -> Reading:
    """`waiting` are pods that the scheduler found no node for."""
    full = Cluster(state)
    placed = [pod for pod in state.all(Pod) if pod.spec.node_name in full.index and not is_ended(pod)]  # fmt: skip
    why = {pod.ref: held(state, pod) for pod in placed}
    kept = Counter(text for text in why.values() if text)
    movable = [pod for pod in placed if not why[pod.ref]]
    bare = full.branch(state)
    for pod in movable:
        bare.remove(pod, full.index[pod.spec.node_name])
    room = {name: amounts.copy() for name, amounts in bare.requested.items()}
    slots = bare.allowed_pods - bare.pod_count
    resources = (*sorted(full.allocatable), "pods")
    for pod in placed:
        if why[pod.ref]:
            _shrunk(state, pod, sizes, room, full.index[pod.spec.node_name])
    free = [
        tuple(int(slots[node]) if name == "pods" else int(full.allocatable[name][node] - room[name][node]) for name in resources)
        for node in range(full.size)
    ]  # fmt: skip
    full, bare = _roomy(full), _roomy(bare)
    groups: dict[bytes, list[Pod]] = defaultdict(list)
    wanting = [each for ref in waiting if (each := state.get(Pod, ref.namespace, ref.name)) is not None]
    for pod in (*movable, *wanting):
        groups[_alike(state, _sized(state, pod, sizes))].append(pod)
    kinds: list[Kind] = []
    samples: list[Pod] = []
    elsewise: list[Ref] = []
    for pods in groups.values():
        sample = _sized(state, pods[0], sizes)
        verdict = judge(full if tied(sample) else bare, _unbound(sample))
        without = sorted(pod.ref for pod in pods if not pod.spec.node_name)
        if without and not verdict.feasible and not _for_room(verdict):
            elsewise += without
            continue
        kinds.append(_kind(state, sample, pods, without, verdict, resources, full.index))
        samples.append(sample)
    keys = [terms_of(pod).anti_affinity for pod in samples]
    domains = {term.topology_key: tuple(full.domains(term.topology_key).codes.tolist()) for terms in keys for term in terms}  # fmt: skip
    apart = _apart(full, samples)
    kinds = [replace(kind, apart=tuple(sorted(apart[number]))) for number, kind in enumerate(kinds)]
    packing = Packing(tuple(node.name for node in full.nodes), resources, tuple(free), tuple(kinds), domains)
    return Reading(packing, dict(sorted(kept.items())), tuple(sorted(elsewise)))


def _kind(state: State, sample: Pod, pods: Iterable[Pod], waiting: Sequence[Ref], verdict: Verdict, resources: Sequence[str], index: Mapping[str, int]) -> Kind:  # fmt: skip
    here: dict[int, list[Ref]] = defaultdict(list)
    for pod in pods:
        if pod.spec.node_name:
            here[index[pod.spec.node_name]].append(pod.ref)
    needs = reserved(sample, running=False).requests
    owner = controller_of(sample)
    replicas = len(state.pods_of(owner)) if owner is not None else 1
    return Kind(
        root_of(state, sample),
        tuple(1 if name == "pods" else needs.get(name, 0) for name in resources),
        # Where they are, they may stay.
        frozenset(index[name] for name in verdict.feasible) | frozenset(here),
        {node: tuple(sorted(refs)) for node, refs in sorted(here.items())},
        tuple(waiting),
        (),
        _COST if replicas > 1 else _PAUSE,
        sample.spec.priority or 0,
    )


def _roomy(cluster: Cluster) -> Cluster:
    """With nothing reserved: what is refused then is refused for good, or too large for the node."""
    found = cluster.branch(cluster.objects)
    found.requested = {name: np.zeros_like(amounts) for name, amounts in cluster.requested.items()}
    found.pod_count = cluster.zeros()
    return found


def _for_room(verdict: Verdict) -> bool:
    return any(all(text.startswith(_ROOM) for text in texts) for texts in verdict.reasons.values())


def _unbound(pod: Pod) -> Pod:
    return replace(pod, spec=replace(pod.spec, node_name="")) if pod.spec.node_name else pod


def _sized(state: State, pod: Pod, sizes: Sizes | None) -> Pod:
    wanted = sizes.get(root_of(state, pod)) if sizes else None
    if not wanted:
        return pod
    containers = tuple(
        replace(item, resources=replace(item.resources, requests={**item.resources.requests, **wanted[item.name]}))
        if item.name in wanted
        else item
        for item in pod.spec.containers
    )
    return replace(pod, spec=replace(pod.spec, containers=containers))


def _shrunk(state: State, pod: Pod, sizes: Sizes | None, room: Mapping[str, Ints], node: int) -> None:
    """What a pod that stays where it is takes less once its workload asks for less."""
    smaller = _sized(state, pod, sizes)
    if smaller is not pod:
        new = reserved(smaller, running=False).requests
        for name, amount in reserved(pod, running=True).requests.items():
            if name in room:
                room[name][node] -= amount - new.get(name, 0)


def _alike(state: State, pod: Pod) -> bytes:
    """What pods of one kind share."""
    spec = pod.spec
    labels = {key: value for key, value in sorted(pod.labels.items()) if key not in _OWN_LABELS}
    needs = sorted(reserved(pod, running=False).requests.items())
    places = (spec.node_selector, spec.affinity, spec.tolerations, spec.topology_spread_constraints)
    return encode(
        (root_of(state, pod), labels, needs, places, sorted(claim_names(spec)), spec.priority or 0, tied(pod))
    )


def _apart(cluster: Cluster, samples: Sequence[Pod]) -> list[set[tuple[int, str]]]:
    """Required anti-affinity holds both ways: who speaks does not matter."""
    found: list[set[tuple[int, str]]] = [set() for _ in samples]
    for one, pod in enumerate(samples):
        for term in terms_of(pod).resolved(cluster.namespace_labels).anti_affinity:
            for other, near in enumerate(samples):
                if term.matches(near.namespace, near.labels, cluster.namespace_labels.get(near.namespace, {})):
                    found[one].add((other, term.topology_key))
                    found[other].add((one, term.topology_key))
    return found
