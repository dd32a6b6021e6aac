"""The objects of a snapshot written to a control plane that runs nothing, so that its controllers find them as they were seen: pods under their names, on their nodes, with their statuses.

Revisions of StatefulSets and DaemonSets are made by their controllers (from sets without pods) before; the pods are then labelled as being of them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from seakeep.model.comparison import LeftOut
from seakeep.model.objects import (
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    KubeObject,
    LimitRange,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PriorityClass,
    ReplicaSet,
    ReplicationController,
    ResourceQuota,
    Secret,
    Service,
    ServiceAccount,
    StatefulSet,
    StorageClass,
)
from seakeep.model.objects.pods import PodTemplate
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot
from seakeep.testing.testbed import build, nodes
from seakeep.testing.testbed.api import ApiError, Object
from seakeep.testing.testbed.nodes import NodeSpec
from seakeep.testing.testbed.replay.fates import by_owner
from seakeep.testing.testbed.replay.manifest import manifest, version, wire
from seakeep.testing.testbed.replay.plane import Plane
from seakeep.twin.controllers.claims import failing_classes
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.state import controller_of

_PROVISIONER = "csi.testbed.seakeep.dev"
_STATIC = "kubernetes.io/no-provisioner"
_PASSING = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
_OWN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
_UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_REVISION = "controller-revision-hash"
_PLAYED = {"type": "PodReadyToStartContainers", "status": "True"}
# What controllers make anew, or what tells nothing about the state.
_SILENT = frozenset({"ControllerRevision", "Endpoints", "EndpointSlice", "Event", "Lease", "NodeMetrics", "PodMetrics"})
_ABSENT = {
    "CustomResourceDefinition": "custom resources have no controller there",
    "HorizontalPodAutoscaler": "no metrics API is there",
    "MutatingWebhookConfiguration": "what it calls does not run there",
    "ValidatingWebhookConfiguration": "what it calls does not run there",
}
_RESTORED = frozenset(
    kind.__name__
    for kind in (
        ConfigMap, CronJob, DaemonSet, Deployment, Job, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod,
        PodDisruptionBudget, PriorityClass, ReplicaSet, ReplicationController, ResourceQuota, Secret, Service, ServiceAccount, StatefulSet, StorageClass,
    )
)  # fmt: skip
_SECONDS = 60.0


class Restore:
    """`left_out` grows while it works: what the server refused, and what is not restored at all."""

    def __init__(self, plane: Plane, snapshot: Snapshot, faults: Sequence[tuple[Pod, Fault]]) -> None:
        self.plane, self.api, self.snapshot = plane, plane.api, snapshot
        self._fates = by_owner(faults)
        self._uids: dict[Ref, str] = {}
        self._revisions: dict[Ref, str] = {}
        self._out: Counter[tuple[str, str]] = Counter()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return tuple(LeftOut(what, count, why) for (what, why), count in sorted(self._out.items()))

    def run(self) -> None:
        """Raises TestbedError where the control plane fails."""
        self._note_kinds()
        self._ground()
        self._sets()
        with self.plane.stopped():
            for number, node in enumerate(self.snapshot.all(Node)):
                self._node(node, number)
            self._volumes()
            self._controllers()
            self._all(Service, skip=lambda item: (item.namespace, item.name) == ("default", "kubernetes"))
            self._all(PodDisruptionBudget)
            for pod in self.snapshot.all(Pod):
                self._pod(pod)
            for item in self.snapshot.all(StatefulSet):
                self._scale(item)
            self._all(LimitRange)
            self._all(ResourceQuota)
            self._labels()
        self._await_nodes()
        self._await_quotas()

    # Before the pods

    def _note_kinds(self) -> None:
        for kind, group in self.snapshot.objects.items():
            if kind not in _RESTORED | _SILENT:
                self._out[kind, _ABSENT.get(kind, "it decides nothing that is compared")] += len(group)
        shallow = Counter(ref.kind for ref, depth in self.snapshot.shallow.items() if depth < Depth.DESCRIBED)
        for kind, count in shallow.items():
            if kind in _RESTORED:
                self._out[kind, "only a table row was seen"] += count

    def _ground(self) -> None:
        for item in self.snapshot.all(Namespace):
            if item.name not in _OWN_NAMESPACES:
                self._create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": item.name}}, item)
        if self.snapshot.objects.get("StorageClass"):
            self.api.delete("storage.k8s.io/v1", "StorageClass", "standard")
        failing = failing_classes(self.snapshot)
        for kind in self.snapshot.all(StorageClass):
            wanted = manifest(kind)
            if kind.provisioner != _STATIC and kind.name not in failing:
                wanted["provisioner"] = _PROVISIONER
                self._out["StorageClass", "its volumes are provided by the testbed"] += 1
            self._create(wanted, kind)
        self._all(PriorityClass, skip=lambda item: item.name.startswith("system-"))
        spaces = {item.name for item in self.snapshot.all(Namespace)} | _OWN_NAMESPACES
        for space in sorted(spaces):
            self._await(space, lambda space=space: self.api.get("v1", "ServiceAccount", "default", space))
        self._all(ServiceAccount, skip=lambda item: item.name == "default")
        self._all(ConfigMap, skip=lambda item: item.name == "kube-root-ca.crt")
        for secret in self.snapshot.all(Secret):
            data = dict.fromkeys(secret.keys, "")
            head = {"apiVersion": "v1", "kind": "Secret", "metadata": _place(secret)}
            self._create({**head, "type": "Opaque", "data": data}, secret)

    def _sets(self) -> None:
        """No node is there yet, and no replica is wanted: the controllers make the revisions, and no pods."""
        for item in (*self.snapshot.all(StatefulSet), *self.snapshot.all(DaemonSet)):
            wanted = manifest(self._fated(item))
            if isinstance(item, StatefulSet):
                wanted["spec"]["replicas"] = 0
            if not self._create(wanted, item):
                continue
            uid = self._uids[item.ref]
            found = self._await(item.name, lambda item=item, uid=uid: self._revision(item, uid))
            self._revisions[item.ref] = str(found)

    def _revision(self, item: KubeObject, uid: str) -> str | None:
        for each in self.api.find("apps/v1", "ControllerRevision", item.namespace):
            if any(owner["uid"] == uid for owner in each["metadata"].get("ownerReferences", [])):
                name = str(each["metadata"]["name"])
                return name if isinstance(item, StatefulSet) else name.rpartition("-")[2]
        return None

    def _fated(self, item: Any) -> Any:
        """With the annotations that make new pods fail as those that were seen."""
        said = self._fates.get(item.ref)
        if said is None and isinstance(item, Deployment):
            said = next((self._fates[each.ref] for each in self._current(item) if each.ref in self._fates), None)
        if said is None:
            return item
        template = item.spec.template
        metadata = replace(template.metadata, annotations={**template.metadata.annotations, **said})
        return replace(item, spec=replace(item.spec, template=replace(template, metadata=metadata)))

    def _current(self, item: Deployment) -> Iterable[ReplicaSet]:
        """The ReplicaSet of the Deployment's present template."""
        for each in self.snapshot.all(ReplicaSet):
            owner = controller_of(each)
            if owner == item.ref and _plain(each.spec.template) == _plain(item.spec.template):
                yield each

    # Nobody acts

    def _node(self, item: Node, number: int) -> None:
        amounts = dict(item.status.allocatable or item.status.capacity)
        ready = condition_of(item, "Ready")
        spec = NodeSpec(
            item.name,
            cpu=str(amounts.pop("cpu", "0")),
            memory=str(amounts.pop("memory", "0")),
            ephemeral_storage=str(amounts.pop("ephemeral-storage", "0")),
            labels=item.labels,
            taints=[wire(taint) for taint in item.spec.taints if not taint.key.startswith(_PASSING)],
            conditions={each.type: (each.status, each.reason, each.message) for each in item.status.conditions},
            unschedulable=item.spec.unschedulable,
        )
        found = nodes.manifest(spec, number, self.plane.kubelet_port, build.KUBERNETES, dt.datetime.now(dt.UTC))
        said = found["status"]["allocatable"] | {key: str(value) for key, value in amounts.items()}
        found["status"] |= {"allocatable": said, "capacity": said, "images": wire(item.status.images)}
        if ready not in {"True", ""}:
            del found["metadata"]["labels"][nodes.MANAGED]  # nobody renews its lease
        self._create(found, item)

    def _volumes(self) -> None:
        claims: dict[str, str] = {}
        for item in self.snapshot.all(PersistentVolumeClaim):
            wanted = manifest(item)
            bound = item.status.phase == "Bound" and item.spec.volume_name
            if bound:
                wanted["metadata"].setdefault("annotations", {})["pv.kubernetes.io/bind-completed"] = "yes"
            if self._create(wanted, item) and bound:
                claims[item.spec.volume_name] = self._uids[item.ref]
                self._status(item, {"phase": "Bound", **{k: v for k, v in wire(item.status).items() if k != "phase"}})
        for volume in self.snapshot.all(PersistentVolume):
            wanted = manifest(volume)
            claim = volume.spec.claim_ref
            if claim is not None and volume.name in claims:
                wanted["spec"]["claimRef"] |= {
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "uid": claims[volume.name],
                }  # fmt: skip
            if self._create(wanted, volume):
                self._status(volume, {"phase": volume.status.phase or "Available"})

    def _controllers(self) -> None:
        for item in self.snapshot.all(Deployment):
            self._create(manifest(self._fated(item)), item)
        for each in self.snapshot.all(ReplicaSet):
            self._owned(each, manifest(self._fated(each)))
        self._all(ReplicationController)
        for job in self.snapshot.all(Job):
            if any(item.type in {"Complete", "Failed"} and item.status == "True" for item in job.status.conditions):
                self._out["Job", "it has ended"] += 1
                continue
            wanted = manifest(self._fated(job))
            if not wanted["spec"].get("manualSelector"):
                wanted["spec"].pop("selector", None)
                _without(wanted["spec"]["template"].get("metadata", {}), _UID_LABELS)
            self._owned(job, wanted)
        for cron in self.snapshot.all(CronJob):
            wanted = manifest(cron)
            wanted["spec"]["suspend"] = True
            self._create(wanted, cron)
            self._out["CronJob", "suspended: its schedule goes by the clock on the wall"] += 1

    def _owned(self, item: KubeObject, wanted: Object) -> None:
        owner = self._owner(item)
        if owner:
            wanted["metadata"]["ownerReferences"] = [owner]
        self._create(wanted, item)

    def _owner(self, item: KubeObject) -> Object | None:
        ref = controller_of(item)
        if ref is None or ref not in self._uids:
            return None
        known = self.snapshot.find(ref)
        api = version(known) if known is not None else "v1"
        found = {"apiVersion": api, "kind": ref.kind, "name": ref.name, "uid": self._uids[ref], "controller": True}
        return found if ref.kind == "Node" else {**found, "blockOwnerDeletion": True}

    def _pod(self, pod: Pod) -> None:
        owner = controller_of(pod)
        wanted = manifest(pod)
        if owner is not None and owner not in self._uids:
            ended = pod.status.phase in {"Succeeded", "Failed"}
            self._out["Pod", "it has ended" if ended else f"its {owner.kind} is not there"] += 1
            return
        labels = wanted["metadata"].get("labels", {})
        if owner is not None:
            wanted["metadata"]["ownerReferences"] = [self._owner(pod)]
            labels |= {key: self._uids[owner] for key in _UID_LABELS if key in labels}
            self._relabel(owner, labels)
        if not self._create(wanted, pod) or not pod.spec.node_name:
            return
        status = wire(pod.status)
        conditions = [each for each in status.get("conditions", []) if each["type"] != _PLAYED["type"]]
        for each in conditions:
            each.pop("lastUpdateTime", None)
            each.pop("lastHeartbeatTime", None)
        # KWOK plays no pod that has this condition.
        self._status(pod, {**status, "conditions": [*conditions, _PLAYED]})
        if pod.metadata.deletion_timestamp is not None:
            self.api.delete("v1", "Pod", pod.name, pod.namespace)

    def _relabel(self, owner: Ref, labels: dict[str, str]) -> None:
        """Pods of the present revision are of the one that was made anew; those of an older one stay what they are."""
        item = self.snapshot.find(owner)
        if owner not in self._revisions or _REVISION not in labels or item is None:
            return
        current = item.status.update_revision if isinstance(item, StatefulSet) else ""
        if not current or labels[_REVISION] == current:
            labels[_REVISION] = self._revisions[owner]

    def _scale(self, item: StatefulSet) -> None:
        if item.ref in self._uids:
            number = 1 if item.spec.replicas is None else item.spec.replicas
            self.api.merge("apps/v1", "StatefulSet", item.name, item.namespace, {"spec": {"replicas": number}})

    def _labels(self) -> None:
        """Last, because the levels of Pod Security would be enforced on what is restored."""
        for item in self.snapshot.all(Namespace):
            change = {"metadata": {"labels": item.labels, "annotations": item.metadata.annotations}}
            self.api.merge("v1", "Namespace", item.name, "", change)

    # Afterwards

    def _await_nodes(self) -> None:
        for item in self.snapshot.all(Node):
            if condition_of(item, "Ready") in {"True", ""} and item.ref in self._uids:
                self._await(item.name, lambda item=item: self._is_up(item.name))

    def _is_up(self, name: str) -> bool:
        taints = self.api.get("v1", "Node", name)["spec"].get("taints", [])
        return not any(taint["key"] == "node.kubernetes.io/not-ready" for taint in taints)

    def _await_quotas(self) -> None:
        for item in self.snapshot.all(ResourceQuota):
            if item.ref in self._uids:
                self._await(
                    item.name,
                    lambda item=item: self.api.get("v1", "ResourceQuota", item.name, item.namespace)["status"].get(
                        "used"
                    ),
                )

    # Requests

    def _all(self, kind: type[Any], skip: Any = lambda _: False) -> None:
        for item in self.snapshot.all(kind):
            if not skip(item):
                wanted = manifest(item)
                if isinstance(item, Service) and item.spec.cluster_ip != "None":
                    for name in ("clusterIP", "clusterIPs"):
                        wanted.get("spec", {}).pop(name, None)
                self._create(wanted, item)

    def _create(self, wanted: Object, item: KubeObject) -> bool:
        if self.snapshot.depth(item.ref) < Depth.DESCRIBED:
            return False
        path = self.api.path(wanted["apiVersion"], wanted["kind"], item.namespace)
        try:
            answer = self.api.request("POST", path, wanted)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                answer = self.api.get(wanted["apiVersion"], wanted["kind"], item.name, item.namespace)
            else:
                self._out[item.kind, f"refused: {_short(error.server_message)}"] += 1
                return False
        self._uids[item.ref] = answer["metadata"]["uid"]
        return True

    def _status(self, item: KubeObject, status: Mapping[str, Any]) -> None:
        try:
            self.api.merge(version(item), item.kind, item.name, item.namespace, {"status": dict(status)}, "status")
        except ApiError as error:
            self._out[f"status of {item.kind}", f"refused: {_short(error.server_message)}"] += 1

    def _await(self, name: str, probe: Any) -> object:
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                if found := probe():
                    return found
            except ApiError as error:
                if error.status != 404:
                    raise
            if time.monotonic() > deadline:
                raise build.TestbedError(f"{name} did not get ready on the testbed in {_SECONDS:.0f} s")
            time.sleep(0.05)


def condition_of(node: Node, kind: str) -> str:
    return next((item.status for item in node.status.conditions if item.type == kind), "")


def _plain(template: PodTemplate) -> object:
    labels = {key: value for key, value in template.metadata.labels.items() if key != "pod-template-hash"}
    return (labels, template.metadata.annotations, template.spec)


def _place(item: KubeObject) -> Object:
    return {"name": item.name, "namespace": item.namespace, "labels": item.labels}


def _without(metadata: Object, names: Iterable[str]) -> None:
    for name in names:
        metadata.get("labels", {}).pop(name, None)


def _short(message: str) -> str:
    """Without the object's own name, so that the same reason counts once."""
    text = message.partition(": ")[2] or message
    return text[:160]
