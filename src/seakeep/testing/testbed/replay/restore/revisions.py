"""Revisions of StatefulSets and DaemonSets: made by their controllers, from sets without pods, before anything else; the pods are then labelled as being of them."""

from __future__ import annotations

from functools import partial

from seakeep.model.objects import DaemonSet, KubeObject, StatefulSet
from seakeep.model.refs import Ref
from seakeep.testing.testbed.replay.fates import Fates
from seakeep.testing.testbed.replay.manifest import manifest
from seakeep.testing.testbed.replay.restore.writes import Writes

_LABEL = "controller-revision-hash"


class Revisions:
    def __init__(self, writes: Writes, fates: Fates) -> None:
        self._writes, self._fates = writes, fates
        self._names: dict[Ref, str] = {}

    def make(self) -> None:
        """No node is there yet, and no replica is wanted: the controllers make the revisions, and no pods."""
        writes = self._writes
        for item in (*writes.snapshot.all(StatefulSet), *writes.snapshot.all(DaemonSet)):
            wanted = manifest(self._fates.on(item))
            if isinstance(item, StatefulSet):
                wanted["spec"]["replicas"] = 0
            if writes.create(wanted, item):
                self._names[item.ref] = str(writes.wait(item.name, partial(self._made, item)))

    def _made(self, item: KubeObject) -> str | None:
        for each in self._writes.api.find("apps/v1", "ControllerRevision", item.namespace):
            owners = each["metadata"].get("ownerReferences", [])
            if any(owner["uid"] == self._writes.uids[item.ref] for owner in owners):
                name = str(each["metadata"]["name"])
                return name if isinstance(item, StatefulSet) else name.rpartition("-")[2]
        return None

    def relabel(self, owner: Ref, labels: dict[str, str]) -> None:
        """Pods of the present revision are of the one that was made anew; those of an older one stay what they are."""
        item = self._writes.snapshot.find(owner)
        if owner not in self._names or _LABEL not in labels or item is None:
            return
        current = item.status.update_revision if isinstance(item, StatefulSet) else ""
        if not current or labels[_LABEL] == current:
            labels[_LABEL] = self._names[owner]

    def scale(self) -> None:
        """The StatefulSets, to what they are meant to have."""
        for item in self._writes.snapshot.all(StatefulSet):
            if item.ref in self._writes.uids:
                number = 1 if item.spec.replicas is None else item.spec.replicas
                body = {"spec": {"replicas": number}}
                self._writes.api.merge("apps/v1", "StatefulSet", item.name, item.namespace, body)
