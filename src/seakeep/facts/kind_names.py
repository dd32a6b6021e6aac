"""Kinds as people write them for kubectl: `deploy`, `deployments`, `deployment.apps`."""

from __future__ import annotations

from seakeep.model.objects import STRUCTS

# As `kubectl api-resources` lists them.
_SHORT = {
    "cj": "CronJob",
    "cm": "ConfigMap",
    "deploy": "Deployment",
    "ds": "DaemonSet",
    "hpa": "HorizontalPodAutoscaler",
    "ing": "Ingress",
    "limits": "LimitRange",
    "netpol": "NetworkPolicy",
    "no": "Node",
    "ns": "Namespace",
    "pc": "PriorityClass",
    "pdb": "PodDisruptionBudget",
    "po": "Pod",
    "pv": "PersistentVolume",
    "pvc": "PersistentVolumeClaim",
    "quota": "ResourceQuota",
    "rc": "ReplicationController",
    "rs": "ReplicaSet",
    "sa": "ServiceAccount",
    "sc": "StorageClass",
    "sts": "StatefulSet",
    "svc": "Service",
}


def kind_of(text: str) -> str:
    """The kind that is meant; a name that is not known stays as it is: it may be of a custom resource."""
    return _NAMES.get(text.partition(".")[0].lower(), text)


def plural(kind: str) -> str:
    """`Deployment` → `deployments`, as the API names its resources."""
    name = kind.partition(".")[0].lower()
    if kind in {"Endpoints", "NodeMetrics", "PodMetrics"}:
        return name
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch")) else f"{name}s"


_KINDS = sorted({kind for _, kind in STRUCTS})
_NAMES = {kind.lower(): kind for kind in _KINDS} | {plural(kind): kind for kind in _KINDS} | _SHORT
