"""Objects whose fields validation looks at, valid as they are, and what may be wrong with each. Singly all of them, then pairs by chance."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Object = dict[str, Any]
LABELS = {"app": "web"}
MAIN: Object = {"name": "main", "image": "example/app:1", "ports": [{"name": "http", "containerPort": 80}]}
INIT: Object = {"name": "first", "image": "example/app:1"}
POD: Object = {
    "schedulerName": "nobody",
    "containers": [MAIN, MAIN | {"name": "other", "ports": []}],
    "initContainers": [INIT],
}
TEMPLATE: Object = {"metadata": {"labels": LABELS}, "spec": POD}
CLAIM: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
APPS: Object = {"replicas": 0, "selector": {"matchLabels": LABELS}, "template": TEMPLATE}
JOB: Object = {"template": {"spec": POD | {"restartPolicy": "Never"}}, "suspend": True}
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
LIMIT: Object = {"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "100m"}, "default": {"cpu": "1"}}
BASES: dict[str, tuple[str, Object]] = {
    "Deployment": ("apps/v1", APPS),
    "ReplicaSet": ("apps/v1", APPS),
    "DaemonSet": ("apps/v1", {key: value for key, value in APPS.items() if key != "replicas"}),
    "StatefulSet": ("apps/v1", APPS | {"serviceName": "web", "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": CLAIM}]}),
    "Job": ("batch/v1", JOB),
    "CronJob": ("batch/v1", {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": JOB}}),
    "PodDisruptionBudget": ("policy/v1", {"minAvailable": 1, "selector": {"matchLabels": LABELS}}),
    "HorizontalPodAutoscaler": ("autoscaling/v2", {"scaleTargetRef": TARGET, "minReplicas": 1, "maxReplicas": 3}),
    "Service": ("v1", {"selector": LABELS, "ports": [{"name": "a", "port": 80}, {"name": "b", "port": 81}]}),
    "Ingress": ("networking.k8s.io/v1", {"rules": [{"host": "a.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}]}),
    "NetworkPolicy": ("networking.k8s.io/v1", {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}]}),
    "PersistentVolumeClaim": ("v1", CLAIM | {"storageClassName": ""}),
    "LimitRange": ("v1", {"limits": [LIMIT]}),
    "ResourceQuota": ("v1", {"hard": {"count/leases.coordination.k8s.io": "100"}, "scopes": []}),
    "Pod": ("v1", POD),
    "ConfigMap": ("v1", {"data": {"a": "b"}}),
    "Secret": ("v1", {"data": {"a": "Yg=="}}),
}  # fmt: skip
# What has no specification.
_BARE = frozenset({"ConfigMap", "Secret"})
# Path and value; None takes the field away.
Fault = tuple[str, Any]
_C, _I = "containers.0.", "initContainers.0."
_HTTP = {"httpGet": {"port": 80}}
_TERM = {"labelSelector": {"matchLabels": LABELS}, "topologyKey": "zone"}
_SPREAD: Object = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
OF_PODS: tuple[Fault, ...] = (
    (_C + "name", "other"),
    (_C + "image", None),
    (_C + "imagePullPolicy", "Sometimes"),
    (_C + "ports", [{"containerPort": 80, "protocol": "HTTP"}]),
    (_C + "ports", [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]),
    (_C + "ports", [{"containerPort": 70000}, {"containerPort": 80, "name": "Bad_Name"}]),
    (_C + "env", [{"name": "a=b", "value": "1"}]),
    (_C + "env", [{"name": "fine.with-all", "value": "1"}, {"name": "1", "value": "x"}]),
    (_C + "env", [{"name": "A", "value": "x", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}, "configMapKeyRef": {"name": "s", "key": "k"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "Bad_Name", "key": "a b"}}}]),
    (_C + "envFrom", [{"prefix": "a="}]),
    (_C + "envFrom", [{"configMapRef": {"name": ""}}, {"secretRef": {"name": "S"}}]),
    (_C + "envFrom", [{"configMapRef": {"name": "a"}, "secretRef": {"name": "b"}}]),
    (_C + "volumeMounts", [{"name": "absent", "mountPath": "/x"}]),
    (_C + "livenessProbe", _HTTP | {"successThreshold": 2}),
    (_C + "livenessProbe", {"periodSeconds": 5}),
    (_C + "livenessProbe", _HTTP | {"exec": {"command": ["true"]}, "tcpSocket": {"port": 80}}),
    (_C + "livenessProbe", {"exec": {}}),
    (_C + "readinessProbe", _HTTP | {"successThreshold": 2}),
    (_C + "readinessProbe", _HTTP | {"initialDelaySeconds": -1, "timeoutSeconds": -1, "periodSeconds": -2, "failureThreshold": -3}),
    (_C + "readinessProbe", {"httpGet": {"port": 70000, "scheme": "http"}}),
    (_C + "readinessProbe", {"tcpSocket": {"port": "Bad_Port"}}),
    (_C + "readinessProbe", {"grpc": {"port": 0}}),
    (_C + "startupProbe", {"httpGet": {"port": "http", "httpHeaders": [{"name": "X Header", "value": "1"}]}}),
    (_C + "lifecycle", {"preStop": {"sleep": {"seconds": 60}}}),
    (_C + "lifecycle", {"preStop": {}}),
    (_C + "lifecycle", {"postStart": {"exec": {"command": []}}}),
    (_C + "resources", {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
    (_C + "resources", {"requests": {"cpu": "-1"}, "limits": {"memory": "-128Mi"}}),
    (_C + "resources", {"requests": {"cpus": "1"}, "limits": {"storage": "1Gi"}}),
    *((_C + "resources", {"limits": {name: "500m"}}) for name in ("example.com/gpu", "requests.example.com/gpu", "kubernetes.io/disk")),
    *((_C + "resources", {"limits": {name: "500m"}}) for name in ("a b", "a/b/c", "pods", "requests.cpu")),
    (_C + "resources", {"limits": {"kubernetes.io/disk": "1500m", "example.com/gpu": "2"}}),
    (_I + "resources", {"requests": {"ram": "1Gi"}}),
    (_C + "securityContext", {"privileged": True, "allowPrivilegeEscalation": False}),
    (_C + "securityContext", {"capabilities": {"add": ["CAP_SYS_ADMIN"]}, "allowPrivilegeEscalation": False}),
    (_C + "securityContext", {"capabilities": {"add": ["SYS_ADMIN"]}, "allowPrivilegeEscalation": False}),
    (_C + "securityContext", {"runAsUser": -1, "runAsGroup": 2**31}),
    (_I + "securityContext", {"runAsUser": 0, "privileged": True}),
    (_C + "env", [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.replicas"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.host"}}}]),
    (_C + "env", [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "status.phase"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a b']"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['A/b']"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name['a']"}}}]),
    (_C + "env", [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}}]),
    (_C + "restartPolicy", "Sometimes"),
    (_I + "restartPolicy", "Sometimes"),
    (_I + "restartPolicy", "OnFailure"),
    (_I + "restartPolicyRules", [{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]),
    ("resources", {"requests": {"cpus": "1"}}),
    ("resources", {"requests": {"ephemeral-storage": "1Gi"}}),
    ("resources", {"limits": {"memory": "-1Gi"}}),
    ("securityContext", {"fsGroup": -1, "runAsUser": 2**31, "supplementalGroups": [1, -2]}),
    ("securityContext", {"windowsOptions": {"runAsUserName": "x"}}),
    ("os", {"name": "linux"}),
    ("os", {"name": "solaris"}),
    ("os", {"name": ""}),
    ("dnsPolicy", "None"),
    ("dnsConfig", {"searches": ["example.com"]}),
    ("volumes", [{"name": "a", "emptyDir": {}, "hostPath": {"path": "/x"}}]),
    ("volumes", [{"name": "a", "secret": {"secretName": "s"}, "configMap": {"name": "c"}, "downwardAPI": {}}]),
    ("volumes", [{"name": "a", "hostPath": {"path": "/var/../etc"}}, {"name": "b", "hostPath": {"path": "", "type": "Fifo"}}]),
    ("volumes", [{"name": "a", "hostPath": {"path": "/x", "type": "Fifo"}}, {"name": "b", "nfs": {"server": "s", "path": "/"}}]),
    ("volumes", [{"name": "a", "configMap": {}}, {"name": "b", "secret": {}}, {"name": "c", "persistentVolumeClaim": {"claimName": ""}}]),
    ("volumes", [{"name": "a", "configMap": {"name": "c", "items": [{"key": "", "path": ""}, {"key": "k", "path": "/a"}, {"key": "k", "path": "../a"}]}}]),
    ("volumes", [{"name": "a", "secret": {"secretName": "s", "items": [{"key": "k", "path": "..a"}, {"key": "k", "path": "a/b"}]}}]),
    ("volumes", [{"name": "absent", "emptyDir": {}}]),
    ("volumes", [{"name": "absent", "hostPath": {"path": "/a/.."}}, {"name": "absent", "emptyDir": {}}]),
    (_I + "livenessProbe", _HTTP),
    (_I + "lifecycle", {"preStop": {"exec": {"command": ["true"]}}}),
    (_I + "restartPolicy", "Always"),
    (_I + "name", "main"),
    ("hostNetwork", True),
    ("restartPolicy", "Sometimes"),
    ("restartPolicy", "Never"),
    ("restartPolicy", "Always"),
    ("dnsPolicy", "Cluster"),
    ("nodeSelector", {"a b": "c"}),
    ("activeDeadlineSeconds", 0),
    ("terminationGracePeriodSeconds", 5),
    ("terminationGracePeriodSeconds", -5),
    ("hostname", "Bad_Name"),
    ("priorityClassName", "Bad_Name"),
    ("serviceAccountName", "Bad_Name"),
    ("tolerations", [{"operator": "Equal"}]),
    ("tolerations", [{"key": "a", "operator": "Exists", "value": "b"}]),
    ("tolerations", [{"key": "a", "operator": "Is", "effect": "Never"}]),
    ("tolerations", [{"key": "a", "value": "b c", "tolerationSeconds": 5, "effect": "NoSchedule"}]),
    ("affinity", {"podAntiAffinity": {_REQUIRED: [{"labelSelector": {"matchLabels": LABELS}}]}}),
    ("affinity", {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 0, "podAffinityTerm": _TERM}]}}),
    ("affinity", {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": []}}}),
    ("affinity", {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In"}]}]}}}),
    ("affinity", {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Is", "values": ["a"]}]}]}}}),
    ("topologySpreadConstraints", [_SPREAD, _SPREAD]),
    ("topologySpreadConstraints", [_SPREAD | {"maxSkew": 0, "topologyKey": ""}]),
    ("topologySpreadConstraints", [_SPREAD | {"whenUnsatisfiable": "Never", "minDomains": 0}]),
    ("volumes", [{"name": "Bad_Name", "emptyDir": {}}, {"name": "a", "emptyDir": {}}, {"name": "a", "emptyDir": {}}]),
)  # fmt: skip
_SHARE: Object = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
_METRIC: Object = {"type": "Resource", "resource": _SHARE}
_NAMED: Object = {"metric": {"name": "requests"}}
_ABOUT: Object = {"apiVersion": "v1", "kind": "Service", "name": "web"}
OF_METRICS: tuple[Object, ...] = (
    _METRIC,
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}},
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 0}}},
    {"type": "Resource", "resource": {"name": "", "target": {"type": "Share", "averageUtilization": 5, "averageValue": "-1"}}},
    {"type": "Pods", "resource": _SHARE},
    {"type": "Cpu", "resource": _SHARE},
    {"type": "", "pods": _NAMED | {"target": {"type": "AverageValue", "averageValue": "0"}}},
    {"type": "Pods", "pods": {"metric": {"name": ""}, "target": {"type": "AverageValue", "value": "1"}}},
    {"type": "Pods", "pods": {"metric": {"name": "a/b%c"}, "target": {"type": "AverageValue", "averageValue": "1500m"}}},
    {"type": "External", "external": _NAMED | {"target": {"type": "Value", "averageUtilization": 5}}},
    {"type": "External", "external": _NAMED | {"target": {"type": "Value", "value": "1", "averageValue": "1"}}},
    {"type": "Object", "object": _NAMED | {"describedObject": _ABOUT, "target": {"type": "Value"}}},
    {"type": "Object", "object": _NAMED | {"describedObject": {"apiVersion": "v1", "kind": "", "name": ".."}, "target": {"type": "Value", "value": "1", "averageValue": "1"}}},
    {"type": "ContainerResource", "containerResource": _SHARE | {"container": "Bad_Name"}},
    {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "", "target": {"type": "AverageValue", "averageValue": "1Gi"}}},
    {"type": "Resource", "resource": _SHARE, "pods": {"metric": {"name": ""}, "target": {"type": ""}}},
    {"type": "External", "resource": _SHARE, "pods": _NAMED | {"target": {"type": "AverageValue", "averageValue": "1"}}},
)  # fmt: skip
OF_WORKLOADS: tuple[Fault, ...] = (
    ("spec.replicas", -1),
    ("spec.minReadySeconds", -1),
    ("spec.revisionHistoryLimit", -1),
    ("spec.selector", None),
    ("spec.selector", {}),
    ("spec.selector.matchLabels", {"app": "other"}),
    ("spec.selector.matchLabels", {"app": "a b"}),
    ("spec.selector.matchExpressions", [{"key": "app", "operator": "Is", "values": ["web"]}]),
    ("spec.selector.matchExpressions", [{"key": "app", "operator": "In"}]),
    ("spec.selector.matchExpressions", [{"key": "app", "operator": "Exists"}]),
    ("spec.template.metadata.labels", {"app": "other"}),
    ("spec.template.metadata.labels", {"app": "web", "more": "yes"}),
    ("spec.template.metadata.labels", {"app": "web", "more": "a b"}),
)
OF_JOBS: tuple[Fault, ...] = (
    ("parallelism", -1),
    ("parallelism", 2),
    ("completions", -1),
    ("completions", 3),
    ("activeDeadlineSeconds", -1),
    ("backoffLimit", -1),
    ("ttlSecondsAfterFinished", -1),
    ("completionMode", "Sorted"),
    ("completionMode", "Indexed"),
    ("backoffLimitPerIndex", 1),
    ("maxFailedIndexes", 1),
    ("podReplacementPolicy", "Never"),
    ("podFailurePolicy", {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]}),
    ("suspend", False),
)  # fmt: skip
OF: dict[str, tuple[Fault, ...]] = {
    "Deployment": (
        *OF_WORKLOADS,
        ("spec.progressDeadlineSeconds", 5),
        ("spec.progressDeadlineSeconds", -1),
        ("spec.minReadySeconds", 600),
        ("spec.strategy", {"type": "Recreate"}),
        ("spec.strategy", {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
        ("spec.strategy", {"type": "Slowly"}),
        *(
            ("spec.strategy", {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
            for surge in (0, "0%", 1, -1, "5", "200%", "x%")
            for unavailable in (0, "0%", 1, -2, "30%", "101%", "%")
        ),
    ),
    "ReplicaSet": OF_WORKLOADS,
    "DaemonSet": (
        *OF_WORKLOADS[1:],
        ("spec.updateStrategy", {"type": "OnDelete"}),
        ("spec.updateStrategy", {"type": "Slowly"}),
        *(
            ("spec.updateStrategy", {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
            for surge in (0, "0%", 1, -1, "200%")
            for unavailable in (0, "0%", 1, "101%", "%")
        ),
    ),
    "StatefulSet": (
        *OF_WORKLOADS,
        ("spec.serviceName", "other"),
        ("spec.serviceName", "Bad_Name"),
        ("spec.serviceName", None),
        ("spec.podManagementPolicy", "Parallel"),
        ("spec.podManagementPolicy", "Slowly"),
        ("spec.volumeClaimTemplates", None),
        ("spec.volumeClaimTemplates.0.spec.resources.requests.storage", "2Gi"),
        ("spec.volumeClaimTemplates.0.spec.resources.requests.storage", "1024Mi"),
        ("spec.volumeClaimTemplates.0.spec.accessModes", []),
        ("spec.volumeClaimTemplates.0.spec.storageClassName", "fast"),
        ("spec.template.spec.containers.0.volumeMounts", [{"name": "data", "mountPath": "/data"}]),
        ("spec.updateStrategy", {"type": "OnDelete"}),
        ("spec.updateStrategy", {"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
        ("spec.updateStrategy", {"type": "Slowly"}),
        ("spec.updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"partition": -1}}),
        ("spec.updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}),
        ("spec.updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "110%"}}),
        ("spec.persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Delete", "whenScaled": "Never"}),
        ("spec.ordinals", {"start": -1}),
    ),
    "Job": (
        *((f"spec.{path}", value) for path, value in OF_JOBS),
        ("spec.template.spec.containers.0.image", "example/app:2"),
        ("spec.template.metadata.annotations", {"a": "b"}),
        ("spec.template.spec.containers.0.resources", {"requests": {"cpu": "1"}}),
        ("spec.template.spec.nodeSelector", {"zone": "a"}),
        ("spec.backoffLimit", 2),
    ),
    "CronJob": (
        *((f"spec.jobTemplate.spec.{path}", value) for path, value in OF_JOBS),
        *(
            ("spec.schedule", text)
            for text in (
                *("", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "* * * * SUN-FRI"),
                *("a * * * *", "*/0 * * * *", "5-1 * * * *", "1-2-3 * * * *", "*/2/3 * * * *", "-1 * * * *", "@daily"),
                *("@noon", "@every 1h30m", "@every x", "TZ=UTC 0 0 * * *", "CRON_TZ=Europe/Berlin 0 0 * * *", "1,2,70 * * * *"),
                *("* * * JAN-DEC MON", "* * * foo *", "*/15 */2 1-31/2 * ?", "0 0 31 2 *"),
            )
        ),
        *(
            ("spec.timeZone", text)
            for text in ("Europe/Berlin", "", "Local", "Mars/Base", "../etc", "UTC", "Europe/Be rlin", "Etc/GMT+5", "America//X")
        ),
        ("spec.concurrencyPolicy", "Sometimes"),
        ("spec.concurrencyPolicy", "Forbid"),
        ("spec.startingDeadlineSeconds", -1),
        ("spec.successfulJobsHistoryLimit", -1),
        ("spec.failedJobsHistoryLimit", -1),
        ("metadata.name", "x" * 53),
    ),
    "PodDisruptionBudget": (
        ("spec.maxUnavailable", 1),
        *(("spec.minAvailable", value) for value in (None, 0, -1, "50%", "150%", "half", "100%")),
        ("spec.unhealthyPodEvictionPolicy", "Never"),
        ("spec.unhealthyPodEvictionPolicy", "AlwaysAllow"),
        ("spec.selector.matchLabels", {"app": "other"}),
        ("spec.selector.matchExpressions", [{"key": "a", "operator": "Exists", "values": ["x"]}]),
        ("spec.selector", None),
    ),
    "HorizontalPodAutoscaler": (
        *(("spec.minReplicas", value) for value in (0, -1, 3, 5, None)),
        *(("spec.maxReplicas", value) for value in (0, -1, 1, None)),
        ("spec.scaleTargetRef.name", ""),
        ("spec.scaleTargetRef.kind", ""),
        ("spec.behavior", {"scaleDown": {"stabilizationWindowSeconds": 4000, "selectPolicy": "Most"}}),
        ("spec.behavior", {"scaleUp": {"stabilizationWindowSeconds": -1}}),
        ("spec.behavior", {"scaleUp": {"policies": [{"type": "Nodes", "value": 0, "periodSeconds": 2000}]}}),
        ("spec.behavior", {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 0}]}}),
        *(("spec.metrics", [metric]) for metric in OF_METRICS),
        ("spec.metrics", [_METRIC, {"type": "Pods"}, _METRIC | {"object": {}}]),
    ),
    "Service": (
        ("spec.ports", []),
        ("spec.ports", [{"port": 80}, {"port": 81}]),
        ("spec.ports", [{"name": "a", "port": 80}, {"name": "a", "port": 81}]),
        ("spec.ports", [{"name": "a", "port": 80}, {"name": "b", "port": 80}]),
        ("spec.ports", [{"name": "Bad_Name", "port": 0}]),
        ("spec.ports", [{"port": 80, "targetPort": "Bad_Port"}]),
        ("spec.ports", [{"port": 80, "targetPort": 70000, "protocol": "HTTP"}]),
        ("spec.ports", [{"port": 80, "nodePort": 30001}]),
        ("spec.type", "ExternalName"),
        ("spec.type", "Internal"),
        ("spec.type", "NodePort"),
        ("spec.type", "LoadBalancer"),
        ("spec.clusterIP", "None"),
        ("spec.clusterIP", "10.96.0.99"),
        ("spec.selector", {"a b": "c"}),
        ("spec.sessionAffinity", "Cookie"),
        ("spec.externalTrafficPolicy", "Local"),
        ("spec.internalTrafficPolicy", "Near"),
        ("spec.loadBalancerSourceRanges", ["10.0.0.0/8"]),
        ("spec.allocateLoadBalancerNodePorts", False),
        ("spec.externalName", "example.com"),
    ),
    "Ingress": (
        ("spec.rules", None),
        ("spec.rules.0.host", "10.0.0.1"),
        ("spec.rules.0.host", "Bad_Host"),
        ("spec.rules.0.host", "*.example.com"),
        ("spec.rules.0.host", "a.*.com"),
        ("spec.rules.0.http.paths", []),
        ("spec.rules.0.http.paths.0.pathType", None),
        ("spec.rules.0.http.paths.0.pathType", "Regex"),
        ("spec.rules.0.http.paths.0.pathType", "ImplementationSpecific"),
        ("spec.rules.0.http.paths.0.path", "x//y/."),
        ("spec.rules.0.http.paths.0.path", ""),
        ("spec.rules.0.http.paths.0.backend.service.name", ""),
        ("spec.rules.0.http.paths.0.backend.service.name", "Bad_Name"),
        ("spec.rules.0.http.paths.0.backend.service.port", {}),
        ("spec.rules.0.http.paths.0.backend.service.port", {"number": 70000}),
        ("spec.rules.0.http.paths.0.backend.service.port", {"name": "Bad_Port"}),
        ("spec.rules.0.http.paths.0.backend.service.port", {"name": "http", "number": 80}),
        ("spec.tls", [{"hosts": ["Bad_Host"], "secretName": "Bad_Name"}]),
        ("spec.ingressClassName", "Bad_Name"),
        ("spec.defaultBackend", {"service": {"name": "web", "port": {"number": 0}}}),
    ),
    "NetworkPolicy": (
        ("spec.podSelector.matchLabels", {"a b": "c"}),
        ("spec.ingress.0.from", [{}]),
        ("spec.ingress.0.from", [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]),
        ("spec.ingress.0.from", [{"ipBlock": {"cidr": "10.0.0.0"}}]),
        ("spec.ingress.0.from", [{"ipBlock": {"cidr": ""}}]),
        ("spec.ingress.0.from", [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16", "10.0.0.0/8", "10.1.0.0/16", "x"]}}]),
        ("spec.ingress.0.ports", [{"port": 0}, {"port": "Bad_Port"}, {"port": 90, "endPort": 80}]),
        ("spec.ingress.0.ports", [{"endPort": 80}, {"port": "http", "endPort": 80}, {"protocol": "HTTP", "port": 1}]),
        ("spec.policyTypes", ["Sideways"]),
        ("spec.policyTypes", ["Ingress", "Egress", "Ingress"]),
        ("spec.egress", [{"to": [{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}]}]),
    ),
    "PersistentVolumeClaim": (
        ("spec.accessModes", ["ReadWriteOnce", "ReadWriteOncePod"]),
        ("spec.accessModes", ["Sometimes"]),
        ("spec.resources.requests.storage", "0"),
        ("spec.resources.requests.storage", "2Gi"),
        ("spec.storageClassName", "Bad_Name"),
        ("spec.volumeMode", "Tape"),
        ("spec.accessModes", None),
        ("spec.resources", None),
    ),
    "LimitRange": (
        ("spec.limits.0.type", "Namespace"),
        ("spec.limits.0.type", "Pod"),
        ("spec.limits.0.type", "PersistentVolumeClaim"),
        ("spec.limits", [LIMIT, LIMIT]),
        ("spec.limits.0.min.cpu", "3"),
        ("spec.limits.0.max.cpu", "500m"),
        ("spec.limits.0.default.cpu", "50m"),
        ("spec.limits.0.defaultRequest", {"cpu": "1500m"}),
        ("spec.limits.0.maxLimitRequestRatio", {"cpu": "500m"}),
        ("spec.limits.0.maxLimitRequestRatio", {"cpu": "30"}),
    ),
    "ResourceQuota": (
        ("spec.hard", {"gold": "1"}),
        ("spec.hard", {"pods": "1500m"}),
        ("spec.hard", {"requests.cpu": "-1"}),
        ("spec.hard", {"count/pods": "2500m"}),
        ("spec.hard", {"requests.example.com/gpu": "2", "hugepages-2Mi": "4Mi"}),
        ("spec.scopes", ["NotTerminating"]),
        ("spec.scopes", ["Terminating", "NotTerminating"]),
        ("spec.scopes", ["Sometimes"]),
    ),
    "Pod": tuple((f"spec.{path}", value) for path, value in OF_PODS),
    "ConfigMap": (
        *(("data", {key: "x"}) for key in ("a b", ".", "..", "..a", "x" * 254, "A_b-c.d")),
        ("data", {"a b": "x", "c/d": "y"}),
        ("data", {"a": "c"}),
        ("data", None),
        ("binaryData", {"a": "Yg==", "c/d": "Yg=="}),
        ("binaryData", {"c": "Yg=="}),
    ),
    "Secret": (
        *(("data", {key: "eA=="}) for key in ("a b", "..", "x" * 254)),
        ("data", {"a": "eA=="}),
        ("stringData", {"tls.crt": "x", "a b": "y"}),
        *(("type", f"kubernetes.io/{kind}") for kind in ("tls", "ssh-auth", "basic-auth", "dockercfg", "dockerconfigjson")),
        ("type", "example.com/own"),
        ("type", "Opaque"),
        ("type", None),
    ),
}  # fmt: skip
_SPECS = {"CronJob": "spec.jobTemplate.spec.template.spec"}
_TEMPLATED = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "CronJob")


@dataclass(frozen=True, slots=True)
class Case:
    """`old` is changed where it says so, else an object like it is made."""

    kind: str
    changes: bool
    faults: tuple[Fault, ...]


def base(kind: str, namespace: str) -> Object:
    version, spec = BASES[kind]
    metadata = {"name": f"base-{kind.lower()}", "namespace": namespace}
    item = {"apiVersion": version, "kind": kind, "metadata": metadata}
    return copy.deepcopy(item | (spec if kind in _BARE else {"spec": spec}))


def faults(kind: str) -> tuple[Fault, ...]:
    inner = _SPECS.get(kind, "spec.template.spec")
    return (*OF[kind], *((f"{inner}.{path}", value) for path, value in OF_PODS if kind in _TEMPLATED))


def cases(pairs: int) -> Iterator[Case]:
    """Each fault by itself, made and changed, and for each kind so many pairs."""
    for kind in BASES:
        known = faults(kind)
        for changes in (False, True):
            yield Case(kind, changes, ())
            yield from (Case(kind, changes, (fault,)) for fault in known)
        random = Random(f"fields {kind}")
        for _ in range(pairs):
            yield Case(kind, random.random() < 0.5, tuple(random.sample(known, 2)))


def spoilt(item: Object, found: tuple[Fault, ...]) -> Object:
    """A fault whose place another one has taken away is not made."""
    item = copy.deepcopy(item)
    for path, value in found:
        *way, last = path.split(".")
        place: Any = item
        for step, then in zip(way, [*way, last][1:], strict=True):
            if isinstance(place, list):
                place = place[int(step)] if int(step) < len(place) else None
            elif isinstance(place, dict):
                place = place.get(step) if then.isdecimal() else place.setdefault(step, {})
        if isinstance(place, dict) and value is None:
            place.pop(last, None)
        elif isinstance(place, dict):
            place[last] = copy.deepcopy(value)
    return item
