"""Scheduling cases with other habits than scheduling_cases: every field in its rarer forms (odd quantities, many containers, empty and null selectors, what is absent, what is ended or resized)."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.conformance.odd_forms import written
from tests.conformance.odd_pods import Pods
from tests.conformance.odd_storage import Storage

Object = dict[str, Any]
NAMESPACES = ("shop", "shop-test", "", "unlisted")
ZONE = "topology.kubernetes.io/zone"
TOPICS = (
    "quantities",
    "absent",
    "containers",
    "podlevel",
    "resized",
    "extended",
    "taints",
    "cordon",
    "nodeaffinity",
    "interpod",
    "repelled",
    "spread",
    "defaultspread",
    "ports",
    "images",
    "volumes",
    "claims",
    "limits",
    "gates",
    "features",
)


def case(seed: int) -> Object:
    """A v1 List as kubectl would print it; of every third one, as other hands would write it."""
    found = _Case(Random(f"odd {seed}")).whole()
    return written(found, Random(f"written {seed}")) if seed % 3 == 0 else found


class _Case:
    def __init__(self, random: Random) -> None:
        self.r = random
        self.on = set(random.sample(TOPICS, random.choice((1, 1, 2, 2, 3, 5))))
        self.nodes = [
            random.choice((f"worker{number}", f"ip-10-0-0-{number}.example.internal"))
            for number in range(random.choice((1, 2, 3, 4, 6, 9, 14)))
        ]
        self.items: list[Object] = []

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    def whole(self) -> Object:
        for name in NAMESPACES[:3]:
            if self.chance(0.8):
                labels = {"kubernetes.io/metadata.name": name or "default"}
                self.item("v1", "Namespace", name or "default", labels=labels | self.some({"team": "one", "env": ""}))
        for name in self.nodes:
            self.node(name)
        storage = Storage(self)
        if self.on & {"volumes", "claims", "limits"}:
            storage.make()
        if self.on & {"defaultspread", "spread"}:
            self.selecting()
        pods = Pods(self, storage)
        for number in range(self.r.choice((0, 1, 3, 8, 25, 40))):
            pods.make(f"p{number}", self.r.choice([*self.nodes, *self.nodes, "gone"]))
        for number in range(self.r.choice((1, 1, 2, 5))):
            pods.make(f"new{number}", "")
        self.r.shuffle(self.items)
        return {"apiVersion": "v1", "kind": "List", "items": self.items}

    def item(self, version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Object:
        metadata: Object = {"name": name, "uid": f"{kind}/{namespace}/{name}"}
        if namespace:
            metadata["namespace"] = namespace
        for key in ("labels", "annotations", "ownerReferences", "deletionTimestamp", "finalizers", "creationTimestamp"):
            if rest.get(key) is not None:
                metadata[key] = rest.pop(key)
        found = {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
        self.items.append(found)
        return found

    def some(self, values: dict[str, Any], share: float = 0.5) -> dict[str, Any]:
        return {key: value for key, value in values.items() if self.chance(share)}

    # Nodes

    def node(self, name: str) -> None:
        labels: Object | None = {
            "kubernetes.io/hostname": name,
            ZONE: self.r.choice(("z1", "z2", "z2", "")),
            **self.some(
                {
                    "topology.kubernetes.io/region": self.r.choice(("north", "south")),
                    "rank": self.r.choice(("1", "007", "-3", "12", "x", "", "3.5", "99999999999999999999")),
                    "rack": self.r.choice(("r1", "r2", "r3")),
                    "empty": "",
                }
            ),
        }
        if "absent" in self.on or self.chance(0.1):
            labels = self.r.choice((None, {}, {ZONE: "z1"}, {"kubernetes.io/hostname": "another"}, labels))
        spec: Object = {}
        if "taints" in self.on and self.chance(0.7):
            spec["taints"] = [self.taint() for _ in range(self.r.choice((1, 1, 2, 4)))]
        if "cordon" in self.on and self.chance(0.5):
            spec["unschedulable"] = self.r.choice((True, True, False))
            if self.chance(0.5):
                cordoned = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
                spec.setdefault("taints", []).append(cordoned | self.some({"timeAdded": "2026-01-01T00:00:00Z"}))
        status = self.room()
        if "images" in self.on:
            status["images"] = [self.image() for _ in range(self.r.choice((0, 1, 4, 9)))]
        if "features" in self.on and self.chance(0.8):
            status["declaredFeatures"] = sorted(self.some(dict.fromkeys(FEATURES, ""), 0.6))
        rest: Object = {}
        if self.chance(0.03):
            rest = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]}
        self.item("v1", "Node", name, labels=labels, spec=spec, status=status, **rest)

    def taint(self) -> Object:
        found = {
            "key": self.r.choice(("a", "example.com/team", "node.kubernetes.io/not-ready", "level")),
            "effect": self.r.choice(("NoSchedule", "NoExecute", "PreferNoSchedule", "PreferNoSchedule")),
        }
        return found | self.some(
            {
                "value": self.r.choice(("", "x", "5", "05", "-1", "500", "5.0", "99999999999999999999")),
                "timeAdded": "2026-01-01T00:00:00Z",
            }
        )

    def room(self) -> Object:
        allocatable: Object = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"}
        if "quantities" in self.on:
            allocatable = {
                "cpu": self.r.choice(("3920m", "7.91", "1e1", "12E0", "15999999u", "4", 4, "0.5", "8k", ".75", "6.")),
                "memory": self.r.choice(
                    ("7911288Ki", "8e9", "8E9", "16000000000", "16384Mi", "1.5Gi", "12345678901234m", "1Ti", "0.1Pi")
                ),
                "ephemeral-storage": self.r.choice(("47093746742", "1E11", "100e9", "0", "1Ei", "95551679124m")),
                "pods": self.r.choice(("110", "3", "1e1", "0", 12, "2500m", "1k")),
            }
        if "extended" in self.on:
            allocatable |= self.some(
                {
                    "nvidia.com/gpu": self.r.choice(("8", "1", "0", "2k")),
                    "example.com/nic": self.r.choice(("3", "1000m")),
                    "hugepages-2Mi": self.r.choice(("0", "128Mi", "1Gi")),
                    "hugepages-1Gi": self.r.choice(("1Gi", "2Gi")),
                    "attachable-volumes-csi-x": "2",
                    "smarter-devices/fuse": "20",
                },
                0.7,
            )
        if "absent" in self.on:
            allocatable = self.some(allocatable, 0.75)
            if self.chance(0.15):
                allocatable["cpu"] = self.r.choice(("0", "1m"))
            if self.chance(0.15):
                allocatable["memory"] = "0"
            if self.chance(0.1):
                return self.r.choice(({}, {"capacity": allocatable}))
        return {"allocatable": allocatable, "capacity": dict.fromkeys(allocatable, "1000000")}

    def image(self) -> Object:
        names = self.r.sample(IMAGES, self.r.choice((1, 1, 2, 3)))
        if self.chance(0.1):
            return {"sizeBytes": 1_000_000}
        return {
            "names": [f"{name}:latest" if "/" not in name and ":" not in name else name for name in names],
            "sizeBytes": self.r.choice(
                (
                    0,
                    1,
                    23 * 1024 * 1024,
                    24_117_249,
                    300_000_000,
                    1_048_576_000,
                    9_000_000_000,
                    self.r.randint(1, 2**31),
                )
            ),
        }

    def selecting(self) -> None:
        """What default spreading asks: Services, ReplicaSets, StatefulSets, ReplicationControllers."""
        for number in range(self.r.choice((1, 2, 4))):
            namespace = self.namespace()
            labels = self.some({"app": self.r.choice(("a", "b")), "tier": "t"}, 0.7)
            owner = self.r.choice(("a", "b"))
            self.item("v1", "Service", f"s{number}", namespace, spec=self.some({"selector": labels}, 0.9))
            rest = {"template": {"metadata": {"labels": {"app": owner}}}}
            selector = self.selector() or {}
            kind = self.r.choice(("ReplicaSet", "StatefulSet"))
            names = [item["metadata"]["name"] for item in self.items if item["kind"] == kind]
            if owner not in names:
                self.item("apps/v1", kind, owner, namespace, spec=rest | {"selector": selector})
            if self.chance(0.5) and "ReplicationController" not in {item["kind"] for item in self.items}:
                self.item("v1", "ReplicationController", owner, namespace, spec=rest | {"selector": labels})

    def namespace(self) -> str:
        return self.r.choice((*NAMESPACES[:2], *NAMESPACES[:2], *NAMESPACES)) or "default"

    def selector(self) -> Object | None:
        """A label selector in any of its forms; None: no selector, which selects nothing."""
        found: Object = {}
        form = self.r.random()
        if form < 0.08:
            return None
        if form < 0.18:
            return found
        if form < 0.75:
            found["matchLabels"] = self.some({"app": self.r.choice(("a", "b")), "tier": "t", "": ""}, 0.6)
            found["matchLabels"].pop("", None)
        if form > 0.5:
            found["matchExpressions"] = [self.requirement() for _ in range(self.r.choice((0, 1, 1, 2)))]
        return found

    def requirement(self) -> Object:
        operator = self.r.choice(("In", "NotIn", "Exists", "DoesNotExist"))
        found: Object = {"key": self.r.choice(("app", "tier", "release", "none")), "operator": operator}
        if operator in {"In", "NotIn"}:
            found["values"] = self.r.choice((["a"], ["a", "b"], ["", "t"], ["one"], ["b", "b"]))
        return found


FEATURES = (
    "GuaranteedQoSPodCPUResize",
    "InPlacePodLevelResourcesVerticalScaling",
    "RestartAllContainersOnContainerExits",
    "UserNamespacesHostNetworkSupport",
    "SomethingElse",
)
IMAGES = (
    "app",
    "app:1",
    "registry.example:5000/app",
    "registry.example:5000/app:latest",
    "registry.example:5000/team/app:2.0",
    "docker.io/library/app:latest",
    "registry.example/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "",
)
