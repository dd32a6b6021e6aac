"""Services whose endpoints somebody wrote by hand, for servers outside the cluster, and who calls them in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from seakeep.facts.calls.calls import Call, failed_calls_to
from seakeep.facts.index import Index
from seakeep.model.objects import Service
from seakeep.model.snapshot import Depth

# What is no answer of the server itself.
_SILENT = frozenset({"timeout", "refused", "unreachable", "reset", "unavailable"})


class Outside(Struct, frozen=True):
    service: Service
    addresses: Sequence[str]
    calls: Sequence[Call]


def unanswered_outside(index: Index) -> Iterator[Outside]:
    for ref, calls in sorted(failed_calls_to(index).items()):
        service = index.snapshot.get(Service, ref.namespace, ref.name)
        silent = [call for call in calls if call.outcome in _SILENT]
        if service is None or service.spec.selector or service.spec.type == "ExternalName" or not silent:
            continue
        if index.snapshot.depth(ref) < Depth.DESCRIBED or (ref.namespace, ref.name) == ("default", "kubernetes"):
            continue  # a table shows no selector; the API server writes its own endpoints
        addresses = sorted(set(_addresses(index, service)))
        if addresses and not any(index.pod_at(address) for address in addresses):
            yield Outside(service, addresses, silent)


def _addresses(index: Index, service: Service) -> Iterator[str]:
    endpoints = index.endpoints_of(service)
    for subset in endpoints.subsets if endpoints else ():
        yield from (address.ip for address in subset.addresses)
    for part in index.slices_of(service):
        for endpoint in part.endpoints:
            yield from endpoint.addresses
