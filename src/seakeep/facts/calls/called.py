"""Which workloads a call ends at."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.calls.calls import Call
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.routing import backends_of
from seakeep.model.objects import Pod, Service
from seakeep.model.refs import Ref


def called(index: Index, call: Call) -> tuple[Ref, ...]:
    """The pod's workload, or those behind the Service; () where neither was seen."""
    pod = index.snapshot.get(Pod, call.pod.namespace, call.pod.name) if call.pod else None
    if pod is not None:
        return (workload_of(index, pod),)
    service = index.snapshot.get(Service, call.service.namespace, call.service.name) if call.service else None
    if service is None:
        service = _behind(index).get(call.host)
    if service is None:
        return ()
    return tuple(sorted({item.ref for item in backends_of(index, service)}))


@once
def _behind(index: Index) -> Mapping[str, Service]:
    """Address of a pod → a Service that sends there, for pods whose own address was not shown."""
    return {
        address.ip: service
        for service in index.snapshot.all(Service)
        if (endpoints := index.endpoints_of(service)) is not None
        for subset in endpoints.subsets
        for address in subset.addresses
    }
