"""EndpointSlices of Services with a selector: at most a hundred endpoints each, changed as little as may be. Source: k8s.io/endpointslice `Reconciler`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import EndpointSlice, KubeObject, Metadata, OwnerReference, Pod, Service
from seakeep.model.objects.network import Endpoint
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update
from seakeep.twin.changes import GONE
from seakeep.twin.controller import View
from seakeep.twin.controllers.endpoints import Ports, belongs, desired, family, port_key
from seakeep.twin.groups import selector_of
from seakeep.twin.labels import Selector, from_map
from seakeep.twin.memo import by_identity
from seakeep.twin.state import State

# --max-endpoints-per-slice
_MOST = 100
_SERVICE = "kubernetes.io/service-name"
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_CONTROLLER = "endpointslice-controller.k8s.io"
_HEADLESS = "service.kubernetes.io/headless"
_RESERVED = frozenset({_SERVICE, _MANAGED_BY, _HEADLESS})
_Key = tuple[tuple[str, ...], str, object]


class EndpointSlices:
    name = "endpointslice"
    watches = frozenset({"EndpointSlice", "Pod", "Service"})
    minds: ClassVar[Mapping[str, int]] = {"EndpointSlice": GONE}

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, Service):
            return (item.ref,)
        metadata = item.metadata
        if isinstance(item, Pod):
            if not item.status.pod_ip and not belongs(item) and state.find(item.ref) is not None:
                return ()  # not yet an endpoint of anything
            return state.who_picks(Service, metadata.namespace, metadata.labels)
        if _SERVICE in metadata.labels and isinstance(item, EndpointSlice) and state.find(item.ref) is None:
            return (Ref("Service", metadata.namespace, metadata.labels[_SERVICE]),)
        return ()

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        service = view.state.get(Service, ref.namespace, ref.name)
        if service is None or service.spec.type == "ExternalName" or not service.spec.selector:
            return ()
        pods = view.state.labelled(Pod, ref.namespace, selector_of(service))
        address_type = family(service)
        known = [item for item in _slices(view.state, service) if item.address_type == address_type]
        wanted = desired(view.state, service, pods)
        if left := _unnoticed(known, pods):
            as_before = {ports: [*wanted.get(ports, []), *left.get(ports, [])] for ports in (*wanted, *left)}
            if not any(True for _ in _Plan(view, service, known).actions(as_before)):
                return ()
        only = _only(service, known, wanted)
        return only if only is not None else _Plan(view, service, known).actions(wanted)


def _only(
    service: Service, known: Sequence[EndpointSlice], wanted: Mapping[Ports, list[Endpoint]]
) -> tuple[Action, ...] | None:
    """Of nearly all Services there is one slice, which stays: some endpoints of it change. None where `_Plan` has to say what follows."""
    if len(known) != 1 or len(wanted) != 1:
        return None
    (item,), ((ports, endpoints),) = known, wanted.items()
    if _sorted(item.ports) != ports or item.metadata.labels != _labels(service) or not _owned(item, service):
        return None
    left = {_key(each): each for each in endpoints}
    kept = [left.pop(key) for each in item.endpoints if (key := _key(each)) in left]
    found = (*kept, *left.values())
    if len(found) > _MOST or (not kept and item.endpoints) or service.metadata.deletion_timestamp is not None:
        return None
    return () if found == item.endpoints else (Update(replace(item, endpoints=found), _why(service)),)


def _why(service: Service) -> str:
    return f"endpointslice: pods of Service {service.metadata.name}"


def _unnoticed(known: Iterable[EndpointSlice], pods: Iterable[Pod]) -> dict[Ports, list[Endpoint]]:
    """Endpoints of pods that were not ready and have ended: no change that the controller looks for (`podEndpointsChanged`). They go with the next one that it does."""
    ended = {pod.name for pod in pods if is_ended(pod) and pod.metadata.deletion_timestamp is None}
    found: dict[Ports, list[Endpoint]] = {}
    for item in known if ended else ():
        for each in item.endpoints:
            if each.target_ref is not None and each.target_ref.name in ended and not each.conditions.serving:
                found.setdefault(_sorted(item.ports), []).append(each)
    return found


def _sorted(ports: Ports) -> Ports:
    return tuple(sorted(ports, key=port_key)) if len(ports) > 1 else ports


def _slices(state: State, service: Service) -> Iterator[EndpointSlice]:
    """Those of this controller; a source that shows no label for it shows the controller's."""
    for item in state.labelled(EndpointSlice, service.metadata.namespace, _named(service.metadata.name)):
        metadata = item.metadata
        if metadata.labels.get(_MANAGED_BY, _CONTROLLER) == _CONTROLLER and metadata.deletion_timestamp is None:
            yield item


@lru_cache(maxsize=8192)
def _named(service: str) -> Selector:
    return from_map({_SERVICE: service})


class _Plan:
    def __init__(self, view: View, service: Service, known: list[EndpointSlice]) -> None:
        self.view, self.service, self.known = view, service, known
        self.labels = _labels(service)
        self.new: list[EndpointSlice] = []
        self.changed: dict[str, EndpointSlice] = {}
        self.surplus = [item for item in known if not _owned(item, service)]

    def actions(self, wanted: Mapping[Ports, list[Endpoint]]) -> Iterator[Action]:
        groups: dict[Ports, list[EndpointSlice]] = {}
        for item in self.known:
            if item not in self.surplus:
                groups.setdefault(_sorted(item.ports), []).append(item)
        for ports, endpoints in wanted.items():
            self._group(ports, groups.pop(ports, []), endpoints)
        self.surplus.extend(item for group in groups.values() for item in group)
        if len(self.surplus) == len(self.known) and not self.new:
            self._placeholder()
        while self.new and any(_owned(item, self.service) for item in self.surplus):
            # What would be deleted becomes what would be created.
            old = next(item for item in self.surplus if _owned(item, self.service))
            self.surplus.remove(old)
            self.changed[old.name] = replace(self.new.pop(), metadata=replace(old.metadata, labels=self.labels))
        why = _why(self.service)
        if self.service.metadata.deletion_timestamp is None:
            yield from (Create(item, why) for item in self.new)
        yield from (Update(item, why) for _, item in sorted(self.changed.items()))
        yield from (Delete(item.ref, why) for item in self.surplus)

    def _group(self, ports: Ports, slices: list[EndpointSlice], endpoints: list[Endpoint]) -> None:
        """Slices with the same ports: endpoints stay where they are, new ones fill changed slices, then one that has room, then new ones."""
        left: dict[_Key, Endpoint] = {_key(item): item for item in endpoints}
        same: list[EndpointSlice] = []
        touched: list[EndpointSlice] = []
        for item in slices:
            kept = tuple([left.pop(key) for each in item.endpoints if (key := _key(each)) in left])
            labelled = item.metadata.labels == self.labels
            if labelled and kept == item.endpoints:
                same.append(item)
            elif kept or kept == item.endpoints:
                metadata = item.metadata if labelled else replace(item.metadata, labels=self.labels)
                touched.append(replace(item, endpoints=kept, metadata=metadata))
            else:
                self.surplus.append(item)
        rest = list(left.values())
        for number, item in sorted(enumerate(touched), key=lambda each: -len(each[1].endpoints)) if rest else ():
            room = _MOST - len(item.endpoints)
            touched[number] = replace(item, endpoints=(*item.endpoints, *rest[:room]))
            rest = rest[room:]
        while rest:
            fits = [item for item in same if len(item.endpoints) + len(rest) <= _MOST] if len(rest) < _MOST else []
            if fits:
                fullest = max(fits, key=lambda item: len(item.endpoints))
                same.remove(fullest)
                touched.append(replace(fullest, endpoints=(*fullest.endpoints, *rest)))
                rest = []
            else:
                self.new.append(self._slice(ports, tuple(rest[:_MOST])))
                rest = rest[_MOST:]
        self.changed.update({item.name: item for item in touched})

    def _placeholder(self) -> None:
        """A Service that reaches nothing has one empty slice."""
        empty = self._slice((), ())
        if len(self.surplus) == 1:
            (only,) = self.surplus
            if (only.endpoints, only.ports, only.labels) == ((), (), empty.labels) and _owned(only, self.service):
                self.surplus = []
                return
        self.new.append(empty)

    def _slice(self, ports: Ports, endpoints: tuple[Endpoint, ...]) -> EndpointSlice:
        service = self.service
        owner = OwnerReference(
            api_version="v1",
            kind="Service",
            name=service.name,
            uid=service.metadata.uid,
            controller=True,
            block_owner_deletion=True,
        )
        metadata = Metadata(
            name=f"{service.name}-{self.view.suffix()}",
            generate_name=f"{service.name}-",
            namespace=service.namespace,
            labels=self.labels,
            owner_references=(owner,),
        )
        return EndpointSlice(
            api_version="discovery.k8s.io/v1",
            metadata=metadata,
            address_type=family(service),
            endpoints=endpoints,
            ports=ports,
        )


@by_identity
def _labels(service: Service) -> dict[str, str]:
    labels = {key: value for key, value in service.labels.items() if key not in _RESERVED}
    if service.spec.cluster_ip == "None":
        labels[_HEADLESS] = ""
    return {**labels, _SERVICE: service.name, _MANAGED_BY: _CONTROLLER}


def _owned(item: EndpointSlice, service: Service) -> bool:
    """By uid, where both are shown; what shows no owner at all is taken for the Service's."""
    owners = item.metadata.owner_references
    return not owners or any(
        owner.kind == "Service" and (not owner.uid or not service.metadata.uid or owner.uid == service.metadata.uid)
        for owner in owners
    )


@by_identity
def _key(item: Endpoint) -> _Key:
    target = item.target_ref
    return item.addresses, item.node_name, (target.kind, target.namespace, target.name) if target else None
