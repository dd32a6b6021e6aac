"""The pods of odd_cases, placed and pending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conformance.odd_cases import _Case
    from tests.conformance.odd_storage import Storage

Object = dict[str, Any]
ZONE = "topology.kubernetes.io/zone"
_KEYS = ("kubernetes.io/hostname", ZONE, ZONE, "topology.kubernetes.io/region", "rack", "empty", "nowhere")
_IMAGES = (
    "app",
    "app:1",
    "registry.example:5000/app",
    "registry.example:5000/team/app:2.0",
    "docker.io/library/app:latest",
    "registry.example/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
)


class Pods:
    def __init__(self, case: _Case, storage: Storage) -> None:
        self.case, self.r, self.on, self.chance, self.some = case, case.r, case.on, case.chance, case.some
        self.storage = storage

    def make(self, name: str, node: str) -> None:
        namespace = self.case.namespace()
        labels: Object | None = self.some({"app": self.r.choice(("a", "a", "b")), "tier": "t", "release": "r"}, 0.7)
        if self.chance(0.06):
            labels = None
        spec = self.spec(name, namespace, placed=bool(node))
        status: Object = {"phase": "Running" if node else "Pending"}
        rest: Object = {}
        if node:
            spec["nodeName"] = node
            status["phase"] = self.r.choice(
                ("Running", "Running", "Running", "Pending", "Succeeded", "Failed", "Unknown")
            )
            if self.chance(0.05):
                status["nominatedNodeName"] = self.r.choice(self.case.nodes)
        elif self.chance(0.05):
            status["nominatedNodeName"] = self.r.choice([*self.case.nodes, "gone"])
        if self.chance(0.1):
            rest = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/hold"]}
        if "resized" in self.on and node:
            self.resized(spec, status)
        if "defaultspread" in self.on and self.chance(0.5):
            kind = self.r.choice(("ReplicaSet", "StatefulSet", "ReplicationController", "Job"))
            version = {"ReplicationController": "v1", "Job": "batch/v1"}.get(kind, "apps/v1")
            owner: Object = {"apiVersion": version, "kind": kind, "name": self.r.choice(("a", "b")), "uid": "u"}
            rest["ownerReferences"] = [owner | {"controller": self.chance(0.9)}]
        self.case.item("v1", "Pod", name, namespace, labels=labels, spec=spec, status=status, **rest)

    def spec(self, name: str, namespace: str, *, placed: bool) -> Object:
        many = "containers" in self.on
        spec: Object = {"containers": [self.container(f"c{n}") for n in range(self.r.choice((1, 2, 5)) if many else 1)]}
        if many and self.chance(0.8):
            spec["initContainers"] = [
                self.container(f"i{n}") | self.r.choice(({}, {"restartPolicy": "Always"}))
                for n in range(self.r.choice((1, 2, 4, 7)))
            ]
        if "podlevel" in self.on and self.chance(0.7):
            spec["resources"] = self.resources(pod=True)
        if self.on & {"podlevel", "quantities", "containers"} and self.chance(0.25):
            spec["overhead"] = self.some({"cpu": "1250u", "memory": "120.5Mi", "example.com/nic": "1"})
        if self.on & {"taints", "cordon"} and self.chance(0.8):
            spec["tolerations"] = [self.toleration() for _ in range(self.r.choice((1, 1, 3)))]
            spec["tolerations"] += spec["tolerations"][: self.r.choice((0, 0, 1))]
        affinity = self.affinity()
        if affinity or self.chance(0.05):
            spec["affinity"] = affinity
        if "nodeaffinity" in self.on and self.chance(0.4):
            spec["nodeSelector"] = self.some({ZONE: "z2", "rack": "r1", "empty": "", "rank": "007"}, 0.4)
        if "spread" in self.on and self.chance(0.8):
            spec["topologySpreadConstraints"] = [self.spread() for _ in range(self.r.choice((1, 1, 2, 3)))]
        if "ports" in self.on and self.chance(0.8):
            for item in (*spec["containers"], *spec.get("initContainers", ())):
                item["ports"] = [self.port() for _ in range(self.r.choice((0, 1, 2)))]
            if self.chance(0.15):
                spec["hostNetwork"] = True
        if self.on & {"volumes", "claims", "limits"} and self.chance(0.8):
            spec["volumes"] = self.storage.volumes(name, namespace)
        if "images" in self.on and self.chance(0.2):
            spec.setdefault("volumes", []).append({"name": "model", "image": {"reference": self.r.choice(_IMAGES)}})
        if "gates" in self.on:
            self.waiting(spec, placed=placed)
        if "features" in self.on:
            self.features(spec)
        return spec

    def waiting(self, spec: Object, *, placed: bool) -> None:
        if not placed and self.chance(0.3):
            spec["schedulingGates"] = [{"name": name} for name in self.r.sample(("a.example/x", "b.example/y", "c"), 2)]
        spec |= self.some(
            {
                "schedulerName": self.r.choice(("default-scheduler", "my-scheduler", "")),
                "priority": self.r.choice((0, -10, 2_000_000_000)),
                "preemptionPolicy": "Never",
                "priorityClassName": "none-such",
                "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "gpu"}],
                "runtimeClassName": "gvisor",
                "terminationGracePeriodSeconds": 0,
            },
            0.25,
        )

    def features(self, spec: Object) -> None:
        if self.chance(0.3):
            spec |= {"hostNetwork": True, "hostUsers": self.r.choice((False, False, True))}
        for item in spec["containers"]:
            if self.chance(0.3):
                item["restartPolicy"] = "Never"
                item["restartPolicyRules"] = [
                    {
                        "action": self.r.choice(("Restart", "RestartAllContainers")),
                        "exitCodes": {"operator": "In", "values": [42]},
                    }
                ]

    # Resources

    def container(self, name: str) -> Object:
        found: Object = {"name": name, "resources": self.resources(pod=False)}
        found["image"] = self.r.choice(_IMAGES)
        if self.chance(0.05):
            del found["resources"]
        return found

    def resources(self, *, pod: bool) -> Object:
        amounts: Object = {
            "cpu": self.r.choice(("100m", "1", "2", "3500m", "0")),
            "memory": self.r.choice(("64Mi", "2Gi", "9Gi")),
        }
        if "quantities" in self.on:
            amounts = {
                "cpu": self.r.choice(
                    ("1500u", "1n", "0.1", "1e-1", "2E-1", "1.25", "999m", "1000m", "1", 1, "0.0001", "+1", "12", "1e2")
                ),
                "memory": self.r.choice(
                    (
                        "1",
                        "1500m",
                        "128974848",
                        "129e6",
                        "129M",
                        "123Mi",
                        "0.5Gi",
                        "1P",
                        "1E9",
                        "2e9",
                        "1.5G",
                        "2Pi",
                        "100k",
                    )
                ),
                "ephemeral-storage": self.r.choice(("1Gi", "1.5e9", "333333u", "1Ti", "0")),
            }
        if "extended" in self.on and not pod:
            amounts |= self.some(
                {
                    "nvidia.com/gpu": self.r.choice(("1", "0", "2", "8")),
                    "example.com/nic": "1",
                    "hugepages-2Mi": self.r.choice(("2Mi", "64Mi", "130Mi")),
                    "hugepages-1Gi": "1Gi",
                    "attachable-volumes-csi-x": "1",
                    "requests.nvidia.com/gpu": "1",
                    "kubernetes.io/batch-cpu": "1",
                    "odd": "1",
                    "storage": "1Gi",
                    "pods": "1",
                },
                0.2,
            )
        if pod and "extended" in self.on:
            amounts |= self.some({"hugepages-2Mi": "66Mi"}, 0.3)
        chosen = self.some(amounts, 0.7)
        form = self.r.random()
        found = {
            "requests": chosen if form > 0.15 else {},
            "limits": chosen if form < 0.15 else self.some(amounts, 0.7) if form < 0.3 else {},
        }
        # Empty lists do not get through the API server.
        return {key: value for key, value in found.items() if value}

    def resized(self, spec: Object, status: Object) -> None:
        """What kubelets report of pods whose resources change in place."""
        for key, items in (
            ("containerStatuses", spec["containers"]),
            ("initContainerStatuses", spec.get("initContainers", ())),
        ):
            status[key] = [
                {"name": item["name"], "image": "app", "imageID": "", "ready": True, "restartCount": 0}
                | self.some(
                    {
                        "allocatedResources": self.resources(pod=False).get("requests", {"cpu": "3"}),
                        "resources": self.resources(pod=False),
                        "state": self.r.choice(({"running": {}}, {"terminated": {"exitCode": 0}})),
                    }
                )
                for item in items
                if self.chance(0.8)
            ]
        if self.chance(0.3):
            status |= self.some(
                {"allocatedResources": {"cpu": "2"}, "resources": {"requests": {"cpu": "5", "memory": "1Gi"}}}
            )
        if self.chance(0.5):
            reason = self.r.choice(("Infeasible", "Deferred"))
            status["conditions"] = [{"type": "PodResizePending", "status": "True", "reason": reason}]

    # Where it may go

    def toleration(self) -> Object:
        operator = self.r.choice(("Exists", "Equal", "", "Exists", "Gt", "Lt"))
        found: Object = {
            "key": self.r.choice(("a", "example.com/team", "node.kubernetes.io/unschedulable", "level", "")),
            "operator": operator,
        }
        if operator in {"Gt", "Lt"}:
            found |= {"key": "level", "value": self.r.choice(("4", "-5", "500", "05", "x"))}
        elif operator != "Exists":
            found["value"] = self.r.choice(("", "x", "5"))
        found |= self.some({"effect": self.r.choice(("NoSchedule", "NoExecute", "PreferNoSchedule", ""))}, 0.7)
        if found.get("effect") == "NoExecute":
            found |= self.some({"tolerationSeconds": 300})
        if not operator and self.chance(0.5):
            del found["operator"]
        return found

    def affinity(self) -> Object:
        found: Object = {}
        if "nodeaffinity" in self.on and self.chance(0.8):
            found["nodeAffinity"] = self.some(
                {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [self.node_term() for _ in range(self.r.choice((1, 1, 2, 3)))]
                    },
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": max(self.weight(), 0), "preference": self.node_term(valid=True)}
                        for _ in range(self.r.choice((1, 1, 2, 5)))
                    ],
                },
                0.7,
            )
        for topic, side in (("interpod", "podAffinity"), ("repelled", "podAntiAffinity")):
            if (topic in self.on and self.chance(0.6)) or ("interpod" in self.on and self.chance(0.15)):
                found[side] = self.some(
                    {
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            self.pod_term() for _ in range(self.r.choice((0, 1, 1, 2)))
                        ],
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            {"weight": self.weight(), "podAffinityTerm": self.pod_term()}
                            for _ in range(self.r.choice((1, 2, 4)))
                        ],
                    },
                    0.6,
                )
        return found

    def weight(self) -> int:
        return self.r.choice((1, 2, 50, 99, 100, 100, 0, 7, -5, 1_000_000))

    def node_term(self, *, valid: bool = False) -> Object:
        """An invalid preference is an error of kube-scheduler; an invalid requirement matches no node."""
        term: Object = {}
        if self.chance(0.9):
            term["matchExpressions"] = [
                self.node_requirement(valid=valid) for _ in range(self.r.choice((0, 1, 1, 1, 3)))
            ]
        if self.chance(0.25):
            values = [self.r.choice([*self.case.nodes, "gone"])]
            term["matchFields"] = [
                {"key": "metadata.name", "operator": self.r.choice(("In", "In", "NotIn")), "values": values}
            ]
        return term

    def node_requirement(self, *, valid: bool) -> Object:
        operator = self.r.choice(("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))
        found: Object = {
            "key": self.r.choice((ZONE, "rank", "rank", "rack", "empty", "nowhere", "topology.kubernetes.io/region")),
            "operator": operator,
        }
        if operator in {"Gt", "Lt"}:
            values = ("0", "7", "010", "9223372036854775807", *(() if valid else ("-4", "+3", "1.5", "many")))
            found |= {"key": "rank", "values": [self.r.choice(values)]}
        elif operator in {"In", "NotIn"}:
            found["values"] = self.r.choice((["z1"], ["z2", ""], ["r1", "r2"], [""], ["007", "3.5"], ["north"]))
        return found

    def pod_term(self) -> Object:
        found: Object = {"topologyKey": self.r.choice(_KEYS)}
        selector = self.case.selector()
        if selector is not None:
            found["labelSelector"] = selector
        if self.chance(0.3):
            found["namespaces"] = self.r.sample(("shop", "shop-test", "default", "unlisted", "nowhere"), 2)
        if self.chance(0.4):
            found["namespaceSelector"] = self.r.choice(
                (
                    {},
                    None,
                    {"matchLabels": {"team": "one"}},
                    {"matchExpressions": [{"key": "env", "operator": "Exists"}]},
                    {
                        "matchExpressions": [
                            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["shop"]}
                        ]
                    },
                    {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]},
                )
            )
        if selector is not None and self.chance(0.2):
            found[self.r.choice(("matchLabelKeys", "mismatchLabelKeys"))] = ["release"]
        return found

    def spread(self) -> Object:
        found: Object = {
            "topologyKey": self.r.choice(_KEYS[:-1] if self.chance(0.9) else _KEYS),
            "maxSkew": self.r.choice((1, 1, 2, 5, 100)),
            "whenUnsatisfiable": self.r.choice(("DoNotSchedule", "ScheduleAnyway")),
        }
        selector = self.case.selector()
        if selector is not None:
            found["labelSelector"] = selector
            found |= self.some({"matchLabelKeys": self.r.choice((["release"], ["app", "tier"], ["absent"], []))}, 0.3)
        if found["whenUnsatisfiable"] == "DoNotSchedule":
            found |= self.some({"minDomains": self.r.choice((1, 2, 3, 7))}, 0.4)
        return found | self.some(
            {
                "nodeAffinityPolicy": self.r.choice(("Honor", "Ignore")),
                "nodeTaintsPolicy": self.r.choice(("Honor", "Ignore")),
            },
            0.4,
        )

    def port(self) -> Object:
        found: Object = {"containerPort": self.r.choice((80, 53)), "hostPort": self.r.choice((53, 53, 80, 443, 0))}
        return found | self.some(
            {
                "protocol": self.r.choice(("TCP", "UDP", "SCTP", "")),
                "hostIP": self.r.choice(("0.0.0.0", "", "127.0.0.1", "10.0.0.7", "::", "::1")),
                "name": "x",
            },
            0.6,
        )
