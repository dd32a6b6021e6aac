"""One row of each kind's table into the fields that its columns show."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from seakeep.adapters.transcript.commands import kind_of
from seakeep.adapters.transcript.describe.selectors import selector
from seakeep.adapters.transcript.measured import is_beyond
from seakeep.adapters.transcript.times import ago

Raw = dict[str, Any]
Row = dict[str, str]
_NONE = {"", "<none>", "<unset>", "<unknown>"}
_PENDING = {
    "Pending",
    "ContainerCreating",
    "PodInitializing",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "SchedulingGated",
}
# Of the pod itself: it never ran there, or no longer does (pkg/kubelet: eviction, lifecycle/predicate.go, cm/admission.go).
_REFUSED = {
    "Evicted",
    "NodeAffinity",
    "NodePorts",
    "SysctlForbidden",
    "TaintToleration",
    "TopologyAffinityError",
    "UnexpectedAdmissionError",
}
_ENDED = {"Error", "OOMKilled", "ContainerCannotRun", "DeadlineExceeded", "StartError", "ContainerStatusUnknown"}


def _number(text: str) -> int:
    match = re.match(r"\s*(\d{1,9})", text)
    return int(match[1]) if match else 0


def _fraction(text: str) -> tuple[int, int]:
    left, _, right = text.partition("/")
    return _number(left), _number(right)


def _selector(text: str) -> dict[str, str]:
    return (
        {}
        if text.strip() in _NONE
        else dict(pair.strip().partition("=")[::2] for pair in text.split(",") if "=" in pair)
    )


def pod(row: Row, metadata: Raw, now: datetime) -> Raw:
    ready, total = _fraction(row.get("READY", ""))
    status = row.get("STATUS", "")
    restarts = _number(row.get("RESTARTS", ""))
    if status == "Terminating":
        metadata["deletionTimestamp"] = now.isoformat()
    init = status.startswith("Init:")
    main = [
        _container(
            f"#{number}",
            status if not init else "PodInitializing",
            number < ready,
            restarts if number == ready or (number == 0 and ready == total) else 0,
        )
        for number in range(total)
    ]
    found: Raw = {
        "phase": _phase(status, init),
        "containerStatuses": main,
        "conditions": [
            {
                "type": "Ready",
                "status": "True" if total and ready == total and status in {"Running", "Terminating"} else "False",
            }
        ],
    }
    if init:
        found["initContainerStatuses"] = [_init(status, restarts)]
    if status in _REFUSED or status.startswith("OutOf"):
        found |= {"phase": "Failed", "reason": status, "containerStatuses": []}
    if row.get("IP", "") not in _NONE:
        found["podIP"] = row["IP"]
    node = row.get("NODE", "")
    return {"status": found, "spec": {"nodeName": node} if node not in _NONE else {}}


def _phase(status: str, init: bool) -> str:
    if status in _PENDING or init:
        return "Pending"
    if status in {"Completed", "Succeeded"}:
        return "Succeeded"
    if status in {"Failed", "NodeLost"} | _ENDED:
        return "Failed"
    return "Unknown" if status == "Unknown" else "Running"


def _container(name: str, status: str, ready: bool, restarts: int) -> Raw:
    found: Raw = {"name": name, "ready": ready, "restartCount": restarts}
    if ready or status in {"Running", "Terminating", "NotReady"}:
        found["state"] = {"running": {}}
    elif status in {"Completed", "Succeeded"}:
        found["state"] = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    elif status in _ENDED or status.startswith(("ExitCode:", "Signal:")):
        code = _number(status.partition(":")[2]) or (137 if status == "OOMKilled" else 1)
        found["state"] = {"terminated": {"exitCode": code, "reason": status.partition(":")[0]}}
    elif status in {"Pending", "Unknown", "Evicted"}:
        found["state"] = {}
    else:
        found["state"] = {"waiting": {"reason": status}}
    return found


def _init(status: str, restarts: int) -> Raw:
    detail = status.removeprefix("Init:")
    state: Raw = {"running": {}}
    if not re.fullmatch(r"\d+/\d+", detail):
        ended = detail in _ENDED or detail.startswith(("ExitCode", "Signal"))
        state = {"terminated": {"exitCode": 1, "reason": detail}} if ended else {"waiting": {"reason": detail}}
    return {"name": "#init", "ready": False, "restartCount": restarts, "state": state}


def deployment(row: Row, metadata: Raw, now: datetime) -> Raw:
    ready, wanted = _fraction(row.get("READY", ""))
    updated, available = _number(row.get("UP-TO-DATE", "")), _number(row.get("AVAILABLE", ""))
    if "DESIRED" in row:  # kubectl before 1.15
        ready, wanted = available, _number(row["DESIRED"])
    spec: Raw = {"replicas": wanted}
    if row.get("SELECTOR"):
        spec |= {
            "selector": {"matchLabels": _selector(row["SELECTOR"])},
            "template": {"metadata": {"labels": _selector(row["SELECTOR"])}},
        }
    return {
        "spec": spec,
        "status": {
            "replicas": max(updated, ready),
            "readyReplicas": ready,
            "updatedReplicas": updated,
            "availableReplicas": available,
        },
    }


def stateful_set(row: Row, metadata: Raw, now: datetime) -> Raw:
    ready, wanted = _fraction(row.get("READY", ""))
    return {"spec": {"replicas": wanted}, "status": {"replicas": ready, "readyReplicas": ready}}


def replica_set(row: Row, metadata: Raw, now: datetime) -> Raw:
    wanted, current, ready = (_number(row.get(name, "")) for name in ("DESIRED", "CURRENT", "READY"))
    found: Raw = {"spec": {"replicas": wanted}, "status": {"replicas": current, "readyReplicas": ready}}
    owner = re.fullmatch(r"(?P<name>.+)-(?P<hash>[bcdfghjklmnpqrstvwxz2456789]{6,10})", metadata["name"])
    if owner:
        metadata["ownerReferences"] = [{"kind": "Deployment", "name": owner["name"], "controller": True}]
    return found


def daemon_set(row: Row, metadata: Raw, now: datetime) -> Raw:
    wanted, current, ready, available = (
        _number(row.get(name, "")) for name in ("DESIRED", "CURRENT", "READY", "AVAILABLE")
    )
    chosen = selector(row.get("NODE SELECTOR", "")).get("matchLabels")
    return {
        "spec": {"template": {"spec": {"nodeSelector": chosen}}} if chosen else {},
        "status": {
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": current,
            "numberReady": ready,
            "numberUnavailable": wanted - available,
        },
    }


def job(row: Row, metadata: Raw, now: datetime) -> Raw:
    done, wanted = _fraction(row.get("COMPLETIONS", ""))
    status: Raw = {"succeeded": done}
    if row.get("STATUS") in {"Failed", "Complete"}:
        status["conditions"] = [{"type": row["STATUS"], "status": "True"}]
    return {"spec": {"completions": wanted or 1, "suspend": row.get("STATUS") == "Suspended"}, "status": status}


def cron_job(row: Row, metadata: Raw, now: datetime) -> Raw:
    return {
        "spec": {"schedule": row.get("SCHEDULE", ""), "suspend": row.get("SUSPEND") == "True"},
        "status": {"lastScheduleTime": ago(now, row.get("LAST SCHEDULE", ""))},
    }


def service(row: Row, metadata: Raw, now: datetime) -> Raw:
    spec: Raw = {"type": row.get("TYPE", "ClusterIP")}
    if row.get("CLUSTER-IP", "") not in _NONE:
        spec["clusterIP"] = row["CLUSTER-IP"]
    if spec["type"] == "ExternalName":
        spec["externalName"] = row.get("EXTERNAL-IP", "")
    addresses = row.get("EXTERNAL-IP", "").split(",") if spec["type"] == "LoadBalancer" else []
    given = [{"ip": address} for address in addresses if address not in {*_NONE, "<pending>"}]
    if row.get("SELECTOR"):
        spec["selector"] = _selector(row["SELECTOR"])
    ports = []
    for entry in row.get("PORT(S)", "").split(","):
        match = re.fullmatch(r"(\d{1,5})(?::(\d{1,5}))?/(\w+)", entry.strip())
        if match:
            ports.append({"port": int(match[1]), "nodePort": int(match[2] or 0), "protocol": match[3]})
    return {"spec": {**spec, "ports": ports}, "status": {"loadBalancer": {"ingress": given}}}


def endpoints(row: Row, metadata: Raw, now: datetime) -> Raw:
    text = row.get("ENDPOINTS", "")
    if text.strip() in _NONE:
        return {"subsets": []}
    by_port: dict[int, list[str]] = {}
    for entry in re.findall(r"(?<![0-9a-fA-F.:\[\]])([0-9a-fA-F.:\[\]]+?):(\d{1,5})(?=[,\s]|$)", text):
        by_port.setdefault(int(entry[1]), []).append(entry[0].strip("[]"))
    return {
        "subsets": [
            {"addresses": [{"ip": ip} for ip in ips], "ports": [{"port": port}]}
            for port, ips in sorted(by_port.items())
        ]
    }


def endpoint_slice(row: Row, metadata: Raw, now: datetime) -> Raw:
    name = re.sub(r"-[bcdfghjklmnpqrstvwxz2456789]{5}$", "", metadata["name"])
    metadata.setdefault("labels", {}).setdefault("kubernetes.io/service-name", name)
    addresses = [item for item in row.get("ENDPOINTS", "").split(" ")[0].split(",") if item not in _NONE]
    ports = [{"port": int(item)} for item in row.get("PORTS", "").split(",") if item.isdigit()]
    return {
        "addressType": row.get("ADDRESSTYPE", "IPv4"),
        "endpoints": [{"addresses": [item], "conditions": {}} for item in addresses],
        "ports": ports,
    }


def node(row: Row, metadata: Raw, now: datetime) -> Raw:
    parts = row.get("STATUS", "").split(",")
    ready = {"Ready": "True", "NotReady": "False"}.get(parts[0], "Unknown")
    for role in row.get("ROLES", "").split(","):
        if role not in _NONE:
            metadata.setdefault("labels", {})[f"node-role.kubernetes.io/{role}"] = ""
    status: Raw = {
        "conditions": [{"type": "Ready", "status": ready}],
        "nodeInfo": {
            "kubeletVersion": row.get("VERSION", ""),
            "containerRuntimeVersion": row.get("CONTAINER-RUNTIME", ""),
        },
    }
    if row.get("INTERNAL-IP", "") not in _NONE:
        status["addresses"] = [{"type": "InternalIP", "address": row["INTERNAL-IP"]}]
    return {"spec": {"unschedulable": True} if "SchedulingDisabled" in parts else {}, "status": status}


_MODES = {"RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWX": "ReadWriteMany", "RWOP": "ReadWriteOncePod"}


def claim(row: Row, metadata: Raw, now: datetime) -> Raw:
    modes = [_MODES.get(mode, mode) for mode in row.get("ACCESS MODES", "").split(",") if mode]
    spec: Raw = {"volumeName": row.get("VOLUME", "")}
    if row.get("STORAGECLASS", "") not in _NONE:
        spec["storageClassName"] = row["STORAGECLASS"]
    if modes:
        spec["accessModes"] = modes
    status: Raw = {"phase": row.get("STATUS", "")}
    if row.get("CAPACITY"):
        status["capacity"] = {"storage": row["CAPACITY"]}
    return {"spec": spec, "status": status}


def volume(row: Row, metadata: Raw, now: datetime) -> Raw:
    namespace, _, name = row.get("CLAIM", "").partition("/")
    spec: Raw = {
        "capacity": {"storage": row["CAPACITY"]} if row.get("CAPACITY") else {},
        "accessModes": [_MODES.get(mode, mode) for mode in row.get("ACCESS MODES", "").split(",") if mode],
        "persistentVolumeReclaimPolicy": row.get("RECLAIM POLICY", ""),
        "storageClassName": "" if row.get("STORAGECLASS", "") in _NONE else row["STORAGECLASS"],
    }
    if name:
        spec["claimRef"] = {"namespace": namespace, "name": name}
    return {"spec": spec, "status": {"phase": row.get("STATUS", ""), "reason": row.get("REASON", "")}}


def storage_class(row: Row, metadata: Raw, now: datetime) -> Raw:
    if row["NAME"].endswith("(default)"):
        metadata["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "provisioner": row.get("PROVISIONER", ""),
        "reclaimPolicy": row.get("RECLAIMPOLICY", "Delete"),
        "volumeBindingMode": row.get("VOLUMEBINDINGMODE", "Immediate"),
        "allowVolumeExpansion": row.get("ALLOWVOLUMEEXPANSION") == "true",
    }


def quota(row: Row, metadata: Raw, now: datetime) -> Raw:
    hard, used = {}, {}
    for name, left, right in re.findall(
        r"(?<![\w./-])([\w./-]+): ([\w.]+)/([\w.]+)", f"{row.get('REQUEST', '')}, {row.get('LIMIT', '')}"
    ):
        used[name], hard[name] = left, right
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def autoscaler(row: Row, metadata: Raw, now: datetime) -> Raw:
    kind, _, name = row.get("REFERENCE", "").partition("/")
    # One metric that has a value is enough for the controller to go on.
    targets = [part for part in row.get("TARGETS", "").split(",") if "more..." not in part]
    blind = bool(targets) and all("<unknown>" in part.partition("/")[0] for part in targets)
    conditions = (
        [{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": row["TARGETS"]}]
        if blind
        else []
    )
    highest, replicas = _number(row.get("MAXPODS", "")), _number(row.get("REPLICAS", ""))
    if 0 < highest <= replicas and any(is_beyond(part) for part in targets):
        limit = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": row["TARGETS"]}
        conditions.append(limit)
    return {
        "spec": {
            "scaleTargetRef": {"kind": kind_of(kind), "name": name},
            "minReplicas": _number(row.get("MINPODS", "1")),
            "maxReplicas": highest,
        },
        "status": {"currentReplicas": replicas, "conditions": conditions},
    }


def _amount(text: str) -> int | str | None:
    return None if text in {"", "N/A"} else int(text) if text.isdigit() else text


def budget(row: Row, metadata: Raw, now: datetime) -> Raw:
    return {
        "spec": {
            "minAvailable": _amount(row.get("MIN AVAILABLE", "")),
            "maxUnavailable": _amount(row.get("MAX UNAVAILABLE", "")),
        },
        "status": {"disruptionsAllowed": _number(row.get("ALLOWED DISRUPTIONS", ""))},
    }


def policy(row: Row, metadata: Raw, now: datetime) -> Raw:
    return {"spec": {"podSelector": selector(row.get("POD-SELECTOR", ""))}}


def namespace(row: Row, metadata: Raw, now: datetime) -> Raw:
    return {"status": {"phase": row.get("STATUS", "")}}


def api_service(row: Row, metadata: Raw, now: datetime) -> Raw:
    text = row.get("AVAILABLE", "")
    reason = re.search(r"\((\w+)\)", text)
    space, _, name = row.get("SERVICE", "").partition("/")
    return {
        "spec": {"service": {"namespace": space, "name": name} if name else None},
        "status": {
            "conditions": [
                {"type": "Available", "status": text.partition(" ")[0], "reason": reason[1] if reason else ""}
            ]
        },
    }


def certificate(row: Row, metadata: Raw, now: datetime) -> Raw:
    """Cert-manager's."""
    return {
        "apiVersion": "cert-manager.io/v1",
        "spec": {"secretName": row.get("SECRET", "")},
        "status": {"conditions": [{"type": "Ready", "status": row.get("READY", "")}]},
    }


ROWS: dict[str, Callable[[Row, Raw, datetime], Raw]] = {
    "Pod": pod,
    "Deployment": deployment,
    "StatefulSet": stateful_set,
    "ReplicaSet": replica_set,
    "DaemonSet": daemon_set,
    "Job": job,
    "CronJob": cron_job,
    "Service": service,
    "Endpoints": endpoints,
    "EndpointSlice": endpoint_slice,
    "Node": node,
    "PersistentVolumeClaim": claim,
    "PersistentVolume": volume,
    "StorageClass": storage_class,
    "ResourceQuota": quota,
    "HorizontalPodAutoscaler": autoscaler,
    "PodDisruptionBudget": budget,
    "NetworkPolicy": policy,
    "Namespace": namespace,
    "APIService": api_service,
    "Certificate": certificate,
}
