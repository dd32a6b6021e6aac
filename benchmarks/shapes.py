"""Kubernetes objects as a v1.3x API server returns them (managedFields, statuses, generated names), for the generated clusters."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # apimachinery util/rand


def at(minutes: float) -> str:
    """So many minutes before the snapshot."""
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def suffix(text: str, length: int = 5) -> str:
    number = int(digest(text)[:15], 16)
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(letters)


def uid(text: str) -> str:
    raw = digest(text)
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"


def metadata(name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    where = {"namespace": namespace} if namespace else {}
    return {
        "name": name,
        **where,
        "uid": uid(f"{namespace}/{name}"),
        "resourceVersion": str(int(digest(name)[:7], 16)),
        "creationTimestamp": at(40_000),
        **more,
    }


def owner(kind: str, name: str, namespace: str, api: str = "apps/v1") -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": api,
            "kind": kind,
            "name": name,
            "uid": uid(f"{namespace}/{name}"),
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def _probe(path: str, period: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http", "scheme": "HTTP"},
        "initialDelaySeconds": 10,
        "timeoutSeconds": 2,
        "periodSeconds": period,
        "successThreshold": 1,
        "failureThreshold": 3,
    }


def _security() -> dict[str, Any]:
    return {
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
    }


def pod_spec(app: str, image: str, upstream: str, cpu: str = "250m") -> dict[str, Any]:
    """As a template has it; `upstream` is the address that the application calls."""
    main = {
        "name": "app",
        "image": image,
        "args": ["serve", "--config=/etc/app/config.yaml", "--listen=:8080"],
        "ports": [
            {"name": "http", "containerPort": 8080, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9090, "protocol": "TCP"},
        ],
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "UPSTREAM_URL", "value": f"http://{upstream}:80/api/v1"},
            {"name": "JAVA_TOOL_OPTIONS", "value": "-XX:MaxRAMPercentage=70 -XX:+ExitOnOutOfMemoryError"},
            {"name": "OTEL_SERVICE_NAME", "value": app},
            {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": f"{app}-db", "key": "password"}}},
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}},
        ],
        "resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": cpu, "memory": "512Mi"}},
        "volumeMounts": [
            {"name": "config", "readOnly": True, "mountPath": "/etc/app"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
        "livenessProbe": _probe("/livez", 10),
        "readinessProbe": _probe("/readyz", 5),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": _security(),
    }
    side = {
        "name": "metrics",
        "image": "registry.example.com/platform/statsd-exporter:0.28.0",
        "resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m", "memory": "32Mi"}},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": _security(),
    }
    return {
        "volumes": [
            {"name": "config", "configMap": {"name": f"{app}-config", "defaultMode": 420}},
            {"name": "tmp", "emptyDir": {}},
        ],
        "containers": [main, side],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": app,
        "serviceAccount": app,
        "securityContext": {"fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "schedulerName": "default-scheduler",
    }


_NOT_READY = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
_UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}


def admitted(spec: dict[str, Any], node: str) -> dict[str, Any]:
    """A template's spec (with placeholders for what is each pod's own) and what admission, the ServiceAccount controller and the scheduler add."""
    mount = {
        "name": "kube-api-access-@TOKEN@",
        "readOnly": True,
        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
    }
    token = {
        "name": "kube-api-access-@TOKEN@",
        "projected": {
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {
                    "downwardAPI": {
                        "items": [
                            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
                        ]
                    }
                },
            ],
            "defaultMode": 420,
        },
    }
    return {
        **spec,
        "volumes": [*spec["volumes"], token],
        "containers": [{**item, "volumeMounts": [*item.get("volumeMounts", ()), mount]} for item in spec["containers"]],
        **({"nodeName": node} if node else {}),
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "enableServiceLinks": True,
        "tolerations": [{**_NOT_READY, "tolerationSeconds": 300}, {**_UNREACHABLE, "tolerationSeconds": 300}],
    }


def managed_fields(spec: dict[str, Any], manager: str) -> list[dict[str, Any]]:
    """Who wrote which fields: half of what an API server returns of a pod."""

    def fields(value: Any) -> dict[str, Any]:
        return {f"f:{key}": fields(item) for key, item in value.items()} if isinstance(value, dict) else {}

    containers = {
        f'k:{{"name":"{item["name"]}"}}': {".": {}, **fields({k: v for k, v in item.items() if k != "env"})}
        for item in spec["containers"]
    }
    wrote = {
        **fields({k: v for k, v in spec.items() if k not in {"containers", "volumes"}}),
        "f:containers": containers,
    }
    return [
        {
            "manager": manager,
            "operation": "Update",
            "apiVersion": "v1",
            "time": "@CREATED@",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:generateName": {}, "f:labels": {".": {}, "f:app": {}}}, "f:spec": wrote},
        },
        {
            "manager": "kubelet",
            "operation": "Update",
            "apiVersion": "v1",
            "time": "@STARTED@",
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:status": {
                    "f:conditions": {
                        f'k:{{"type":"{kind}"}}': fields({"lastTransitionTime": 0, "status": 0, "type": 0})
                        for kind in ("ContainersReady", "Initialized", "PodReadyToStartContainers", "Ready")
                    },
                    **fields({"containerStatuses": 0, "hostIP": 0, "phase": 0, "podIP": 0, "startTime": 0}),
                }
            },
            "subresource": "status",
        },
    ]
