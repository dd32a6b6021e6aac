"""What must be there before anything runs: namespaces, classes, accounts, configuration."""

from __future__ import annotations

from functools import partial

from seakeep.model.objects import ConfigMap, Namespace, PriorityClass, Secret, ServiceAccount, StorageClass
from seakeep.testing.testbed.replay.manifest import manifest
from seakeep.testing.testbed.replay.restore.writes import Writes
from seakeep.twin.controllers.claims import failing_classes

_PROVISIONER = "csi.testbed.seakeep.dev"
_STATIC = "kubernetes.io/no-provisioner"
_OWN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


def restore(writes: Writes) -> None:
    snapshot = writes.snapshot
    for item in snapshot.all(Namespace):
        if item.name not in _OWN_NAMESPACES:
            writes.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": item.name}}, item)
    _storage_classes(writes)
    writes.all(PriorityClass, skip=lambda item: item.name.startswith("system-"))
    for space in sorted({item.name for item in snapshot.all(Namespace)} | _OWN_NAMESPACES):
        writes.wait(space, partial(writes.api.get, "v1", "ServiceAccount", "default", space))
    writes.all(ServiceAccount, skip=lambda item: item.name == "default")
    writes.all(ConfigMap, skip=lambda item: item.name == "kube-root-ca.crt")
    for secret in snapshot.all(Secret):
        place = {"name": secret.name, "namespace": secret.namespace, "labels": secret.labels}
        head = {"apiVersion": "v1", "kind": "Secret", "metadata": place}
        writes.create({**head, "type": "Opaque", "data": dict.fromkeys(secret.keys, "")}, secret)


def _storage_classes(writes: Writes) -> None:
    if writes.snapshot.objects.get("StorageClass"):
        writes.api.delete("storage.k8s.io/v1", "StorageClass", "standard")
    failing = failing_classes(writes.snapshot)
    for item in writes.snapshot.all(StorageClass):
        wanted = manifest(item)
        if item.provisioner != _STATIC and item.name not in failing:
            wanted["provisioner"] = _PROVISIONER
            writes.leave_out("StorageClass", "its volumes are provided by the testbed")
        writes.create(wanted, item)


def label_namespaces(writes: Writes) -> None:
    """Last, because the levels of Pod Security would be enforced on what is restored."""
    for item in writes.snapshot.all(Namespace):
        change = {"metadata": {"labels": item.labels, "annotations": item.metadata.annotations}}
        writes.api.merge("v1", "Namespace", item.name, "", change)
