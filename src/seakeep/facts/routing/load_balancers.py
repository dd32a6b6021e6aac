"""Services of type LoadBalancer that wait for an address, and what their controllers say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.snapshot import Depth

# Clouds take a minute or two to make one.
_PATIENCE = timedelta(minutes=5)
# Of the cloud controllers (service-controller, AWS Load Balancer Controller), MetalLB and Cilium. Each repeats a failure within minutes, with longer and longer pauses.
_REFUSALS = frozenset(
    {
        "SyncLoadBalancerFailed",
        "CreatingLoadBalancerFailed",
        "UpdateLoadBalancerFailed",
        "AllocationFailed",
        "FailedDeployModel",
        "FailedBuildModel",
    }
)
_REPEATED_WITHIN = timedelta(minutes=60)


def waiting(index: Index) -> Iterator[tuple[Service, Sequence[Evidence]]]:
    """With what the controller says; where it says nothing, one that was read in full and made a while ago."""
    if index.snapshot.intent_only:
        return
    for service in index.snapshot.all(Service):
        made = service.metadata.creation_timestamp
        if (
            service.spec.type == "LoadBalancer"
            and index.snapshot.depth(service.ref) > Depth.NAMED
            and not service.status.load_balancer.ingress
            and not service.spec.external_ips
            and not service.metadata.deletion_timestamp
        ):
            told = refused(index, service)
            full = index.snapshot.depth(service.ref) is Depth.FULL
            if told or (full and made is not None and index.now - made > _PATIENCE):
                yield service, told


def refused(index: Index, service: Service) -> Sequence[Evidence]:
    """The controller's own words, the newest first."""
    return [
        event_evidence(index, event, current=True)
        for event in index.events_about(service.ref)
        if event.reason in _REFUSALS and is_recent(index, event.last_seen, _REPEATED_WITHIN)
    ]
