"""How other hands write the same objects: optional fields that are stated empty or null, amounts below nothing, lists in another order than the API server keeps, statuses of pods that wait."""

from __future__ import annotations

from random import Random
from typing import Any

Object = dict[str, Any]
# A field's empty value, which mostly is as good as its absence.
_MAP: list[Any] = [{}, None]
_LIST: list[Any] = [[], None]
_TEXT: list[Any] = ["", None]
_NULL: list[Any] = [None]
_EMPTY: dict[str, dict[str, list[Any]]] = {
    "metadata": {"labels": _MAP, "annotations": _MAP, "ownerReferences": _LIST, "finalizers": _LIST}
    | {"creationTimestamp": _NULL, "generateName": _TEXT, "managedFields": _LIST},
    "Pod.spec": {"initContainers": _LIST, "volumes": _LIST, "nodeName": _TEXT, "nodeSelector": _MAP}
    | {"affinity": [{}, None, {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}]}
    | {"tolerations": _LIST, "topologySpreadConstraints": _LIST, "schedulingGates": _LIST, "overhead": _MAP}
    | {"resources": _MAP, "priority": _NULL, "hostNetwork": [False, None], "hostUsers": _NULL, "resourceClaims": _LIST},
    "Pod.status": {"conditions": _LIST, "containerStatuses": _LIST, "initContainerStatuses": _LIST}
    | {"nominatedNodeName": _TEXT, "startTime": _NULL},
    "container": {"image": _TEXT, "resources": _MAP, "ports": _LIST, "restartPolicy": _NULL, "volumeMounts": _LIST}
    | {"restartPolicyRules": _LIST, "env": _LIST},
    "resources": {"requests": _MAP, "limits": _MAP, "claims": _LIST},
    "port": {"hostPort": [0, None], "hostIP": _TEXT, "protocol": _TEXT},
    "toleration": {"key": _TEXT, "operator": _TEXT, "value": _TEXT, "effect": _TEXT, "tolerationSeconds": _NULL},
    "spread": {"labelSelector": _NULL, "minDomains": _NULL, "nodeAffinityPolicy": _NULL, "nodeTaintsPolicy": _NULL}
    | {"matchLabelKeys": _LIST},
    "affinity": {"nodeAffinity": _MAP, "podAffinity": _MAP, "podAntiAffinity": _MAP},
    "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": _LIST},
    "containerStatus": {"allocatedResources": _MAP, "resources": [{}, {"requests": {}}, None]},
    "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": _LIST}
    | {"preferredDuringSchedulingIgnoredDuringExecution": _LIST},
    "Node.spec": {"taints": _LIST, "unschedulable": [False, None], "podCIDRs": _LIST, "providerID": _TEXT},
    "Node.status": {"capacity": _MAP, "images": _LIST, "declaredFeatures": _LIST, "conditions": _LIST},
    "Service.spec": {"selector": _MAP, "ports": _LIST},
    "PersistentVolume.spec": {"nodeAffinity": _MAP, "storageClassName": _TEXT, "claimRef": _NULL, "volumeMode": _NULL},
    "PersistentVolumeClaim.spec": {"storageClassName": _NULL, "selector": _NULL, "volumeName": _TEXT}
    | {"volumeMode": _NULL, "volumeAttributesClassName": _NULL},
    "CSIDriver.spec": {"storageCapacity": [False, None], "preventPodSchedulingIfMissing": [False, None]},
    "CSIStorageCapacity": {"nodeTopology": _NULL, "capacity": _NULL, "maximumVolumeSize": _NULL},
    "StorageClass": {"allowedTopologies": _LIST, "parameters": _MAP},
}


def written(case: Object, random: Random) -> Object:
    """Changes the case in place."""
    pods_wait = random.random() < 0.5
    for item in case["items"]:
        kind = item["kind"]
        _fill(item["metadata"], "metadata", random)
        _fill(item, kind, random)
        for part in ("spec", "status"):
            if isinstance(item.get(part), dict):
                _fill(item[part], f"{kind}.{part}", random)
        if kind == "Pod":
            _pod(item["spec"], random)
            for status in (item.get("status") or {}).get("containerStatuses") or ():
                _fill(status, "containerStatus", random)
            if pods_wait and not item["spec"].get("nodeName"):
                _given(item, random)
        if kind == "Node":
            _node(item, random, negative=not pods_wait)
    return case


def _fill(part: Object, form: str, random: Random) -> None:
    share = 0.3 if form in {"nodeAffinity", "containerStatus"} else 0.06
    for key, values in _EMPTY.get(form, {}).items():
        if key not in part and random.random() < share:
            part[key] = random.choice(values)


def _pod(spec: Object, random: Random) -> None:
    for container in (*spec["containers"], *(spec.get("initContainers") or ())):
        _fill(container, "container", random)
        _fill(container.get("resources") or {}, "resources", random)
        for port in container.get("ports") or ():
            _fill(port, "port", random)
        if random.random() < 0.03:
            options: list[str] = random.choice(([], ["noexec"], ["nosuid", "nodev"]))
            container["volumeMounts"] = [{"name": "v", "mountPath": "/v", "bindMountOptions": options}]
    for key, form in (("tolerations", "toleration"), ("topologySpreadConstraints", "spread")):
        for each in spec.get(key) or ():
            _fill(each, form, random)
    affinity = spec.get("affinity") or {}
    _fill(affinity, "affinity", random)
    _fill(affinity.get("nodeAffinity") or {}, "nodeAffinity", random)
    for side in ("podAffinity", "podAntiAffinity"):
        _fill(affinity.get(side) or {}, "podAffinity", random)


def _given(pod: Object, random: Random) -> None:
    """What a kubelet would say of a pod that runs."""
    status = pod.setdefault("status", {})
    status["containerStatuses"] = [
        {"name": item["name"], "allocatedResources": {"cpu": random.choice(("1", "250m")), "memory": "1Gi"}}
        for item in pod["spec"]["containers"]
        if random.random() < 0.5
    ]


def _node(node: Object, random: Random, *, negative: bool) -> None:
    status = node["status"]
    features = status.get("declaredFeatures")
    if features is not None and random.random() < 0.5:
        status["declaredFeatures"] = [*features, "VolumeBindMountOptions"]
        if random.random() < 0.3:
            random.shuffle(status["declaredFeatures"])
    # With more given to a waiting pod than it requests, kube-scheduler's score of less than nothing is an error.
    if negative and status.get("allocatable") and random.random() < 0.05:
        status["allocatable"][random.choice(("cpu", "memory", "pods", "nvidia.com/gpu"))] = random.choice(("-1", "-2k"))
