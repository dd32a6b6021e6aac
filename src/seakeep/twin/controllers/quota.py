"""ResourceQuotas: `status` follows `spec.hard` and what the namespace holds. Source: pkg/controller/resourcequota.

Admission charges what is made; this gives back what is gone, and what ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import KubeObject, PersistentVolumeClaim, Pod, ResourceQuota, Service
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Update
from seakeep.twin.admission.quota import quota_status, quotas
from seakeep.twin.admission.quota_usage import tracked
from seakeep.twin.admission.request import resource_of
from seakeep.twin.changes import ALL, GONE, LIFE
from seakeep.twin.controller import View
from seakeep.twin.state import State


class Quotas:
    name = "resourcequota"
    minds: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys(("PersistentVolumeClaim", "ResourceQuota", "Service"), ALL),
        "Pod": LIFE,
        "": GONE,
    }

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        """A quota itself, and those that track what was removed, what ended, or a claim or Service that changed."""
        if not state.has("ResourceQuota", item.metadata.namespace):
            return ()
        return self._concerned(state, item)

    def spares(self, state: State, pod: Pod) -> bool:
        return not state.has("ResourceQuota", pod.metadata.namespace)

    @staticmethod
    def _concerned(state: State, item: KubeObject) -> Iterator[Ref]:
        found = quotas(state, item.namespace)
        if isinstance(item, ResourceQuota) and state.find(item.ref) is not None:
            yield item.ref
        ended = isinstance(item, Pod) and (is_ended(item) or item.metadata.deletion_timestamp is not None)
        if ended or isinstance(item, PersistentVolumeClaim | Service) or state.find(item.ref) is None:
            resource = resource_of(item)
            yield from (quota.ref for quota in found if tracked(resource, quota.status.hard))

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        quota = view.state.get(ResourceQuota, ref.namespace, ref.name)
        if quota is None:
            return
        status = quota_status(view.state, quota, view.now)
        if status != quota.status:
            yield Update(replace(quota, status=status), "resourcequota: recalculated from the objects of the namespace")
