"""EndpointSlices of Services with a selector: at most a hundred endpoints each, changed as little as may be. Source: k8s.io/endpointslice `Reconciler`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import EndpointSlice, KubeObject, Metadata, OwnerReference, Pod, Service
from seakeep.model.objects.network import Endpoint
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create, Delete, Update
from seakeep.twin.changes import GONE, REST
from seakeep.twin.controller import View
from seakeep.twin.controllers.endpoints import Groups, Key, Ports, desired, family, key_of, port_key, serves
from seakeep.twin.labels import Selector, from_map
from seakeep.twin.lookups import selector_of
from seakeep.twin.memo import by_identities, by_identity
from seakeep.twin.state import State

# --max-endpoints-per-slice
_MOST = 100
_SERVICE = "kubernetes.io/service-name"
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_CONTROLLER = "endpointslice-controller.k8s.io"
_HEADLESS = "service.kubernetes.io/headless"
_RESERVED = frozenset({_SERVICE, _MANAGED_BY, _HEADLESS})
_NOTHING: tuple[Ports, dict[Key, Endpoint]] = ((), {})


class EndpointSlices:
    name = "endpointslice"
    watches = frozenset({"EndpointSlice", "Pod", "Service"})
    minds: ClassVar[Mapping[str, int]] = {"EndpointSlice": GONE}

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        metadata = item.metadata
        space = metadata.namespace
        if isinstance(item, Pod):
            if not item.status.pod_ip and (not serves(item) or is_ended(item)):  # noqa: SIM102 - quicker so
                if state.get(Pod, space, metadata.name) is not None:
                    return ()  # not yet an endpoint of anything
            return state.who_picks(Service, space, metadata.labels)
        if isinstance(item, Service):
            return (item.ref,)
        if _SERVICE in metadata.labels and isinstance(item, EndpointSlice) and state.find(item.ref) is None:
            return (Ref("Service", space, metadata.labels[_SERVICE]),)
        return ()

    def spares(self, state: State, pod: Pod) -> bool:
        return not state.who_picks(Service, pod.metadata.namespace, pod.metadata.labels)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        state, space = view.state, ref.namespace
        service = state.get(Service, space, ref.name)
        if service is None:
            return ()
        traits = _traits(service)
        if traits is None:
            return ()
        known = state.labelled(EndpointSlice, space, traits.slices)
        wanted, ended = desired(state, service, traits.family, state.labelled(Pod, space, traits.selector))
        if ended and (left := _unnoticed(_own(known, traits), ended)):
            as_before = {ports: {**wanted.get(ports, {}), **left.get(ports, {})} for ports in (*wanted, *left)}
            if not any(True for _ in _Plan(view, service, traits, _own(known, traits)).actions(as_before)):
                return ()
        if len(known) == 1 and len(wanted) <= 1 and _stays(known[0].metadata, service):
            only = _only(view, traits, known[0], wanted)
            if only is not None:
                return only
        return _Plan(view, service, traits, _own(known, traits)).actions(wanted)


class _Traits(Struct, frozen=True):
    """What follows from a Service alone. `slices` finds those that name it."""

    selector: Selector
    slices: Selector
    family: str
    labels: dict[str, str]
    why: str


@by_identity
def _traits(service: Service) -> _Traits | None:
    """None where the controller leaves it alone."""
    if service.spec.type == "ExternalName" or not service.spec.selector:
        return None
    name = service.metadata.name
    labels = {key: value for key, value in service.labels.items() if key not in _RESERVED}
    if service.spec.cluster_ip == "None":
        labels[_HEADLESS] = ""
    return _Traits(
        selector_of(service),
        from_map({_SERVICE: name}),
        family(service),
        {**labels, _SERVICE: name, _MANAGED_BY: _CONTROLLER},
        f"endpointslice: pods of Service {name}",
    )


def _own(slices: Iterable[EndpointSlice], traits: _Traits) -> list[EndpointSlice]:
    """Those of this controller; a source that shows no label for it shows the controller's."""
    return [
        item
        for item in slices
        if item.address_type == traits.family
        and item.metadata.labels.get(_MANAGED_BY, _CONTROLLER) == _CONTROLLER
        and item.metadata.deletion_timestamp is None
    ]


@by_identities
def _stays(slice_: Metadata, service: Service) -> bool:
    """It is the Service's and labelled as it is to be, and neither of them is to go."""
    traits = _traits(service)
    return (
        traits is not None
        and slice_.labels == traits.labels
        and _owned(slice_, service)
        and slice_.deletion_timestamp is None
        and service.metadata.deletion_timestamp is None
    )


def _only(view: View, traits: _Traits, item: EndpointSlice, wanted: Groups) -> tuple[Action, ...] | None:
    """Nearly all Services have one slice and are to have one. None where `_Plan` has to say what follows."""
    ports, left = next(iter(wanted.items()), _NOTHING)
    if len(left) >= _MOST or item.address_type != traits.family:
        return None
    have = item.endpoints
    same = bool(wanted) and (item.ports == ports or _sorted(item.ports) == ports)
    kept = [left.pop(key) for each in have if (key := key_of(each)) in left] if same else []
    found = (*kept, *left.values())
    if same and (kept or not have):
        return () if found == have else (Update(replace(item, endpoints=found), traits.why, REST),)
    view.suffix()  # of the slice that is not made anew, after all: later names are as `_Plan` leaves them
    if not found and not have and not item.ports:
        return ()
    changed = EndpointSlice(
        api_version="discovery.k8s.io/v1",
        metadata=item.metadata,
        address_type=item.address_type,
        endpoints=found,
        ports=ports if found else (),
    )
    return (Update(changed, traits.why),)


def _unnoticed(known: Iterable[EndpointSlice], ended: Collection[str]) -> Groups:
    """Endpoints of pods that were not ready and have ended: no change that the controller looks for (`podEndpointsChanged`). They go with the next one that it does."""
    found: Groups = {}
    for item in known:
        for each in item.endpoints:
            if each.target_ref is not None and each.target_ref.name in ended and not each.conditions.serving:
                found.setdefault(_sorted(item.ports), {})[key_of(each)] = each
    return found


def _sorted(ports: Ports) -> Ports:
    return tuple(sorted(ports, key=port_key)) if len(ports) > 1 else ports


class _Plan:
    def __init__(self, view: View, service: Service, traits: _Traits, known: list[EndpointSlice]) -> None:
        self.view, self.service, self.known = view, service, known
        self.traits, self.labels = traits, traits.labels
        self.new: list[EndpointSlice] = []
        self.changed: dict[str, EndpointSlice] = {}
        self.surplus = [item for item in known if not _owned(item.metadata, service)]

    def actions(self, wanted: Groups) -> Iterator[Action]:
        groups: dict[Ports, list[EndpointSlice]] = {}
        for item in self.known:
            if item not in self.surplus:
                groups.setdefault(_sorted(item.ports), []).append(item)
        for ports, endpoints in wanted.items():
            self._group(ports, groups.pop(ports, []), endpoints)
        self.surplus.extend(item for group in groups.values() for item in group)
        if len(self.surplus) == len(self.known) and not self.new:
            self._placeholder()
        while self.new and any(_owned(item.metadata, self.service) for item in self.surplus):
            # What would be deleted becomes what would be created.
            old = next(item for item in self.surplus if _owned(item.metadata, self.service))
            self.surplus.remove(old)
            self.changed[old.name] = replace(self.new.pop(), metadata=replace(old.metadata, labels=self.labels))
        why = self.traits.why
        if self.service.metadata.deletion_timestamp is None:
            yield from (Create(item, why) for item in self.new)
        yield from (Update(item, why) for _, item in sorted(self.changed.items()))
        yield from (Delete(item.ref, why) for item in self.surplus)

    def _group(self, ports: Ports, slices: list[EndpointSlice], endpoints: Mapping[Key, Endpoint]) -> None:
        """Slices with the same ports: endpoints stay where they are, new ones fill changed slices, then one that has room, then new ones."""
        left = dict(endpoints)
        same: list[EndpointSlice] = []
        touched: list[EndpointSlice] = []
        for item in slices:
            kept = tuple([left.pop(key) for each in item.endpoints if (key := key_of(each)) in left])
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
            if (only.endpoints, only.ports, only.labels) == ((), (), empty.labels) and _owned(
                only.metadata, self.service
            ):
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
            address_type=self.traits.family,
            endpoints=endpoints,
            ports=ports,
        )


def _owned(slice_: Metadata, service: Service) -> bool:
    """By uid, where both are shown; what shows no owner at all is taken for the Service's."""
    owners = slice_.owner_references
    return not owners or any(
        owner.kind == "Service" and (not owner.uid or not service.metadata.uid or owner.uid == service.metadata.uid)
        for owner in owners
    )
