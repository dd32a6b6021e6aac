"""Random pod specs, for requests on a namespace with limits, quotas and a security level."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Object = dict[str, Any]
_CPU = ("100m", "250m", "0.5", "1", "1500m", "2", "0")
_MEMORY = ("64Mi", "128Mi", "512Mi", "1Gi", "1536Mi", "2Gi")
_DISK = ("1Gi", "2Gi", "500Mi")
_SCALE = {"m": 0.001, "Mi": 2.0**20, "Gi": 2.0**30, "": 1.0}


class Draws:
    """What random numbers decide; `on` are the features of this case."""

    def __init__(self, random: Random, on: set[str]) -> None:
        self.r, self.on = random, on

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    def pick(self, **of: Callable[[], Any]) -> Object:
        """Some of the fields."""
        return {name: make() for name, make in of.items() if self.chance(0.6)}

    def some(self, **of: tuple[str, ...]) -> Object:
        return {name: self.r.choice(values) for name, values in of.items() if self.chance(0.55)}


class Specs(Draws):
    def make(self, name: str) -> Object:
        spec: Object = {"schedulerName": "nobody"}
        count = self.r.choice((1, 1, 1, 2, 3))
        spec["containers"] = [self.container(("main", "side", "extra")[number]) for number in range(count)]
        if "init" in self.on and self.chance(0.7):
            inits = [self.container(f"init-{number}") for number in range(self.r.randint(1, 2))]
            for item in inits:
                if self.chance(0.4):
                    item["restartPolicy"] = "Always"
                else:
                    for probe in ("livenessProbe", "readinessProbe", "lifecycle"):
                        item.pop(probe, None)
            spec["initContainers"] = inits
        if "podlevel" in self.on and self.chance(0.6):
            spec["resources"] = self.pick(
                requests=lambda: self.some(cpu=("2", "4500m"), memory=("4Gi", "6144Mi")),
                limits=lambda: self.some(cpu=("8",), memory=("8Gi",)),
            )
        if "priority" in self.on or "scopes" in self.on:
            spec |= self.pick(
                priorityClassName=lambda: self.r.choice(
                    ("case-high", "case-patient", "system-node-critical", "absent" if self.chance(0.5) else "case-high")
                )
            )
            if "priority" in self.on and self.chance(0.2):
                spec["priority"] = self.r.choice((0, 1000))
            if "priority" in self.on and self.chance(0.2):
                spec["preemptionPolicy"] = self.r.choice(("Never", "PreemptLowerPriority"))
        if "scopes" in self.on and self.chance(0.4):
            spec["activeDeadlineSeconds"] = 600
        if "accounts" in self.on:
            spec |= self.pick(serviceAccountName=lambda: self.r.choice(("robot", "robot", "default", "nobody")))
            if self.chance(0.3):
                spec["automountServiceAccountToken"] = self.chance(0.5)
            if self.chance(0.2):
                spec["imagePullSecrets"] = [{"name": "own"}]
        elif self.chance(0.7):
            spec["automountServiceAccountToken"] = False
        if "tolerations" in self.on and self.chance(0.8):
            spec["tolerations"] = [self.toleration() for _ in range(self.r.randint(1, 2))]
        if "gates" in self.on and self.chance(0.5):
            spec["schedulingGates"] = [{"name": "example.com/wait"}]
        self.spread(spec)
        if "security" in self.on:
            self.security(spec)
        if "plain" in self.on or "odd" in self.on:
            spec |= self.pick(
                terminationGracePeriodSeconds=lambda: self.r.choice((5, 30)),
                dnsPolicy=lambda: self.r.choice(("Default", "ClusterFirst")),
                hostNetwork=lambda: self.chance(0.4),
                restartPolicy=lambda: "Always",
                volumes=lambda: [{"name": f"{name}-v"}, {"name": "sized", "emptyDir": {"sizeLimit": "1024Mi"}}],
            )
        if spec.get("hostNetwork"):
            spec.get("securityContext", {}).pop("sysctls", None)
        return spec

    def container(self, name: str) -> Object:
        item: Object = {"name": name, "image": self.r.choice(("example/app:1", "example/app", "r.example:5000/a/b"))}
        if self.chance(0.15):
            item["image"] = self.r.choice(("app@sha256:" + "a" * 64, "app:latest@sha256:" + "b" * 64, "app:latest"))
        resources = {"requests": self.amounts(), "limits": self.amounts()}
        if self.chance(0.75):
            _fit(resources)
        if "gpu" in self.on and self.chance(0.5):
            number = self.r.choice(("1", "2"))
            resources["limits"]["example.com/gpu"] = number
            if self.chance(0.1):
                resources["requests"]["example.com/gpu"] = "1"
        if "hugepages" in self.on and self.chance(0.5):
            resources["limits"]["hugepages-2Mi"] = self.r.choice(("2Mi", "4Mi", "8Mi"))
        item["resources"] = {key: value for key, value in resources.items() if value}
        if "plain" in self.on or ("security" in self.on and self.chance(0.3)):
            item["ports"] = [{"containerPort": self.r.randint(1000, 60000)} for _ in range(self.r.randint(0, 2))]
            if item["ports"] and "security" in self.on and self.chance(0.3):
                item["ports"][0]["hostPort"] = item["ports"][0]["containerPort"]
        if "probes" in self.on:
            item |= self.pick(livenessProbe=self.probe, readinessProbe=self.probe, lifecycle=self.hooks)
        if self.chance(0.1):
            item["imagePullPolicy"] = "Never"
        return item

    def probe(self) -> Object:
        action: Object = self.r.choice(
            (
                {"httpGet": {"port": 80}},
                {"httpGet": {"port": "web", "path": "/up", "scheme": "HTTPS"}},
                {"tcpSocket": {"port": 80}},
                {"grpc": {"port": 90}},
                {"exec": {"command": ["true"]}},
            )
        )
        if "security" in self.on and "httpGet" in action and self.chance(0.4):
            action["httpGet"]["host"] = self.r.choice(("127.0.0.1", "example.com"))
        return action | self.pick(periodSeconds=lambda: 5, timeoutSeconds=lambda: 3, initialDelaySeconds=lambda: 1)

    def hooks(self) -> Object:
        return self.pick(
            preStop=lambda: self.r.choice(({"sleep": {"seconds": 3}}, {"exec": {"command": ["true"]}})),
            postStart=lambda: {"httpGet": {"port": 80}},
        )

    def toleration(self) -> Object:
        keys = ("dedicated", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        found: Object = {"key": self.r.choice(keys), "operator": "Exists"}
        if self.chance(0.6):
            found["effect"] = self.r.choice(("NoExecute", "NoSchedule"))
        if self.chance(0.1):
            return {"operator": "Exists"}
        return found

    def spread(self, spec: Object) -> None:
        selector = {"matchLabels": {"app": "web"}}
        if "spread" in self.on and self.chance(0.7):
            constraint: Object = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
            constraint |= self.pick(labelSelector=lambda: selector)
            if "labelSelector" in constraint:
                constraint |= self.pick(matchLabelKeys=lambda: ["version", "absent"])
            spec["topologySpreadConstraints"] = [constraint]
        if ("spread" in self.on or "scopes" in self.on) and self.chance(0.6):
            term: Object = {"topologyKey": "zone", "labelSelector": selector}
            term |= self.pick(
                matchLabelKeys=lambda: ["version"],
                namespaces=lambda: ["elsewhere"],
            )
            if self.chance(0.3):
                term["mismatchLabelKeys"] = ["tenant"]
            kind = self.r.choice(("podAffinity", "podAntiAffinity"))
            required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
            preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 5, "podAffinityTerm": term}]}
            spec["affinity"] = {kind: self.r.choice((required, preferred))}

    # The Pod Security Standards

    def security(self, spec: Object) -> None:
        """Often what restricted asks for, then some of it broken."""
        good = self.chance(0.8)
        pod: Object = {}
        if good:
            pod = self.pick(runAsNonRoot=lambda: True, seccompProfile=lambda: {"type": "RuntimeDefault"})
        for item in (*spec["containers"], *spec.get("initContainers", ())):
            own: Object = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}} if good else {}
            if good and self.chance(0.5):
                own |= {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
            if self.chance(0.3):
                own |= self.breach()
            if own and self.chance(0.95):
                item["securityContext"] = own
        if self.chance(0.25):
            pod |= self.r.choice(
                (
                    {"seccompProfile": {"type": "Unconfined"}},
                    {"runAsNonRoot": False},
                    {"runAsUser": 0},
                    {"seLinuxOptions": {"type": "spc_t"}},
                    {"seLinuxOptions": {"user": "system_u", "role": "system_r"}},
                    {"sysctls": [{"name": "net.core.somaxconn", "value": "1024"}]},
                    {"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "4096 87380 16777216"}]},
                    {"appArmorProfile": {"type": "Unconfined"}},
                )
            )
        if pod:
            spec["securityContext"] = pod
        if self.chance(0.15):
            spec |= self.r.choice(({"hostNetwork": True}, {"hostPID": True}, {"hostIPC": True}, {"hostUsers": False}))
        if self.chance(0.3):
            spec["volumes"] = [{"name": f"vol-{number}", **self.volume()} for number in range(self.r.randint(1, 3))]

    def breach(self) -> Object:
        found: Object = self.r.choice(
            (
                {"privileged": True, "allowPrivilegeEscalation": True},
                {"allowPrivilegeEscalation": True},
                {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}},
                {"capabilities": {"add": ["CHOWN", "NET_RAW"]}},
                {"capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}},
                {"runAsNonRoot": False},
                {"runAsUser": 0},
                {"seccompProfile": {"type": "Unconfined"}},
                {"seLinuxOptions": {"type": "container_engine_t"}},
                {"seLinuxOptions": {"type": "spc_t", "role": "r"}},
                {"appArmorProfile": {"type": "Unconfined"}},
                {"readOnlyRootFilesystem": True},
            )
        )
        return found

    def volume(self) -> Object:
        found: Object = self.r.choice(
            (
                {"hostPath": {"path": "/var"}},
                {"nfs": {"server": "nfs.example", "path": "/"}},
                {"glusterfs": {"endpoints": "gluster", "path": "v"}},
                {"flexVolume": {"driver": "example/driver"}},
                {"emptyDir": {"medium": "Memory"}},
                {"configMap": {"name": "conf"}},
                {"secret": {"secretName": "keys"}},
                {"persistentVolumeClaim": {"claimName": "data"}},
                {},
            )
        )
        return found

    def amounts(self) -> Object:
        found = self.some(cpu=_CPU, memory=_MEMORY)
        if self.chance(0.2):
            found["ephemeral-storage"] = self.r.choice(_DISK)
        return found


def size(text: str) -> float:
    suffix = next(each for each in ("Mi", "Gi", "m", "") if text.endswith(each))
    return float(text.removesuffix(suffix)) * _SCALE[suffix]


def _fit(resources: Object) -> None:
    """Requests not above limits."""
    for name, limit in resources["limits"].items():
        if name in resources["requests"] and size(resources["requests"][name]) > size(limit):
            resources["requests"][name] = limit
