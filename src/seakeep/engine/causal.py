"""The causal graph: which objects suffer when one of them is broken.

Edges run from a thing to what relies on it: StorageClass → claim → pod, node → pod, workload → pod → Service → the workloads that address it and the webhooks that it answers for, metrics API → autoscaler, ServiceAccount and configuration → pod.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from seakeep.facts.admission.webhooks import unbacked
from seakeep.facts.autoscaling.metrics_api import outages
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import owner_chain
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.selection import selected_pods
from seakeep.facts.workloads.terminating import stuck, unlisted_apis
from seakeep.model.objects import PersistentVolumeClaim, Pod, Service
from seakeep.model.refs import Ref

# How far the damage of one object is followed: pod → Service → consumer's pod → its Service → the next consumer.
_MAX_DISTANCE = 8


class CausalGraph:
    """`consumers` maps a Service to the workloads that address it (`facts.calls.dependencies`)."""

    def __init__(self, index: Index, consumers: Mapping[Ref, Sequence[Ref]]) -> None:
        self._next: dict[Ref, set[Ref]] = defaultdict(set)
        for workload, pods in index.pods_by_workload.items():
            for pod in pods:
                self._add_pod(index, workload, pod)
        for claim in index.snapshot.all(PersistentVolumeClaim):
            if claim.spec.storage_class_name:
                self._next[Ref("StorageClass", "", claim.spec.storage_class_name)].add(claim.ref)
            if claim.spec.volume_name:
                self._next[Ref("PersistentVolume", "", claim.spec.volume_name)].add(claim.ref)
        for service in index.snapshot.all(Service):
            pods = selected_pods(index, service.namespace, service.spec.selector)
            for pod in pods:
                self._next[pod.ref].add(service.ref)
            # Of a workload whose pods were never made, its template tells what they would have served.
            for backend in backends_of(index, service) if not pods else ():
                self._next[backend.ref].add(service.ref)
        for target, users in consumers.items():
            self._next[target].update(users)
        self._add_metrics(index)
        self._add_webhooks(index)

    def _add_pod(self, index: Index, workload: Ref, pod: Pod) -> None:
        for owner in (workload, *owner_chain(index, pod)):
            if owner != pod.ref:
                self._next[owner].add(pod.ref)
        if pod.spec.node_name:
            self._next[Ref("Node", "", pod.spec.node_name)].add(pod.ref)
        if pod.spec.service_account_name:
            self._next[Ref("ServiceAccount", pod.namespace, pod.spec.service_account_name)].add(pod.ref)
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim:
                self._next[Ref("PersistentVolumeClaim", pod.namespace, volume.persistent_volume_claim.claim_name)].add(
                    pod.ref
                )

    def _add_metrics(self, index: Index) -> None:
        """Pods that do not serve a metrics API → its registration → the autoscalers that it leaves blind, and the namespaces that cannot go while nobody can tell what is left in them."""
        waiting = [(entry.item.ref, unlisted_apis(entry)) for entry in stuck(index)]
        for item in outages(index):
            self._next[item.api].update((*item.autoscalers, *(ref for ref, apis in waiting if item.api in apis)))
            for pod in item.unwell if not item.scrape else ():
                self._next[pod].add(item.api)

    def _add_webhooks(self, index: Index) -> None:
        """Pods that should answer for a webhook → its configuration. One without pods was stopped or never made: then the webhook itself is what must go or be served."""
        for item in unbacked(index):
            service = index.snapshot.get(Service, item.service.namespace, item.service.name)
            for pod in selected_pods(index, service.namespace, service.spec.selector) if service else ():
                self._next[pod.ref].add(item.configuration.ref)

    def downstream(self, seeds: Iterable[Ref]) -> dict[Ref, int]:
        """Everything that relies on the seeds, with its distance (0 for the seeds). A workload stands for its pods and the other way round."""
        distance = dict.fromkeys(seeds, 0)
        frontier = list(distance)
        while frontier:
            following: list[Ref] = []
            for ref in frontier:
                if distance[ref] >= _MAX_DISTANCE:
                    continue
                for other in self._next.get(ref, ()):
                    if other not in distance:
                        distance[other] = distance[ref] + 1
                        following.append(other)
            frontier = following
        return distance
