"""Which workloads a call ends at."""

from __future__ import annotations

from seakeep.facts.calls.calls import Call
from seakeep.facts.index import Index
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
        return ()
    return tuple(sorted({item.ref for item in backends_of(index, service)}))
