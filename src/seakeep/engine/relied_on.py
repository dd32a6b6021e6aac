"""Which Services a workload is not ready without, from the addresses in its configuration and from what the snapshot shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.routing import has_ready_endpoint
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Service
from seakeep.model.refs import Ref


def relied_on(index: Index) -> Mapping[Ref, tuple[Ref, ...]]:
    """By workload.

    One that is ready while nothing answers there is ready without it; one that is not, though all of them answer, is kept by something else; and one that is itself behind the Service
    does not wait for itself.
    """
    found: dict[Ref, set[Ref]] = defaultdict(set)
    open_ones: set[Ref] = set()
    ready = {workload_of(index, pod) for pod in index.pods if is_ready(pod)}
    for edge in edges(index):
        target = edge.target or edge.service
        service = index.snapshot.get(Service, target.namespace, target.name)
        if service is None or not service.spec.selector or edge.consumer in edge.backends:
            continue
        answers = has_ready_endpoint(index, service)
        if edge.consumer in ready and answers is not True:
            continue
        if answers is not True:
            open_ones.add(edge.consumer)
        found[edge.consumer].add(target)
    return {
        workload: tuple(sorted(services))
        for workload, services in sorted(found.items())
        if workload in ready or workload in open_ones
    }
