"""A small healthy cluster with something of everything, as `kubectl get -o json` lists it: the start of tests that break it."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

ZONE, HOSTNAME = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
STARTED = "2026-03-01T10:00:00Z"


def thing(api_version: str, kind: str, name: str, namespace: str = "shop", **rest: Any) -> Object:
    metadata: Object = {"name": name, "uid": f"{kind}-{namespace}-{name}", "generation": 1}
    metadata |= {"creationTimestamp": STARTED} | rest.pop("metadata", {})
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def node(name: str, zone: str = "a", **amounts: str) -> Object:
    room = {"cpu": "4", "memory": "16Gi", "pods": "20", **amounts}
    conditions = [{"type": "Ready", "status": "True", "lastHeartbeatTime": STARTED, "lastTransitionTime": STARTED}]
    status = {"allocatable": room, "capacity": room, "conditions": conditions}
    return thing(
        "v1", "Node", name, "", metadata={"labels": {HOSTNAME: name, ZONE: zone}}, spec={"taints": []}, status=status
    )


def template(app: str, cpu: str = "100m", **spec: Any) -> Object:
    probe = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10, "failureThreshold": 3}
    container = {
        "name": "main",
        "image": "example/app:1",
        "ports": [{"containerPort": 80, "name": "http"}],
        "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": probe,
    }
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container], **spec}}


def pod(name: str, app: str, on: str = "", owner: tuple[str, str, str] | None = None, **changes: Any) -> Object:
    """`owner` is (apiVersion, kind, name). Without a node it waits."""
    made = template(app, **changes.pop("template", {}))
    metadata: Object = {"labels": made["metadata"]["labels"]}
    if owner:
        version, kind, of = owner
        metadata["ownerReferences"] = [
            {"apiVersion": version, "kind": kind, "name": of, "uid": f"{kind}-shop-{of}", "controller": True}
        ]
    ready = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady", "PodScheduled")]
    running = {"name": "main", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": STARTED}}}
    status: Object = {"phase": "Pending"}
    if on:
        status = {"phase": "Running", "podIP": "10.0.0.9", "conditions": ready, "containerStatuses": [running]}
    spec = made["spec"] | ({"nodeName": on} if on else {})
    return thing("v1", "Pod", name, metadata=metadata | changes.pop("metadata", {}), spec=spec, status=status) | changes


def objects() -> list[Object]:
    """Fresh ones at each call."""
    selector = {"matchLabels": {"app": "web"}}
    spread = {"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    apart = {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": HOSTNAME, "labelSelector": selector}]}
    web = template("web", topologySpreadConstraints=[spread])
    waiting = pod("late", "late", template={"affinity": {"podAntiAffinity": apart}, "tolerations": [{"key": "x"}]})
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    return [
        thing("v1", "Namespace", "shop", ""),
        *(node(name, zone) for name, zone in (("n1", "a"), ("n2", "b"), ("n3", "b"))),
        thing("apps/v1", "Deployment", "web", spec={"replicas": 2, "selector": selector, "template": web}, status={}),
        thing(
            "apps/v1",
            "ReplicaSet",
            "web",
            metadata={
                "labels": {"app": "web"},
                "annotations": {"deployment.kubernetes.io/revision": "1"},
                "ownerReferences": [_owner("apps/v1", "Deployment", "web")],
            },
            spec={"replicas": 2, "selector": selector, "template": web},
            status={"replicas": 2, "readyReplicas": 2},
        ),
        pod("web-1", "web", "n1", ("apps/v1", "ReplicaSet", "web")),
        pod("web-2", "web", "n2", ("apps/v1", "ReplicaSet", "web")),
        thing("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": ports, "clusterIP": "10.96.0.9"}),
        thing("policy/v1", "PodDisruptionBudget", "web", spec={"minAvailable": 1, "selector": selector}, status={}),
        thing("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec=_autoscaler()),
        thing(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "web",
            spec={"podSelector": selector, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]},
        ),
        thing(
            "apps/v1",
            "StatefulSet",
            "db",
            spec={
                "replicas": 1,
                "serviceName": "db",
                "selector": {"matchLabels": {"app": "db"}},
                "template": template("db"),
                "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
            },
            status={"replicas": 1},
        ),
        pod("db-0", "db", "n3", ("apps/v1", "StatefulSet", "db")),
        thing(
            "v1", "PersistentVolumeClaim", "data-db-0", spec=claim | {"volumeName": "pv-1"}, status={"phase": "Bound"}
        ),
        thing(
            "v1",
            "PersistentVolume",
            "pv-1",
            "",
            spec={"capacity": {"storage": "1Gi"}, "claimRef": {"namespace": "shop", "name": "data-db-0"}},
        ),
        thing(
            "apps/v1",
            "DaemonSet",
            "agent",
            spec={"selector": {"matchLabels": {"app": "agent"}}, "template": template("agent")},
        ),
        thing("batch/v1", "Job", "load", spec={"template": template("load", restartPolicy="Never"), "backoffLimit": 2}),
        thing(
            "batch/v1",
            "CronJob",
            "tick",
            spec={
                "schedule": "*/5 * * * *",
                "jobTemplate": {"spec": {"template": template("tick", restartPolicy="Never")}},
            },
        ),
        thing("v1", "ResourceQuota", "quota", spec={"hard": {"pods": "50", "requests.cpu": "20"}}),
        thing("v1", "LimitRange", "range", spec={"limits": [{"type": "Container", "max": {"cpu": "4"}}]}),
        waiting,
    ]


def listed(items: list[Object]) -> Object:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def named(items: list[Object], kind: str, name: str) -> Object:
    return next(item for item in items if item["kind"] == kind and item["metadata"]["name"] == name)


def _owner(version: str, kind: str, name: str) -> Object:
    return {"apiVersion": version, "kind": kind, "name": name, "uid": f"{kind}-shop-{name}", "controller": True}


def _autoscaler() -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    return {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4, "metrics": [metric]}
