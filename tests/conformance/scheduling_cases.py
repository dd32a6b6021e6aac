"""Random scheduling cases: nodes, placed pods and pending pods that use every field the default profile reads. A seed gives the same case everywhere."""

from __future__ import annotations

from random import Random
from typing import Any

Object = dict[str, Any]
_ZONES = ("a", "b", "c")
_APPS = ("web", "db", "cache", "batch")
_NAMESPACES = ("prod", "dev", "ops")
_IMAGES = ("reg.example/web:1", "reg.example/db", "reg.example/tool:2.1", "redis")
_CLASSES = ("fast", "slow", "local", "none", "pool")
_MI = 1024 * 1024


def case(seed: int) -> Object:
    """A v1 List as kubectl would print it."""
    return _Case(Random(seed)).whole()


class _Case:
    def __init__(self, random: Random) -> None:
        self.r = random
        self.nodes: list[str] = [f"node-{number}" for number in range(random.randint(1, 7))]
        self.items: list[Object] = []
        self.claims: dict[str, list[str]] = {name: [] for name in _NAMESPACES}
        # Each case uses some features only, so that one filter does not hide all the others.
        few = random.random() < 0.6
        self.on = set(random.sample(FEATURES, random.randint(1, 4))) if few else set(random.sample(FEATURES, 8))
        # Roomy nodes and few kinds of pods leave the decision to the other plugins.
        self.roomy = random.random() < 0.7
        self.alike = random.random() < 0.7

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    def whole(self) -> Object:
        for number, name in enumerate(_NAMESPACES):
            labels = {"kubernetes.io/metadata.name": name, "tier": "gold" if number % 2 else "silver"}
            self.add("v1", "Namespace", name, labels=labels)
        for name in self.nodes:
            self.node(name)
        if "volumes" in self.on:
            self.storage()
        if "owners" in self.on:
            self.owners()
        for number in range(self.r.randint(0, 20)):
            self.pod(f"placed-{number}", self.r.choice(self.nodes))
        for number in range(self.r.randint(1, 4)):
            self.pod(f"pending-{number}", "")
        return {"apiVersion": "v1", "kind": "List", "items": self.items}

    def add(self, version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Object:
        metadata: Object = {"name": name, "uid": f"{kind.lower()}-{namespace}-{name}"}
        if namespace:
            metadata["namespace"] = namespace
        for key in ("labels", "annotations", "ownerReferences", "deletionTimestamp", "finalizers"):
            if rest.get(key):
                metadata[key] = rest.pop(key)
        found = {"apiVersion": version, "kind": kind, "metadata": metadata} | {k: v for k, v in rest.items() if v}
        self.items.append(found)
        return found

    # Nodes

    def node(self, name: str) -> None:
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        if self.chance(0.9):
            labels["topology.kubernetes.io/zone"] = self.r.choice(_ZONES)
        if self.chance(0.5):
            labels["disk"] = self.r.choice(("ssd", "hdd"))
        if self.chance(0.4):
            labels["generation"] = str(self.r.randint(1, 9))
        if self.chance(0.05):
            del labels["kubernetes.io/hostname"]
        spec: Object = {}
        if "taints" in self.on:
            spec["taints"] = [self.taint() for _ in range(self.r.choice((0, 0, 1, 1, 2)))]
        if "cordon" in self.on and self.chance(0.3):
            spec["unschedulable"] = True
            if self.chance(0.8):
                taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
                spec["taints"] = [*spec.get("taints", []), taint]
        allocatable = {
            "cpu": self.r.choice(("16", "31850m", "64") if self.roomy else ("2", "4", "3920m", "8", "0")),
            "memory": self.r.choice(("32Gi", "64Gi", "63911288Ki") if self.roomy else ("4Gi", "7911288Ki", "16G", "0")),
            "ephemeral-storage": self.r.choice(("200Gi", "500Gi") if self.roomy else ("20Gi", "50Gi", "0")),
            "pods": self.r.choice(("110", "250") if self.roomy else ("110", "4", "2")),
        }
        if "extended" in self.on and self.chance(0.6):
            allocatable["example.com/gpu"] = self.r.choice(("1", "4", "0"))
            allocatable["hugepages-2Mi"] = self.r.choice(("0", "64Mi"))
        status: Object = {"allocatable": allocatable, "capacity": allocatable}
        if "images" in self.on:
            status["images"] = [
                {"names": [image if ":" in image else f"{image}:latest"], "sizeBytes": self.r.randint(1, 1200) * _MI}
                for image in _IMAGES
                if self.chance(0.5)
            ]
        self.add("v1", "Node", name, labels=labels, spec=spec, status=status)
        if "volumes" in self.on and self.chance(0.7):
            drivers = [
                {
                    "name": f"{each}.csi.example",
                    "nodeID": name,
                    "topologyKeys": [],
                    "allocatable": {"count": self.r.randint(0, 2)},
                }
                for each in ("fast", "slow")
                if self.chance(0.8)
            ]
            self.add("storage.k8s.io/v1", "CSINode", name, spec={"drivers": drivers})

    def taint(self) -> Object:
        return {
            "key": self.r.choice(("dedicated", "gpu", "spot")),
            "value": self.r.choice(("", "team-a", "team-b")),
            "effect": self.r.choice(("NoSchedule", "NoExecute", "PreferNoSchedule")),
        }

    # Pods

    def pod(self, name: str, node: str) -> None:
        namespace = _NAMESPACES[0] if self.alike and self.chance(0.8) else self.r.choice(_NAMESPACES)
        labels = {"app": self.app()}
        if self.chance(0.5):
            labels["version"] = self.r.choice(("1", "2"))
        spec: Object = {"containers": [self.container(number) for number in range(self.r.choice((1, 1, 1, 2)))]}
        if "init" in self.on and self.chance(0.7):
            spec["initContainers"] = [self.container(number, init=True) for number in range(self.r.randint(1, 3))]
            for item in spec["initContainers"]:
                if self.chance(0.4):
                    item["restartPolicy"] = "Always"
        if "overhead" in self.on and self.chance(0.5):
            spec["overhead"] = {"cpu": "250m", "memory": "120Mi"}
        if "podlevel" in self.on and self.chance(0.5):
            spec["resources"] = {"requests": self.some({"cpu": "1500m", "memory": "1Gi"})}
        if "selector" in self.on and self.chance(0.5):
            spec["nodeSelector"] = self.some({"disk": self.r.choice(("ssd", "hdd")), "kubernetes.io/os": "linux"})
        if "tolerations" in self.on or "taints" in self.on:
            spec["tolerations"] = [self.toleration() for _ in range(self.r.randint(0, 3))]
        affinity = self.affinity()
        if affinity:
            spec["affinity"] = affinity
        if "spread" in self.on and self.chance(0.7):
            spec["topologySpreadConstraints"] = [self.spread() for _ in range(self.r.randint(1, 2))]
        if "ports" in self.on and self.chance(0.6):
            spec["containers"][0]["ports"] = [self.port() for _ in range(self.r.randint(1, 2))]
        if "volumes" in self.on and self.chance(0.7):
            spec["volumes"] = self.volumes(namespace)
        if "gates" in self.on and not node and self.chance(0.1):
            spec["schedulingGates"] = [{"name": "example.com/wait"}]
        if node:
            spec["nodeName"] = node
        rest: Object = {}
        if node and self.chance(0.08):
            rest = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]}
        owners = []
        if "owners" in self.on and self.chance(0.6):
            kind = self.r.choice(("ReplicaSet", "StatefulSet"))
            owners = [{"apiVersion": "apps/v1", "kind": kind, "name": labels["app"], "uid": "u", "controller": True}]
        phase = "Pending" if not node else self.r.choice(("Running", "Running", "Running", "Succeeded"))
        self.add(
            "v1",
            "Pod",
            name,
            namespace,
            labels=labels,
            ownerReferences=owners,
            spec=spec,
            status={"phase": phase},
            **rest,
        )

    def app(self) -> str:
        return _APPS[0] if self.alike and self.chance(0.7) else self.r.choice(_APPS)

    def container(self, number: int, *, init: bool = False) -> Object:
        requests: Object = {}
        if self.chance(0.7):
            requests["cpu"] = self.r.choice(("100m", "500m", "1", "2500m", "0"))
        if self.chance(0.7):
            requests["memory"] = self.r.choice(("64Mi", "512Mi", "2Gi", "3G", "100k"))
        if self.chance(0.15):
            requests["ephemeral-storage"] = self.r.choice(("1Gi", "30Gi"))
        if "extended" in self.on and self.chance(0.3):
            requests[self.r.choice(("example.com/gpu", "hugepages-2Mi", "other.example/fpga"))] = self.r.choice(
                ("1", "2")
            )
        name = f"{'init' if init else 'main'}-{number}"
        return {"name": name, "image": self.r.choice(_IMAGES), "resources": {"requests": requests}}

    def some(self, values: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in values.items() if self.chance(0.6)}

    def toleration(self) -> Object:
        found: Object = {"operator": self.r.choice(("Exists", "Equal", ""))}
        if found["operator"] != "Exists" or self.chance(0.8):
            found["key"] = self.r.choice(("dedicated", "gpu", "spot", "node.kubernetes.io/unschedulable"))
        if found["operator"] != "Exists":
            found["value"] = self.r.choice(("", "team-a", "team-b"))
        if self.chance(0.6):
            found["effect"] = self.r.choice(("NoSchedule", "NoExecute", "PreferNoSchedule"))
        if not found["operator"]:
            del found["operator"]
        return found

    def affinity(self) -> Object:
        found: Object = {}
        if "nodeaffinity" in self.on and self.chance(0.6):
            node: Object = {}
            if self.chance(0.7):
                node["requiredDuringSchedulingIgnoredDuringExecution"] = {
                    "nodeSelectorTerms": [self.node_term() for _ in range(self.r.randint(1, 2))]
                }
            if self.chance(0.6):
                node["preferredDuringSchedulingIgnoredDuringExecution"] = [
                    {"weight": self.r.randint(1, 100), "preference": self.node_term()}
                    for _ in range(self.r.randint(1, 3))
                ]
            if node:
                found["nodeAffinity"] = node
        for side in ("podAffinity", "podAntiAffinity"):
            if side.lower() in self.on and self.chance(0.5):
                terms: Object = {}
                if self.chance(0.6):
                    terms["requiredDuringSchedulingIgnoredDuringExecution"] = [
                        self.pod_term() for _ in range(self.r.choice((1, 1, 2)))
                    ]
                if self.chance(0.6):
                    terms["preferredDuringSchedulingIgnoredDuringExecution"] = [
                        {"weight": self.r.randint(1, 100), "podAffinityTerm": self.pod_term()}
                        for _ in range(self.r.randint(1, 2))
                    ]
                if terms:
                    found[side] = terms
        return found

    def node_term(self) -> Object:
        term: Object = {}
        if self.chance(0.85):
            term["matchExpressions"] = [self.node_requirement() for _ in range(self.r.choice((1, 1, 2)))]
        if self.chance(0.2):
            operator = self.r.choice(("In", "NotIn"))
            term["matchFields"] = [
                {"key": "metadata.name", "operator": operator, "values": [self.r.choice(self.nodes)]}
            ]
        return term

    def node_requirement(self) -> Object:
        key = self.r.choice(("disk", "generation", "topology.kubernetes.io/zone", "absent"))
        operator = self.r.choice(("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))
        if operator in {"Gt", "Lt"}:
            return {"key": key, "operator": operator, "values": [str(self.r.randint(1, 9))]}
        if operator in {"Exists", "DoesNotExist"}:
            return {"key": key, "operator": operator}
        values = {"disk": ["ssd"], "generation": ["3", "4", "5"], "absent": ["x"]}.get(key, list(_ZONES[:2]))
        return {"key": key, "operator": operator, "values": values}

    def selector(self) -> Object | None:
        if self.chance(0.05):
            return None
        found: Object = {}
        if self.chance(0.75):
            found["matchLabels"] = {"app": self.app()}
        if self.chance(0.35):
            operator = self.r.choice(("In", "NotIn", "Exists", "DoesNotExist"))
            values = ["1"] if operator in {"In", "NotIn"} else []
            found["matchExpressions"] = [{"key": "version", "operator": operator, "values": values}]
        return found

    def pod_term(self) -> Object:
        keys = ("topology.kubernetes.io/zone", "kubernetes.io/hostname", "disk")
        term: Object = {"topologyKey": self.r.choice(keys)}
        selector = self.selector()
        if selector is not None:
            term["labelSelector"] = selector
        if self.chance(0.25):
            term["namespaces"] = [self.r.choice(_NAMESPACES)]
        if self.chance(0.25):
            term["namespaceSelector"] = self.r.choice(({}, {"matchLabels": {"tier": "gold"}}))
        return term

    def spread(self) -> Object:
        keys = ("topology.kubernetes.io/zone", "kubernetes.io/hostname", "disk")
        found: Object = {
            "topologyKey": self.r.choice(keys),
            "maxSkew": self.r.randint(1, 3),
            "whenUnsatisfiable": self.r.choice(("DoNotSchedule", "ScheduleAnyway")),
        }
        selector = self.selector()
        if selector is not None:
            found["labelSelector"] = selector
        if found["whenUnsatisfiable"] == "DoNotSchedule" and self.chance(0.3):
            found["minDomains"] = self.r.randint(1, 4)
        if self.chance(0.3):
            found["nodeAffinityPolicy"] = self.r.choice(("Honor", "Ignore"))
        if self.chance(0.3):
            found["nodeTaintsPolicy"] = self.r.choice(("Honor", "Ignore"))
        if selector is not None and self.chance(0.2):
            found["matchLabelKeys"] = ["version"]
        return found

    def port(self) -> Object:
        found: Object = {
            "containerPort": 80,
            "hostPort": self.r.choice((8080, 8081)),
            "protocol": self.r.choice(("TCP", "UDP")),
        }
        if self.chance(0.4):
            found["hostIP"] = self.r.choice(("127.0.0.1", "10.0.0.1"))
        return found

    # Storage

    def storage(self) -> None:
        for name in _CLASSES:
            waits = name in {"local", "pool"} or self.chance(0.5)
            rest: Object = {"provisioner": f"{name}.csi.example"}
            if name in {"local", "none"}:
                rest["provisioner"] = "kubernetes.io/no-provisioner"
            if name == "fast" and self.chance(0.3):
                zone = {"key": "topology.kubernetes.io/zone", "values": ["a", "b"]}
                rest["allowedTopologies"] = [{"matchLabelExpressions": [zone]}]
            mode = "WaitForFirstConsumer" if waits else "Immediate"
            self.add("storage.k8s.io/v1", "StorageClass", name, volumeBindingMode=mode, **rest)
        if self.chance(0.7):
            self.add("storage.k8s.io/v1", "CSIDriver", "pool.csi.example", spec={"storageCapacity": True})
            # One pool for a zone: the lister's order, which decides between two that fit, is not defined.
            for zone in _ZONES:
                if self.chance(0.7):
                    self.add(
                        "storage.k8s.io/v1",
                        "CSIStorageCapacity",
                        f"pool-{zone}",
                        "ops",
                        storageClassName="pool",
                        capacity=self.r.choice(("5Gi", "40Gi")),
                        nodeTopology={"matchLabels": {"topology.kubernetes.io/zone": zone}},
                    )
        if self.chance(0.2):
            self.add("storage.k8s.io/v1", "CSIDriver", "slow.csi.example", spec={"preventPodSchedulingIfMissing": True})
        for number in range(self.r.randint(0, 4)):
            self.volume(f"free-{number}", self.r.choice(("local", "fast")), None)
        for namespace in _NAMESPACES:
            for number in range(self.r.randint(0, 3)):
                self.claim(namespace, f"claim-{number}")

    def volume(self, name: str, storage_class: str, claim: Object | None) -> None:
        # Distinct sizes: between volumes of one size the order of the lister decides, which is not defined.
        spec: Object = {
            "capacity": {"storage": f"{10 + 7 * len(self.items)}Gi"},
            "accessModes": self.r.choice((["ReadWriteOnce"], ["ReadWriteOnce", "ReadWriteMany"], ["ReadOnlyMany"])),
            "storageClassName": storage_class,
            "volumeMode": self.r.choice(("Filesystem", "Filesystem", "Block")),
            "csi": {"driver": f"{self.r.choice(('fast', 'slow'))}.csi.example", "volumeHandle": f"handle-{name}"},
        }
        if claim:
            spec["claimRef"] = claim
        labels = {"tier": self.r.choice(("gold", "silver"))}
        if self.chance(0.5):
            expression = self.r.choice(
                (
                    {"key": "kubernetes.io/hostname", "operator": "In", "values": [self.r.choice(self.nodes)]},
                    {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a", "b"]},
                )
            )
            spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
        if self.chance(0.3):
            labels["topology.kubernetes.io/zone"] = self.r.choice(("a", "b", "a__b"))
        phase = "Bound" if claim else self.r.choice(("Available", "Available", "Released"))
        self.add("v1", "PersistentVolume", name, labels=labels, spec=spec, status={"phase": phase})

    def claim(self, namespace: str, name: str) -> None:
        storage_class = self.r.choice(_CLASSES)
        spec: Object = {
            "accessModes": [self.r.choice(("ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"))],
            "resources": {
                "requests": {
                    "storage": f"{5 + 6 * len(self.items)}Gi" if self.chance(0.5) else f"{len(self.items) % 30 + 1}Gi"
                }
            },
            "storageClassName": storage_class,
        }
        if self.chance(0.2):
            spec["selector"] = {"matchLabels": {"tier": "gold"}}
        annotations: Object = {}
        phase = "Pending"
        if self.chance(0.5):
            volume = f"pv-{namespace}-{name}"
            spec["volumeName"] = volume
            phase = "Bound" if self.chance(0.95) else "Lost"
            if self.chance(0.9):
                annotations["pv.kubernetes.io/bind-completed"] = "yes"
            if self.chance(0.95):
                self.volume(
                    volume,
                    storage_class,
                    {"namespace": namespace, "name": name, "uid": f"persistentvolumeclaim-{namespace}-{name}"},
                )
        elif self.chance(0.15):
            annotations["volume.kubernetes.io/selected-node"] = self.r.choice(self.nodes)
        rest: Object = {}
        if self.chance(0.03):
            rest = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["kubernetes.io/pvc-protection"]}
        self.add(
            "v1",
            "PersistentVolumeClaim",
            name,
            namespace,
            annotations=annotations,
            spec=spec,
            status={"phase": phase},
            **rest,
        )
        self.claims[namespace].append(name)

    def volumes(self, namespace: str) -> list[Object]:
        found: list[Object] = []
        known = self.claims[namespace]
        for number in range(self.r.randint(1, 2)):
            if known and self.chance(0.85):
                found.append({"name": f"v{number}", "persistentVolumeClaim": {"claimName": self.r.choice(known)}})
            elif self.chance(0.15):
                found.append({"name": f"v{number}", "persistentVolumeClaim": {"claimName": "missing"}})
            elif self.chance(0.6):
                disk = {"pdName": self.r.choice(("d1", "d2")), "readOnly": self.chance(0.5)}
                found.append({"name": f"v{number}", "gcePersistentDisk": disk})
            else:
                found.append({"name": f"v{number}", "emptyDir": {}})
        return found

    def owners(self) -> None:
        for namespace in _NAMESPACES:
            for app in _APPS:
                if self.chance(0.4):
                    self.add("v1", "Service", app, namespace, spec={"selector": {"app": app}, "ports": [{"port": 80}]})
                for kind in ("ReplicaSet", "StatefulSet"):
                    if self.chance(0.4):
                        spec = {
                            "selector": {"matchLabels": {"app": app}},
                            "template": {"metadata": {"labels": {"app": app}}},
                        }
                        self.add("apps/v1", kind, app, namespace, spec=spec)


FEATURES = (
    "taints",
    "tolerations",
    "cordon",
    "extended",
    "images",
    "init",
    "overhead",
    "podlevel",
    "selector",
    "nodeaffinity",
    "podaffinity",
    "podantiaffinity",
    "spread",
    "ports",
    "volumes",
    "gates",
    "owners",
)
