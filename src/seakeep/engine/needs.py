"""How many ready pods each workload of a service needs so that the service still serves, by its own protocol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from seakeep.contract.service import ServiceProfile
from seakeep.engine.recognise import component_of
from seakeep.facts.workloads.least_ready import least
from seakeep.model.objects import KubeObject, Metadata, Pod, Unstructured
from seakeep.model.platform import Platform, ServiceState
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Need
from seakeep.model.snapshot import Snapshot

__all__ = ["least", "needs"]


def needs(snapshot: Snapshot, platform: Platform, profiles: Sequence[ServiceProfile]) -> Mapping[Ref, Need]:
    """By workload. Services that are waived, or whose intended pods are unknown, have none. Static and bare pods that differ by their node only are one workload."""
    by_id = {profile.id: profile for profile in profiles}
    found: dict[Ref, Need] = {}
    for service in platform.services:
        if service.state != "waived":
            found.update(_of(snapshot, service, by_id.get(service.profile)))
    return found


def _of(snapshot: Snapshot, service: ServiceState, profile: ServiceProfile | None) -> dict[Ref, Need]:
    groups: dict[Ref, list[tuple[Ref, int]]] = defaultdict(list)
    for ref, wanted in zip(service.workloads, service.wanted, strict=True):
        if wanted is not None:
            groups[_alike(snapshot, ref)].append((ref, wanted))
    found: dict[Ref, Need] = {}
    for name, members in groups.items():
        item = snapshot.find(members[0][0]) or Unstructured(kind=name.kind, metadata=Metadata(name=name.name))
        rule = _rule(profile, item)
        intended = sum(wanted for _, wanted in members)
        need = Need(service.id, name, intended, least(rule, intended), rule)
        found.update((ref, need) for ref, _ in members)
    return found


def _alike(snapshot: Snapshot, ref: Ref) -> Ref:
    """A static pod's name ends with its node's: `etcd-control-1` is one of the pods named etcd."""
    pod = snapshot.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
    if pod is None or not pod.spec.node_name:
        return ref
    return ref._replace(name=ref.name.removesuffix(f"-{pod.spec.node_name}"))


def _rule(profile: ServiceProfile | None, item: KubeObject) -> str:
    """A node agent serves its own node only: a lost node takes nothing from the others."""
    if profile is None or item.kind == "DaemonSet":
        return "one"
    rules = dict(profile.needs_ready)
    component = component_of(profile, item, item.labels)
    return rules.get(component) or rules.get("", "one")
