"""Claims, volumes, classes, drivers and attachments of odd_cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conformance.odd_cases import _Case

Object = dict[str, Any]
ZONE = "topology.kubernetes.io/zone"
_BETA_ZONE = "failure-domain.beta.kubernetes.io/zone"
_DRIVERS = ("ebs.csi.aws.com", "pd.csi.storage.gke.io", "disk.example.com")
_CLASSES = ("waits", "waits-here", "now", "by-hand", "pooled")
_MODES = ("ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod")


class Storage:
    def __init__(self, case: _Case) -> None:
        self.case, self.r, self.chance, self.some = case, case.r, case.chance, case.some
        self.claims: dict[str, list[str]] = {}
        # Of several claims that are not their pods' own on a node, kube-scheduler names that of the pod that came first.
        self.strangers = True

    def make(self) -> None:
        on = self.case.on
        self.classes()
        for name in self.case.nodes:
            if self.chance(0.7):
                self.csi_node(name)
        for number in range(self.r.choice((0, 2, 6))):
            self.volume(f"spare{number}", self.r.choice((*_CLASSES, "")), None, number)
        if "claims" in on or "limits" in on:
            for number in range(self.r.choice((1, 2, 3, 6))):
                self.claim(number)
        if "limits" in on:
            self.attachments()

    def classes(self) -> None:
        driver = self.r.choice(_DRIVERS)
        bound = {"volumeBindingMode": "WaitForFirstConsumer"}
        version = "storage.k8s.io/v1"
        self.case.item(version, "StorageClass", "waits", provisioner=driver, **bound)
        terms = [
            {"matchLabelExpressions": [{"key": ZONE, "values": ["z1"]}]},
            {"matchLabelExpressions": [{"key": "rack", "values": ["r1", "r2"]}, {"key": ZONE, "values": ["z2", "z3"]}]},
            {},
        ]
        self.case.item(
            version,
            "StorageClass",
            "waits-here",
            provisioner=driver,
            allowedTopologies=self.r.sample(terms, self.r.choice((1, 2))),
            **bound,
        )
        if self.chance(0.8):
            self.case.item(version, "StorageClass", "now", provisioner=driver, volumeBindingMode="Immediate")
        self.case.item(version, "StorageClass", "by-hand", provisioner="kubernetes.io/no-provisioner", **bound)
        self.case.item(version, "StorageClass", "pooled", provisioner="disk.example.com", **bound)
        # Of several drivers that are missing, kube-scheduler names any.
        demanding = self.r.choice(_DRIVERS)
        for name in _DRIVERS:
            if self.chance(0.6):
                spec = self.some({"storageCapacity": True, "attachRequired": self.chance(0.5)}, 0.6)
                if "limits" in self.case.on and name == demanding:
                    spec |= self.some({"preventPodSchedulingIfMissing": self.chance(0.8)}, 0.8)
                self.case.item(version, "CSIDriver", name, spec=spec)
        for number, topology in enumerate(
            (
                {"matchLabels": {ZONE: "z1"}},
                {"matchExpressions": [{"key": ZONE, "operator": "NotIn", "values": ["z1"]}]},
            )
        ):
            if self.chance(0.7):
                size = self.some({"capacity": self.r.choice(("1Gi", "12.5Gi", "50e9", "0"))}, 0.85)
                size |= self.some({"maximumVolumeSize": self.r.choice(("4Gi", "20Gi"))}, 0.4)
                name = f"pool{number}"
                self.case.item(
                    version,
                    "CSIStorageCapacity",
                    name,
                    "default",
                    storageClassName="pooled",
                    **self.some({"nodeTopology": topology}, 0.9),
                    **size,
                )

    def csi_node(self, name: str) -> None:
        drivers = [
            {"name": driver, "nodeID": name, "topologyKeys": [ZONE]}
            | self.some({"allocatable": self.some({"count": self.r.choice((0, 1, 1, 2, 3))}, 0.9)}, 0.8)
            for driver in self.r.sample(_DRIVERS, self.r.choice((0, 1, 2, 3)))
        ]
        annotations = self.some(
            {"storage.alpha.kubernetes.io/migrated-plugins": "kubernetes.io/aws-ebs,kubernetes.io/gce-pd"}, 0.5
        )
        self.case.item("storage.k8s.io/v1", "CSINode", name, annotations=annotations, spec={"drivers": drivers})

    def volume(self, name: str, storage_class: str, claim: Object | None, number: int) -> None:
        # Distinct sizes: between volumes of one size the order of kube-scheduler's lister decides, which is not defined.
        spec: Object = {
            "capacity": {"storage": f"{self.r.choice((1, 7, 30))}{number:02d}00Mi"},
            "accessModes": self.r.sample(_MODES, self.r.choice((1, 2, 3))),
            "storageClassName": storage_class,
        }
        spec |= self.some({"volumeMode": self.r.choice(("Filesystem", "Block"))}, 0.3)
        spec |= self.some({"volumeAttributesClassName": "gold"}, 0.05)
        handle = f"handle-{self.r.choice((name, name, 'shared'))}"
        spec |= self.r.choice(
            (
                {"csi": {"driver": self.r.choice(_DRIVERS), "volumeHandle": handle}},
                {"csi": {"driver": self.r.choice(_DRIVERS), "volumeHandle": handle}},
                {"local": {"path": "/mnt/disk"}},
                {"hostPath": {"path": "/data"}},
                {"nfs": {"server": "10.0.0.9", "path": "/"}},
                {"awsElasticBlockStore": {"volumeID": f"aws://z1/vol-{name}"}},
                {"gcePersistentDisk": {"pdName": f"pd-{name}"}},
            )
        )
        # Of a disk in several zones, kube-scheduler wants to read their region from their names.
        zones = ("z1", "z9", "") if "gcePersistentDisk" in spec else ("z1", "z2__z1", "z9", "")
        if claim:
            spec["claimRef"] = claim
        if self.chance(0.5):
            terms = self.r.sample(
                [
                    {"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["z1", "z2"]}]},
                    {
                        "matchExpressions": [
                            {"key": "kubernetes.io/hostname", "operator": "In", "values": self.case.nodes[:2]}
                        ]
                    },
                    {"matchExpressions": [{"key": "rack", "operator": "NotIn", "values": ["r1"]}]},
                    {
                        "matchExpressions": [
                            {"key": "rank", "operator": "Gt", "values": ["2"]},
                            {"key": "empty", "operator": "Exists"},
                        ]
                    },
                    {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [self.case.nodes[0]]}]},
                ],
                self.r.choice((1, 1, 2)),
            )
            spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": terms}}
        labels = self.some({ZONE: self.r.choice(zones), _BETA_ZONE: "z2", "kind": "good"}, 0.25)
        phase = "Bound" if claim else self.r.choice(("Available", "Available", "Pending", "Failed", "Released"))
        rest: Object = {}
        if self.chance(0.05):
            rest = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["kubernetes.io/pv-protection"]}
        self.case.item("v1", "PersistentVolume", name, labels=labels, spec=spec, status={"phase": phase}, **rest)

    def claim(self, number: int) -> None:
        namespace, name = self.case.namespace(), f"data{number}"
        self.claims.setdefault(namespace, []).append(name)
        storage_class = self.r.choice((*_CLASSES, "absent", None, ""))
        spec: Object = {
            "accessModes": self.r.sample(_MODES, self.r.choice((1, 1, 2))),
            "resources": self.some({"requests": {"storage": f"{self.r.choice((0, 2, 9, 20))}{number:02d}00Mi"}}, 0.95),
        }
        annotations: Object = self.some(
            {"volume.kubernetes.io/selected-node": self.r.choice([*self.case.nodes, "gone"])}, 0.12
        )
        if self.chance(0.1):
            annotations["volume.beta.kubernetes.io/storage-class"] = "waits"
        if storage_class is not None:
            spec["storageClassName"] = storage_class
        if self.chance(0.12):
            spec["selector"] = self.case.selector() or {"matchLabels": {"kind": "good"}}
        spec |= self.some({"volumeMode": self.r.choice(("Filesystem", "Block"))}, 0.2)
        phase = "Pending"
        if self.chance(0.5):
            volume = f"pv{number}"
            spec["volumeName"] = volume
            phase = self.r.choice(("Bound", "Bound", "Bound", "Lost", "Pending"))
            annotations |= self.some({"pv.kubernetes.io/bind-completed": "yes"}, 0.9)
            if self.chance(0.92):
                claim = {"namespace": namespace, "name": name, "uid": f"PersistentVolumeClaim/{namespace}/{name}"}
                self.volume(volume, storage_class or "", claim, 50 + number)
        elif self.chance(0.2):
            # A volume that is kept for the claim, which does not say so yet.
            claim = {"namespace": namespace, "name": name}
            self.volume(f"kept{number}", storage_class or "", claim, 70 + number)
        rest: Object = {}
        if self.chance(0.04):
            rest = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["kubernetes.io/pvc-protection"]}
        self.case.item(
            "v1",
            "PersistentVolumeClaim",
            name,
            namespace,
            annotations=annotations,
            spec=spec,
            status={"phase": phase},
            **rest,
        )

    def attachments(self) -> None:
        names = [item["metadata"]["name"] for item in self.case.items if item["kind"] == "PersistentVolume"]
        for number in range(self.r.choice((0, 1, 3))):
            source: Object = {"persistentVolumeName": self.r.choice([*names, "gone"])}
            spec = {"attacher": self.r.choice(_DRIVERS), "nodeName": self.r.choice(self.case.nodes), "source": source}
            status = {"attached": self.chance(0.8)}
            self.case.item("storage.k8s.io/v1", "VolumeAttachment", f"va{number}", spec=spec, status=status)

    def volumes(self, pod: str, namespace: str) -> list[Object]:
        return [{"name": f"v{n}", **self.source(pod, f"v{n}", namespace)} for n in range(self.r.choice((1, 1, 2, 4)))]

    def source(self, pod: str, volume: str, namespace: str) -> Object:
        known = self.claims.get(namespace, [])
        form = self.r.random()
        if known and form < 0.7:
            return {"persistentVolumeClaim": {"claimName": self.r.choice(known), "readOnly": self.chance(0.2)}}
        if form < 0.78:
            return self.ephemeral(pod, volume, namespace)
        if form < 0.8:
            return {"persistentVolumeClaim": {"claimName": "missing"}}
        read_only = self.some({"readOnly": self.r.choice((True, True, False))}, 0.6)
        return self.r.choice(
            (
                {"gcePersistentDisk": {"pdName": self.r.choice(("one", "two")), **read_only}},
                {"awsElasticBlockStore": {"volumeID": self.r.choice(("aws://z1/vol-1", "vol-2")), **read_only}},
                {"iscsi": {"targetPortal": self.r.choice(("10.0.0.1:3260", "10.0.0.2")), "iqn": self.r.choice(("iqn-1", "iqn-2")), "lun": 0, **read_only}},
                {"rbd": {"monitors": self.r.sample(("m1", "m2", "m3"), 2), "image": self.r.choice(("i", "j")), **self.some({"pool": "rbd"}), **read_only}},
                {"csi": {"driver": self.r.choice(_DRIVERS)}},
                {"azureDisk": {"diskName": "d", "diskURI": "/subscriptions/d"}},
                {"hostPath": {"path": "/data"}},
                {"emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
                {"configMap": {"name": "settings"}},
                {"projected": {"sources": []}},
            )
        )  # fmt: skip

    def ephemeral(self, pod: str, volume: str, namespace: str) -> Object:
        spec = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "3Gi"}},
            "storageClassName": "waits",
        }
        if self.chance(0.75):
            owner = {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": pod,
                "uid": f"Pod/{namespace}/{pod}",
                "controller": True,
            }
            if self.strangers and self.chance(0.15):
                owner["uid"] = "another"
                self.strangers = False
            self.case.item(
                "v1",
                "PersistentVolumeClaim",
                f"{pod}-{volume}",
                namespace,
                ownerReferences=[owner],
                spec=spec,
                status={"phase": "Pending"},
            )
        return {"ephemeral": {"volumeClaimTemplate": {"spec": spec}}}
