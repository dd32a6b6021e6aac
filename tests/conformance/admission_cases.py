"""Random requests against a namespace with limits, quotas and a security level. A seed gives the same case everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.conformance.admission_specs import Draws, Object, Specs, size

LEVELS = ("privileged", "baseline", "restricted")
# Of the whole cluster, the same for all cases.
CLASSES: tuple[Object, ...] = (
    {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "case-high"}, "value": 1000},
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "case-patient"},
        "value": 10,
        "preemptionPolicy": "Never",
    },
    {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "case-plain",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "case.example/none",
        "volumeBindingMode": "WaitForFirstConsumer",
    },
)
GLOBAL_DEFAULT: Object = {
    "apiVersion": "scheduling.k8s.io/v1",
    "kind": "PriorityClass",
    "metadata": {"name": "case-usual"},
    "value": 7,
    "globalDefault": True,
}


@dataclass(frozen=True, slots=True)
class Change:
    """`verb` is create, change (a merge patch), status (one of the status) or delete."""

    verb: str
    object: Object


@dataclass(slots=True)
class Case:
    """`setup` stands before the requests are made."""

    labels: dict[str, str]
    annotations: dict[str, str] = field(default_factory=dict)
    setup: list[Object] = field(default_factory=list)
    requests: list[Change] = field(default_factory=list)


FEATURES = (
    *("limits", "podlimits", "claimlimits", "quota", "quota", "scopes", "storage", "services", "counts", "init"),
    *("podlevel", "hugepages", "gpu", "priority", "accounts", "tolerations", "spread", "ended", "workloads"),
    *("probes", "security", "security", "plain", "updates", "gates", "claims", "odd"),
)
# Tolerations that cover one another, and a selector that pods may contradict.
RUNTIMES: tuple[Object, ...] = (
    {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "case-plain"}, "handler": "plain"},
    {
        "apiVersion": "node.k8s.io/v1",
        "kind": "RuntimeClass",
        "metadata": {"name": "case-sandbox"},
        "handler": "sandbox",
        "overhead": {"podFixed": {"cpu": "250m", "memory": "128Mi"}},
        "scheduling": {
            "nodeSelector": {"example.com/sandbox": "yes"},
            "tolerations": [
                {"key": "example.com/sandbox", "operator": "Exists", "effect": "NoSchedule"},
                {"key": "example.com/sandbox", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
                {"key": "a", "operator": "Exists"},
            ],
        },
    },
)


def case(seed: int) -> Case:
    found = _Maker(Random(seed)).whole()
    for number, change in enumerate(found.requests):
        if change.verb == "create" and change.object["kind"] == "Pod":
            _runtime(Random(f"runtime {seed} {number}"), change.object["spec"])
    return found


def _runtime(random: Random, spec: Object) -> None:
    """By draws of its own: older cases stay what they were but for it."""
    if random.random() < 0.12:
        spec["runtimeClassName"] = random.choice(("case-sandbox", "case-sandbox", "case-plain", "case-absent"))
        if random.random() < 0.3:
            spec["nodeSelector"] = {"example.com/sandbox": random.choice(("yes", "no")), "disk": "ssd"}
    if random.random() < 0.04:
        spec["overhead"] = random.choice(({"cpu": "0.25", "memory": "131072Ki"}, {"cpu": "1"}))


class _Maker(Draws):
    def __init__(self, random: Random) -> None:
        super().__init__(random, set(random.sample(FEATURES, random.randint(2, 6))))
        self.pods: list[str] = []
        self.others: list[Object] = []
        self.case = Case({})
        self.specs = Specs(random, self.on)

    def whole(self) -> Case:
        if "security" in self.on:
            self.case.labels["pod-security.kubernetes.io/enforce"] = self.r.choice(LEVELS[1:])
            if self.chance(0.2):
                version = self.r.choice(("latest", "v1.24", "v1.30", "v1.36"))
                self.case.labels["pod-security.kubernetes.io/enforce-version"] = version
        for kind, chance in (("limits", 1.0), ("podlimits", 1.0), ("claimlimits", 1.0)):
            if kind in self.on and self.chance(chance):
                self.limit_range(kind)
        if "quota" in self.on or self.on & {"scopes", "storage", "services", "counts", "hugepages", "gpu", "claims"}:
            for number in range(self.r.choice((1, 1, 1, 2))):
                self.quota(f"q-{number}")
        if "accounts" in self.on:
            self.account()
        for _ in range(self.r.randint(6, 11)):
            self.case.requests.append(self.request())
        return self.case

    # What stands in the namespace

    def limit_range(self, kind: str) -> None:
        if kind == "claimlimits":
            limit: Object = {"type": "PersistentVolumeClaim"}
            limit |= self.pick(min=lambda: {"storage": "1Gi"}, max=lambda: {"storage": self.r.choice(("2Gi", "10Gi"))})
        elif kind == "podlimits":
            limit = {"type": "Pod"}
            limit |= self.pick(
                min=lambda: self.some(cpu=("200m", "300m"), memory=("100Mi",)),
                max=lambda: self.some(cpu=("1", "2"), memory=("1Gi", "2Gi")),
                maxLimitRequestRatio=lambda: self.some(cpu=("2", "1500m"), memory=("2",)),
            )
        else:
            limit = {"type": "Container"}
            if self.chance(0.6):
                limit["default"] = self.some(cpu=("500m", "1"), memory=("256Mi", "512Mi"))
            if self.chance(0.5):
                limit["defaultRequest"] = self.some(cpu=("100m", "200m"), memory=("128Mi",))
            if self.chance(0.4):
                limit["max"] = self.some(cpu=("1", "1500m"), memory=("1Gi",))
            if self.chance(0.4):
                limit["min"] = self.some(cpu=("50m", "100m"), memory=("64Mi", "100Mi"))
            if self.chance(0.3):
                limit["maxLimitRequestRatio"] = self.some(cpu=("2", "4", "2500m"), memory=("2", "10"))
            _consistent(limit)
        spec = {"limits": [{key: value for key, value in limit.items() if value}]}
        if len(spec["limits"][0]) > 1:
            self.stand("v1", "LimitRange", f"lr-{kind}", spec=spec)

    def quota(self, name: str) -> None:
        hard: Object = {}
        if "scopes" in self.on and self.chance(0.7):
            hard = self.some(pods=("1", "2", "3"), **{"requests.cpu": ("1", "2500m"), "limits.memory": ("1Gi", "3Gi")})
            spec: Object = {"hard": hard or {"pods": "2"}} | self.scope()
            if spec.get("scopes") == ["BestEffort"]:
                spec["hard"] = {"pods": "2"}
            self.stand("v1", "ResourceQuota", name, spec=spec)
            return
        if "quota" in self.on:
            hard |= self.some(
                pods=("2", "3", "5"),
                cpu=("2", "3"),
                memory=("2Gi", "3Gi"),
                **{
                    "requests.cpu": ("1", "2", "2500m"),
                    "requests.memory": ("1Gi", "2Gi"),
                    "limits.cpu": ("2", "4"),
                    "limits.memory": ("2Gi", "4Gi"),
                    "requests.ephemeral-storage": ("2Gi", "5Gi"),
                    "limits.ephemeral-storage": ("4Gi",),
                    "count/pods": ("3", "6"),
                },
            )
        if "storage" in self.on or "claims" in self.on:
            hard |= self.some(
                persistentvolumeclaims=("1", "2", "3"),
                **{
                    "requests.storage": ("3Gi", "5Gi"),
                    "case-plain.storageclass.storage.k8s.io/requests.storage": ("2Gi", "4Gi"),
                    "case-plain.storageclass.storage.k8s.io/persistentvolumeclaims": ("1", "2"),
                    "gold.storageclass.storage.k8s.io/requests.storage": ("1Gi", "2Gi"),
                },
            )
        if "services" in self.on:
            hard |= self.some(
                services=("2", "3"),
                **{
                    "services.nodeports": ("1", "2", "3"),
                    "services.loadbalancers": ("0", "1"),
                    "count/services": ("3",),
                },
            )
        if "counts" in self.on:
            hard |= self.some(
                configmaps=("2", "3"),
                secrets=("1", "2"),
                resourcequotas=("2", "3"),
                **{
                    "count/deployments.apps": ("1", "2"),
                    "count/statefulsets.apps": ("1",),
                    "count/jobs.batch": ("1", "2"),
                    "count/cronjobs.batch": ("1",),
                    "count/configmaps": ("2", "4"),
                    "count/poddisruptionbudgets.policy": ("1",),
                    "count/networkpolicies.networking.k8s.io": ("1",),
                },
            )
        if "gpu" in self.on:
            hard["requests.example.com/gpu"] = self.r.choice(("1", "2"))
        if "hugepages" in self.on:
            hard |= self.some(**{"hugepages-2Mi": ("8Mi", "16Mi"), "requests.hugepages-2Mi": ("8Mi", "12Mi")})
        if hard:
            self.stand("v1", "ResourceQuota", name, spec={"hard": hard})

    def scope(self) -> Object:
        plain = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity")
        if self.chance(0.5):
            return {"scopes": [self.r.choice(plain)]}
        operator = self.r.choice(("In", "NotIn", "Exists", "DoesNotExist"))
        selector: Object = {"scopeName": "PriorityClass", "operator": operator}
        if operator in {"In", "NotIn"}:
            selector["values"] = self.r.choice((["case-high"], ["case-high", "case-patient"], ["system-node-critical"]))
        return {"scopeSelector": {"matchExpressions": [selector]}}

    def account(self) -> None:
        more: Object = {}
        if self.chance(0.7):
            more["imagePullSecrets"] = [{"name": "pull-a"}, {"name": "pull-b"}][: self.r.randint(1, 2)]
        if self.chance(0.5):
            more["automountServiceAccountToken"] = self.chance(0.5)
        self.stand("v1", "ServiceAccount", "robot", **more)

    def stand(self, version: str, kind: str, name: str, **rest: Any) -> None:
        self.case.setup.append({"apiVersion": version, "kind": kind, "metadata": {"name": name}} | rest)

    # Requests

    def request(self) -> Change:
        roll = self.r.random()
        if self.pods and ("ended" in self.on or "quota" in self.on) and roll < 0.15:
            name = self.pods.pop(self.r.randrange(len(self.pods)))
            if "ended" in self.on and self.chance(0.6):
                phase = self.r.choice(("Succeeded", "Failed"))
                return Change("status", _of("v1", "Pod", name) | {"status": {"phase": phase}})
            return Change("delete", _of("v1", "Pod", name))
        if self.pods and ("updates" in self.on or "scopes" in self.on) and roll < 0.4:
            name = self.r.choice(self.pods)
            return Change("change", _of("v1", "Pod", name) | self.pod_change(name))
        if self.others and roll < 0.3:
            return self.other_change(self.r.choice(self.others))
        kinds = [
            *(["claim"] * 3 if self.on & {"storage", "claims", "claimlimits"} else []),
            *(["service"] * 3 if "services" in self.on else []),
            *(["count"] * 3 if "counts" in self.on else []),
            *(["workload"] * 2 if self.on & {"workloads", "counts"} else []),
            *["pod"] * 4,
        ]
        kind = self.r.choice(kinds)
        if kind == "pod":
            return Change("create", self.pod())
        made: Object = getattr(self, kind)()
        self.others.append(made)
        return Change("create", made)

    def other_change(self, item: Object) -> Change:
        kind, name = item["kind"], item["metadata"]["name"]
        this = _of(item["apiVersion"], kind, name)
        if kind == "Service" and "ports" in item["spec"] and self.chance(0.7):
            wanted: Object = {"type": self.r.choice(("ClusterIP", "NodePort", "LoadBalancer"))}
            return Change("change", this | {"spec": wanted})
        if kind == "PersistentVolumeClaim" and self.chance(0.3):
            return Change("change", this | {"spec": {"resources": {"requests": {"storage": "9Gi"}}}})
        if kind in {"Deployment", "StatefulSet"} and self.chance(0.6):
            image = {"spec": {"template": {"metadata": {"labels": {"round": self.r.choice("ab")}}}}}
            return Change("change", this | image)
        if self.chance(0.4):
            self.others.remove(item)
            return Change("delete", this)
        return Change("change", this | {"metadata": {"name": name, "labels": {"touched": "yes"}}})

    def pod_change(self, name: str) -> Object:
        """Of image, deadline, tolerations, labels; and of what may not change."""
        change = self.r.choice(("image", "deadline", "label", "toleration", "forbidden"))
        if change == "deadline":
            return {"spec": {"activeDeadlineSeconds": self.r.choice((30, 600))}}
        if change == "label":
            return {"metadata": {"name": name, "labels": {"touched": self.r.choice("ab")}}}
        if change == "forbidden":
            return {"spec": {"hostname": "elsewhere"}}
        if change == "toleration":
            return {"spec": {"tolerations": [{"key": "only", "operator": "Exists"}]}}
        return {"image": self.r.choice(("example/app:2", "example/app"))}

    # Objects

    def claim(self) -> Object:
        spec: Object = {"accessModes": ["ReadWriteOnce"]}
        spec["resources"] = {"requests": {"storage": self.r.choice(("512Mi", "1Gi", "1024Mi", "2Gi", "3Gi"))}}
        if self.chance(0.5):
            spec["storageClassName"] = self.r.choice(("gold", "", "case-plain"))
        return self.named("v1", "PersistentVolumeClaim", "data", spec=spec)

    def service(self) -> Object:
        kind = self.r.choice(("ClusterIP", "NodePort", "LoadBalancer", "LoadBalancer", "ExternalName"))
        ports = [{"name": f"port-{number}", "port": 80 + number} for number in range(self.r.randint(1, 2))]
        spec: Object = {"type": kind, "ports": ports, "selector": {"app": "web"}}
        if kind == "ExternalName":
            spec = {"type": kind, "externalName": "example.com"}
        if kind == "LoadBalancer" and self.chance(0.4):
            spec["allocateLoadBalancerNodePorts"] = False
        return self.named("v1", "Service", "svc", spec=spec)

    def count(self) -> Object:
        kind = self.r.choice(("ConfigMap", "Secret", "PodDisruptionBudget", "NetworkPolicy", "ResourceQuota"))
        if kind == "PodDisruptionBudget":
            spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
            return self.named("policy/v1", kind, "pdb", spec=spec)
        if kind == "NetworkPolicy":
            spec = {"podSelector": {}, **self.pick(egress=lambda: [{"ports": [{"port": 53}]}])}
            return self.named("networking.k8s.io/v1", kind, "np", spec=spec)
        if kind == "ResourceQuota":
            return self.named("v1", kind, "more", spec={"hard": {"count/leases.coordination.k8s.io": "100"}})
        return self.named("v1", kind, "conf", data={"a": "Yg=="})

    def workload(self) -> Object:
        kind = self.r.choice(("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"))
        template: Object = {"metadata": {"labels": {"app": "made"}}, "spec": self.specs.make(f"{kind.lower()}-made")}
        template["spec"].pop("activeDeadlineSeconds", None)
        spec: Object = {"selector": {"matchLabels": {"app": "made"}}, "template": template}
        if kind in {"Job", "CronJob"}:
            template["spec"]["restartPolicy"] = "Never"
            job = {"template": template, "suspend": True, **self.pick(parallelism=lambda: 2, completions=lambda: 3)}
            if kind == "Job":
                return self.named("batch/v1", kind, "job", spec=job)
            spec = {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": job}}
            return self.named("batch/v1", kind, "cron", spec=spec)
        if kind == "DaemonSet":
            template["spec"]["nodeSelector"] = {"no": "node"}
        else:
            spec["replicas"] = 0
        if kind == "StatefulSet":
            spec["serviceName"] = "web"
            if self.chance(0.5):
                claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}
                spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
        return self.named("apps/v1", kind, kind.lower(), spec=spec)

    def named(self, version: str, kind: str, base: str, **rest: Any) -> Object:
        name = f"{base}-{len(self.case.requests)}"
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name}} | rest

    def pod(self) -> Object:
        name = f"p-{len(self.case.requests)}"
        self.pods.append(name)
        labels = {"app": self.r.choice(("web", "db")), "version": "1"}
        metadata: Object = {"name": name, "labels": labels}
        if "security" in self.on and self.chance(0.1):
            metadata["annotations"] = {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": self.specs.make(name)}


def _of(version: str, kind: str, name: str) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}}


def _consistent(limit: Object) -> None:
    """What the API server asks of a LimitRange: min ≤ defaultRequest ≤ default ≤ max."""
    for name in ("cpu", "memory"):
        floor = ""
        for part in ("min", "defaultRequest", "default", "max"):
            own = limit.get(part, {})
            if name in own:
                if floor and size(own[name]) < size(floor):
                    own[name] = floor
                floor = own[name]
