"""Where a Service leads: selector, pods, ports, endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.selection import Labelled, selected_pods
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.objects import Service
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth


@once
def backends(index: Index) -> Mapping[str, tuple[Template, ...]]:
    """By namespace: every workload that a Service may select. Jobs are none."""
    found: dict[str, list[Template]] = {}
    for item in known_templates(index):
        if item.lasting:
            found.setdefault(item.ref.namespace, []).append(item)
    return {namespace: tuple(group) for namespace, group in found.items()}


def backends_of(index: Index, service: Service) -> tuple[Template, ...]:
    """The workloads whose pods the Service's selector picks, by their templates; of a Service whose selector was not shown, those that it may be presumed to lead to."""
    if not service.spec.selector:
        return _presumed(index, service)
    found = _found(index)
    key = service.namespace, *service.spec.selector.items()
    if key not in found:
        known = _backends(index).get(service.namespace)
        found[key] = tuple(known.matching(service.spec.selector)) if known else ()
    return found[key]


# Labels whose value is, by custom, what the Service is called too.
_NAMING = ("app.kubernetes.io/name", "app", "k8s-app", "name", "component")


def _presumed(index: Index, service: Service) -> tuple[Template, ...]:
    """A table shows no selectors: the pods whose addresses are the endpoints, else the workload of the Service's own name, else those that a label calls so."""
    if index.snapshot.depth(service.ref) is not Depth.TABLE or service.spec.type == "ExternalName":
        return ()
    known = backends(index).get(service.namespace, ())
    endpoints = index.endpoints_of(service)
    ips = {address.ip for subset in (endpoints.subsets if endpoints else ()) for address in subset.addresses}
    ips |= {address for part in index.slices_of(service) for item in part.endpoints for address in item.addresses}
    by_address = tuple(item for item in known if any(pod.status.pod_ip in ips for pod in item.pods))
    named = tuple(item for item in known if item.ref.name == service.name)
    return (
        by_address
        or named
        or tuple(item for item in known if any(item.labels.get(key) == service.name for key in _NAMING))
    )


@once
def _found(index: Index) -> dict[tuple[object, ...], tuple[Template, ...]]:
    """By namespace and selector, filled as questions ask."""
    del index
    return {}


@once
def _backends(index: Index) -> Mapping[str, Labelled[Template]]:
    return {space: Labelled(items, lambda item: item.labels) for space, items in backends(index).items()}


def has_ready_endpoint(index: Index, service: Service) -> bool | None:
    """None where neither endpoints nor the selected pods' state were seen."""
    slices, endpoints = index.slices_of(service), index.endpoints_of(service)
    if slices:
        return any(
            endpoint.addresses and endpoint.conditions.ready is not False
            for item in slices
            for endpoint in item.endpoints
        )
    if endpoints is not None:
        return any(subset.addresses for subset in endpoints.subsets)
    if not service.spec.selector:
        return None
    pods = [pod for pod in selected_pods(index, service.namespace, service.spec.selector) if not is_finished(pod)]
    if pods:
        return any(is_ready(pod) for pod in pods)
    unknown = any(
        not pod.labels and index.snapshot.depth(pod.ref) < Depth.DESCRIBED for pod in index.pods_in(service.namespace)
    )
    return False if index.snapshot.lists_all("Pod", service.namespace) and not unknown else None


def lists_no_endpoint(index: Index, service: Service) -> bool:
    """Endpoints were read, and none of them is there, ready or not."""
    slices, endpoints = index.slices_of(service), index.endpoints_of(service)
    if slices:
        return not any(endpoint.addresses for item in slices for endpoint in item.endpoints)
    if endpoints is not None:
        return not any(subset.addresses or subset.not_ready_addresses for subset in endpoints.subsets)
    return False


@once
def services_by_backend(index: Index) -> Mapping[Ref, tuple[Service, ...]]:
    """Workload → the Services that select it."""
    found: dict[Ref, list[Service]] = {}
    for service in index.snapshot.all(Service):
        for item in backends_of(index, service) if service.spec.selector else ():
            found.setdefault(item.ref, []).append(service)
    return {ref: tuple(items) for ref, items in found.items()}
