"""Every other kind, and which kind a description is of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from seakeep.adapters.transcript.describe import certificates, config_maps, pods, policies
from seakeep.adapters.transcript.describe.sections import Sections, number, pairs, split, table, text
from seakeep.adapters.transcript.describe.selectors import selector
from seakeep.adapters.transcript.times import ago, date, fingerprint
from seakeep.model.pattern import late

Raw = dict[str, Any]
_MODES = {"RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWX": "ReadWriteMany", "RWOP": "ReadWriteOncePod"}
# Keys that only the description of one kind has, asked in this order.
_SIGNS = (
    ("Pod", {"Controlled By", "QoS Class"}),
    ("Pod", {"Containers", "Conditions", "QoS Class"}),
    ("Pod", {"Node", "Status", "IP", "Containers"}),
    ("Deployment", {"StrategyType", "Replicas"}),
    ("StatefulSet", {"Replicas", "Update Strategy", "Pods Status"}),
    ("StatefulSet", {"Volume Claims", "Pods Status"}),
    ("DaemonSet", {"Desired Number of Nodes Scheduled"}),
    ("CronJob", {"Schedule", "Concurrency Policy"}),
    ("Job", {"Parallelism", "Completions"}),
    ("ReplicaSet", {"Replicas", "Pods Status"}),
    ("Node", {"Allocatable", "Capacity", "System Info"}),
    ("Service", {"Type", "TargetPort"}),
    ("Service", {"Type", "Session Affinity"}),
    ("PersistentVolumeClaim", {"StorageClass", "Used By"}),
    ("PersistentVolumeClaim", {"StorageClass", "Access Modes", "VolumeMode", "Volume"}),
    ("PersistentVolume", {"Reclaim Policy", "Claim"}),
    ("StorageClass", {"Provisioner", "VolumeBindingMode"}),
    ("EndpointSlice", {"AddressType"}),
    ("Endpoints", {"Subsets"}),
    ("HorizontalPodAutoscaler", {"Min replicas", "Max replicas"}),
    ("NetworkPolicy", {"Spec", "Created on"}),
    ("Ingress", {"Rules", "Default backend"}),
    ("PodDisruptionBudget", {"Min available", "Status"}),
    ("PodDisruptionBudget", {"Max unavailable", "Status"}),
    ("ServiceAccount", {"Mountable secrets"}),
    ("Namespace", {"Status", "Labels"}),
)


def described(output: str, kinds: tuple[str, ...], namespace: str, now: datetime) -> Iterator[Raw]:
    """Objects of one or several descriptions, and their events. The first line of each is `Name:`."""
    for lines in _documents(output.replace("\t", "    ")):
        sections = split(lines)
        name = text(sections, "Name")
        kind = kinds[0] if len(kinds) == 1 else _kind(sections)
        if not name or not kind:
            continue
        where = text(sections, "Namespace") or namespace or "default"
        convert = CONVERT.get(kind, _generic)
        found = convert(sections)
        if kind == "Pod" and "Events" not in sections and not found["status"].get("conditions"):
            # Cut off before the events: whether a scheduler has looked at it was not shown.
            found["status"]["conditions"] = [{"type": "PodScheduled", "status": "Unknown"}]
        if kind == "ConfigMap":
            found["data"] = config_maps.data(lines)
        if kind == "Certificate":
            found |= certificates.certificate(lines)
        metadata = {
            "labels": pairs(sections.get("Labels")),
            "annotations": pairs(sections.get("Annotations"), ":"),
            **found.pop("metadata", {}),
        }
        created = date(
            text(sections, "CreationTimestamp") or text(sections, "Created on") or text(sections, "Start Time")
        )
        if gone := metadata.get("deletionTimestamp"):
            metadata["deletionTimestamp"] = ago(now, gone) or now.isoformat()
        yield {
            "kind": kind,
            **found,
            "metadata": {**metadata, "name": name, "namespace": where, "creationTimestamp": created},
        }
        yield from events(sections, kind, where, name, now)
        if kind == "Service":
            yield from _endpoints(sections, name, where)
        if kind == "Namespace":
            yield from _quotas(lines, name)
        if kind == "Node":
            yield from _pods_of_node(sections, name)


def _documents(output: str) -> list[list[str]]:
    found: list[list[str]] = []
    for line in output.splitlines():
        if line.startswith("Name:"):
            found.append([])
        if found:
            found[-1].append(line)
    return found


def _kind(sections: Sections) -> str:
    return next((kind for kind, keys in _SIGNS if keys <= sections.keys()), "")


def _generic(sections: Sections) -> Raw:
    return {"apiVersion": text(sections, "API Version")}


def template(sections: Sections) -> Raw:
    """A workload's pod template."""
    holder = sections.get("Pod Template")
    inner = split(holder.lines) if holder else sections
    return {
        "metadata": {"labels": pairs(inner.get("Labels")), "annotations": pairs(inner.get("Annotations"), ":")},
        "spec": pods.template(inner),
    }


def _strategy(sections: Sections, key: str) -> Raw:
    rolling = text(sections, "RollingUpdateStrategy")
    found: Raw = {"type": text(sections, key) or "RollingUpdate"}
    if match := re.match(r"(\S+) max unavailable, (\S+) max surge", rolling):
        found["rollingUpdate"] = {"maxUnavailable": _amount(match[1]), "maxSurge": _amount(match[2])}
    return found


def _amount(value: str) -> int | str:
    return int(value) if value.isdigit() else value


def _deployment(sections: Sections) -> Raw:
    replicas = text(sections, "Replicas")
    counts = {
        word: int(amount)
        for amount, word in re.findall(r"(\d{1,9}) (desired|updated|total|available|unavailable)", replicas)
    }
    return {
        "spec": {
            "replicas": counts.get("desired"),
            "selector": selector(text(sections, "Selector")),
            "template": template(sections),
            "strategy": _strategy(sections, "StrategyType"),
        },
        "status": {
            "replicas": counts.get("total", 0),
            "updatedReplicas": counts.get("updated", 0),
            "readyReplicas": counts.get("available", 0),
            "availableReplicas": counts.get("available", 0),
            "unavailableReplicas": counts.get("unavailable", 0),
            "conditions": pods.conditions(sections),
        },
    }


def _set(sections: Sections) -> Raw:
    """ReplicaSet and StatefulSet."""
    shown = re.match(r"(\d*)\s*(?:current / )?(\d*)", text(sections, "Replicas"))
    current, wanted = shown.groups() if shown else ("", "")
    desired = number(wanted or current) if "desired" in text(sections, "Replicas") else None
    running = re.search(r"(\d{1,9}) Running", text(sections, "Pods Status"))
    return {
        "metadata": {"ownerReferences": pods.owners(sections)},
        "spec": {
            "replicas": desired,
            "selector": selector(text(sections, "Selector")),
            "template": template(sections),
            "podManagementPolicy": text(sections, "Pod Management Policy") or "OrderedReady",
        },
        "status": {
            "replicas": number(current) if current else 0,
            "readyReplicas": int(running[1]) if running else 0,
            "conditions": pods.conditions(sections),
        },
    }


def _daemon_set(sections: Sections) -> Raw:
    wanted = number(text(sections, "Desired Number of Nodes Scheduled"))
    available = number(text(sections, "Number of Nodes Scheduled with Available Pods"))
    return {
        "spec": {"selector": selector(text(sections, "Selector")), "template": template(sections)},
        "status": {
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": number(text(sections, "Current Number of Nodes Scheduled")),
            "numberReady": available,
            "numberUnavailable": wanted - available,
        },
    }


def _job(sections: Sections) -> Raw:
    counts = {
        word.lower(): int(amount)
        for amount, word in re.findall(
            r"(\d{1,9}) (?:\(\d+ ready\) )?/? ?(Active|Ready|Succeeded|Failed)", text(sections, "Pods Statuses")
        )
    }
    if match := re.match(
        r"(\d+) Active \((\d+) Ready\) / (\d+) Succeeded / (\d+) Failed", text(sections, "Pods Statuses")
    ):
        counts = dict(zip(("active", "ready", "succeeded", "failed"), map(int, match.groups()), strict=True))
    conditions = pods.conditions(sections)
    events = sections["Events"].lines if "Events" in sections else []
    if not conditions and any("BackoffLimitExceeded" in line for line in events):
        conditions = [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]
    return {
        "metadata": {"ownerReferences": pods.owners(sections)},
        "spec": {
            "parallelism": number(text(sections, "Parallelism")),
            "completions": number(text(sections, "Completions")) or None,
            "backoffLimit": number(text(sections, "Backoff Limit")) if text(sections, "Backoff Limit") else 6,
            "suspend": text(sections, "Suspend") == "true",
            "template": template(sections),
        },
        "status": {
            **counts,
            "startTime": date(text(sections, "Start Time")),
            "completionTime": date(text(sections, "Completed At")),
            "conditions": conditions,
        },
    }


def _cron_job(sections: Sections) -> Raw:
    return {
        "spec": {
            "schedule": text(sections, "Schedule"),
            "suspend": text(sections, "Suspend") == "True",
            "concurrencyPolicy": text(sections, "Concurrency Policy"),
            "jobTemplate": {"spec": {"template": template(sections)}},
        }
    }


def _service(sections: Sections) -> Raw:
    ports: list[Raw] = []
    for line in _repeated(sections, "Port"):
        match = re.match(r"(?P<name>\S+)?\s*(?P<port>\d{1,5})/(?P<protocol>\w+)", line)
        if match:
            ports.append(
                {
                    "name": "" if match["name"] in {None, "<unset>"} else match["name"],
                    "port": int(match["port"]),
                    "protocol": match["protocol"],
                }
            )
    targets = _repeated(sections, "TargetPort")
    for port, target in zip(ports, targets, strict=False):
        port["targetPort"] = _amount(target.partition("/")[0])
    spec: Raw = {
        "type": text(sections, "Type") or "ClusterIP",
        "selector": pairs(sections.get("Selector")),
        "clusterIP": text(sections, "IP"),
        "externalName": text(sections, "External Name"),
        "sessionAffinity": text(sections, "Session Affinity"),
        "internalTrafficPolicy": text(sections, "Internal Traffic Policy"),
        "externalTrafficPolicy": text(sections, "External Traffic Policy"),
        "ports": ports,
    }
    return {"spec": spec}


def _repeated(sections: Sections, key: str) -> list[str]:
    return [value for value in sections[key].values if value] if key in sections else []


def _endpoints(sections: Sections, name: str, namespace: str) -> Iterator[Raw]:
    """The `Endpoints:` lines of a Service, one per port; the new form counts further ones (`+ 2 more...`)."""
    if "Endpoints" not in sections:
        return
    subsets: list[Raw] = []
    for line in _repeated(sections, "Endpoints"):
        for address, port in re.findall(r"([0-9a-fA-F.:\[\]]+?):(\d{1,5})(?=[,\s]|$)", line):
            subsets.append({"addresses": [{"ip": address.strip("[]")}], "ports": [{"port": int(port)}]})
    yield {"kind": "Endpoints", "metadata": {"name": name, "namespace": namespace}, "subsets": subsets}


def _endpoints_object(sections: Sections) -> Raw:
    subsets: list[Raw] = []
    body = sections["Subsets"].lines if "Subsets" in sections else []
    current: Raw = {}
    for line in body:
        key, _, value = line.strip().partition(":")
        if key in {"Addresses", "NotReadyAddresses"}:
            if key == "Addresses":
                current = {"ports": []}
                subsets.append(current)
            current["addresses" if key == "Addresses" else "notReadyAddresses"] = [
                {"ip": item.strip()} for item in value.split(",") if item.strip() not in {"", "<none>"}
            ]
        elif match := re.match(r"(\S+)\s+(\d{1,5})\s+(TCP|UDP|SCTP)", line.strip()):
            current.setdefault("ports", []).append(
                {"name": "" if match[1] == "<unset>" else match[1], "port": int(match[2]), "protocol": match[3]}
            )
    return {"subsets": subsets}


def _endpoint_slice(sections: Sections) -> Raw:
    body = sections["Endpoints"].lines if "Endpoints" in sections else []
    endpoints: list[Raw] = []
    for line in body:
        key, _, value = line.strip().lstrip("- ").partition(":")
        if key == "Addresses":
            endpoints.append({"addresses": [item.strip() for item in value.split(",")], "conditions": {}})
        elif key == "Ready" and endpoints:
            endpoints[-1]["conditions"]["ready"] = value.strip() == "true"
        elif key == "TargetRef" and endpoints and "/" in value:
            kind, _, name = value.strip().partition("/")
            endpoints[-1]["targetRef"] = {"kind": kind, "name": name}
    ports = [
        {
            "name": row.get("Name", "").replace("<unset>", ""),
            "port": number(row.get("Port", "")),
            "protocol": row.get("Protocol", "TCP"),
        }
        for row in table(sections["Ports"].lines if "Ports" in sections else [])
    ]
    return {"addressType": text(sections, "AddressType"), "endpoints": endpoints, "ports": ports}


def _node(sections: Sections) -> Raw:
    taints = []
    for entry in sections["Taints"].all if "Taints" in sections else ():
        match = re.match(r"(?P<key>[^=:\s]+)(?:=(?P<value>[^:]*))?:(?P<effect>\w+)", entry)
        if match:
            taints.append({"key": match["key"], "value": match["value"] or "", "effect": match["effect"]})
    info = pairs(sections.get("System Info"), ":")
    addresses = pairs(sections.get("Addresses"), ":")
    return {
        "spec": {
            "taints": taints,
            "unschedulable": text(sections, "Unschedulable") == "true",
            "podCIDR": text(sections, "PodCIDR"),
        },
        "status": {
            "conditions": pods.conditions(sections),
            "capacity": pairs(sections.get("Capacity"), ":"),
            "allocatable": pairs(sections.get("Allocatable"), ":"),
            "addresses": [{"type": key, "address": value} for key, value in addresses.items()],
            "nodeInfo": {
                "architecture": info.get("Architecture", ""),
                "kubeletVersion": info.get("Kubelet Version", ""),
                "containerRuntimeVersion": info.get("Container Runtime Version", ""),
                "osImage": info.get("OS Image", ""),
            },
        },
    }


def _pods_of_node(sections: Sections, node: str) -> Iterator[Raw]:
    """The pods that a node's description lists, with their requests: known by name and place only."""
    for row in table(sections["Non-terminated Pods"].lines if "Non-terminated Pods" in sections else []):
        if not row.get("Name") or not row.get("Namespace"):
            continue
        requests = {
            key: row.get(column, "").partition(" ")[0]
            for key, column in (("cpu", "CPU Requests"), ("memory", "Memory Requests"))
        }
        limits = {
            key: row.get(column, "").partition(" ")[0]
            for key, column in (("cpu", "CPU Limits"), ("memory", "Memory Limits"))
        }
        yield {
            "kind": "Pod",
            "named": True,
            "metadata": {"name": row["Name"], "namespace": row["Namespace"]},
            "spec": {
                "nodeName": node,
                "containers": [
                    {"name": "#node", "resources": {"requests": _set_only(requests), "limits": _set_only(limits)}}
                ],
            },
        }


def _set_only(amounts: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in amounts.items() if value not in {"", "0"}}


def _claim(sections: Sections) -> Raw:
    spec: Raw = {
        "volumeName": text(sections, "Volume"),
        "accessModes": [_MODES.get(mode, mode) for mode in text(sections, "Access Modes").split(",") if mode],
        "volumeMode": text(sections, "VolumeMode") or "Filesystem",
        "storageClassName": text(sections, "StorageClass") or None,
    }
    return {
        "metadata": {"finalizers": re.findall(r"[\w./-]+", text(sections, "Finalizers"))},
        "spec": spec,
        "status": {
            "phase": text(sections, "Status").partition(" ")[0],
            "capacity": {"storage": text(sections, "Capacity")} if text(sections, "Capacity") else {},
            "conditions": pods.conditions(sections),
        },
    }


def _volume(sections: Sections) -> Raw:
    namespace, _, name = text(sections, "Claim").partition("/")
    return {
        "spec": {
            "capacity": {"storage": text(sections, "Capacity")} if text(sections, "Capacity") else {},
            "accessModes": [_MODES.get(mode, mode) for mode in text(sections, "Access Modes").split(",") if mode],
            "storageClassName": text(sections, "StorageClass"),
            "persistentVolumeReclaimPolicy": text(sections, "Reclaim Policy"),
            "claimRef": {"namespace": namespace, "name": name} if name else None,
        },
        "status": {"phase": text(sections, "Status").partition(" ")[0], "message": text(sections, "Message")},
    }


def _storage_class(sections: Sections) -> Raw:
    found: Raw = {
        "provisioner": text(sections, "Provisioner"),
        "reclaimPolicy": text(sections, "ReclaimPolicy"),
        "volumeBindingMode": text(sections, "VolumeBindingMode"),
        "allowVolumeExpansion": text(sections, "AllowVolumeExpansion") == "True",
    }
    if text(sections, "IsDefaultClass") == "Yes":
        found["metadata"] = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    return found


def _namespace(sections: Sections) -> Raw:
    return {"status": {"phase": text(sections, "Status").partition(" ")[0]}}


def _quota_of(rows: list[dict[str, str]]) -> Raw:
    hard = {row["Resource"]: row.get("Hard", "") for row in rows if row.get("Resource")}
    used = {row["Resource"]: row.get("Used", "") for row in rows if row.get("Resource")}
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def _quota(sections: Sections) -> Raw:
    lines = [f"{key}  {section.value}" for key, section in sections.items() if key == "Resource"]
    body = sections.get("Namespace")
    return _quota_of(table(body.lines if body else lines))


def _quotas(lines: list[str], namespace: str) -> Iterator[Raw]:
    """The quotas at the end of a namespace's description."""
    name, body = "", list[str]()
    inside = False
    for line in [*lines, "Resource Limits"]:
        if line.startswith("Resource Quotas"):
            inside = True
        elif (inside and (match := re.match(r"\s*Name:\s+(\S+)", line))) or line.startswith(
            ("Resource Limits", "No LimitRange")
        ):
            if name:
                yield {
                    "kind": "ResourceQuota",
                    "metadata": {"name": name, "namespace": namespace},
                    **_quota_of(table(body)),
                }
            name, body = (
                (match[1] if inside and not line.startswith(("Resource Limits", "No LimitRange")) and match else ""),
                [],
            )
        elif name and not line.strip().startswith("Scopes"):
            body.append(line)


def _autoscaler(sections: Sections) -> Raw:
    kind, _, name = text(sections, "Reference").partition("/")
    return {
        "spec": {
            "scaleTargetRef": {"kind": kind, "name": name},
            "minReplicas": number(text(sections, "Min replicas")),
            "maxReplicas": number(text(sections, "Max replicas")),
            "metrics": [found for line in _below(sections, "Metrics") if (found := _metric(line))],
        },
        "status": {
            "currentReplicas": next(
                (number(section.value) for key, section in sections.items() if key.endswith(" pods")), 0
            ),
            "conditions": pods.conditions(sections),
        },
    }


def _below(sections: Sections, key: str) -> list[str]:
    return sections[key].lines if key in sections else []


def _metric(line: str) -> Raw | None:
    """A line such as `resource cpu of container "app" on pods  (as a percentage of request):  <unknown> / 80%`."""
    match = re.match(
        r"\s*resource (?P<name>[\w.-]+)(?: of container \"(?P<container>[^\"]+)\")? on pods(?P<share>\s+\(as a percentage of request\))?:",
        line,
    )
    if match is None:
        named = re.match(r'\s*"(?P<name>[^"]+)"(?P<pods> on pods)?', line)
        if named is None:
            return None
        key = "Pods" if named["pods"] else "External"
        return {"type": key, key.lower(): {"metric": {"name": named["name"]}}}
    key = "ContainerResource" if match["container"] else "Resource"
    found: Raw = {"name": match["name"], "target": {"type": "Utilization" if match["share"] else "AverageValue"}}
    if match["container"]:
        found["container"] = match["container"]
    return {"type": key, key[0].lower() + key[1:]: found}


def _api_service(sections: Sections) -> Raw:
    spec = split(_below(sections, "Spec"))
    service = split(spec["Service"].lines) if "Service" in spec else {}
    status = split(_below(sections, "Status"))
    conditions = split(status["Conditions"].lines) if "Conditions" in status else {}
    return {
        "spec": {
            "group": text(spec, "Group"),
            "version": text(spec, "Version"),
            "service": {"name": text(service, "Name"), "namespace": text(service, "Namespace")} if service else None,
        },
        "status": {
            "conditions": [
                {
                    "type": kind,
                    "status": _nth(conditions, "Status", position),
                    "reason": _nth(conditions, "Reason", position),
                    "message": _nth(conditions, "Message", position),
                    "lastTransitionTime": date(_nth(conditions, "Last Transition Time", position)),
                }
                for position, kind in enumerate(conditions["Type"].values if "Type" in conditions else ())
            ]
        },
    }


def _nth(sections: Sections, key: str, position: int) -> str:
    values = sections[key].values if key in sections else []
    return values[position] if position < len(values) else ""


def _budget(sections: Sections) -> Raw:
    status = split(sections["Status"].lines) if "Status" in sections else {}
    available, unavailable = text(sections, "Min available"), text(sections, "Max unavailable")
    return {
        "spec": {
            "minAvailable": _amount(available) if available not in {"", "N/A"} else None,
            "maxUnavailable": _amount(unavailable) if unavailable not in {"", "N/A"} else None,
            "selector": selector(text(sections, "Selector")),
        },
        "status": {
            "disruptionsAllowed": number(text(status, "Allowed disruptions")),
            "currentHealthy": number(text(status, "Current")),
            "desiredHealthy": number(text(status, "Desired")),
            "expectedPods": number(text(status, "Total")),
        },
    }


# A row whose gaps a chat closed to one space.
_CLOSE_EVENT = late(
    r"\s*(?P<Type>Normal|Warning) (?P<Reason>[A-Z]\w+) (?P<Age>\d\w*(?: \(x\d+ over \w+\))?) (?P<From>\S+) (?P<Message>\S.*)"
)


def events(sections: Sections, kind: str, namespace: str, name: str, now: datetime) -> Iterator[Raw]:
    """The rows of the table at the end of a description."""
    lines = sections["Events"].lines if "Events" in sections else []
    close = [match.groupdict() for line in lines if (match := _CLOSE_EVENT.fullmatch(line))]
    for row in close or table(lines):
        seen = row.get("Age", "")
        times = re.search(r"\(x(\d+) over", seen)
        yield {
            "kind": "Event",
            "metadata": {"name": f"{name}.{row.get('Reason', '')}.{fingerprint(row):x}", "namespace": namespace},
            "involvedObject": {"kind": kind, "name": name, "namespace": "" if kind == "Node" else namespace},
            "type": row.get("Type", ""),
            "reason": row.get("Reason", ""),
            "message": row.get("Message", ""),
            "count": int(times[1][:9]) if times else 1,
            "lastTimestamp": ago(now, seen.partition("(")[0]),
            "source": {"component": row.get("From", "").partition(",")[0]},
        }


CONVERT: dict[str, Callable[[Sections], Raw]] = {
    "Pod": pods.pod,
    "Deployment": _deployment,
    "ReplicaSet": _set,
    "StatefulSet": _set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Endpoints": _endpoints_object,
    "EndpointSlice": _endpoint_slice,
    "NetworkPolicy": policies.policy,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "StorageClass": _storage_class,
    "Namespace": _namespace,
    "ResourceQuota": _quota,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "APIService": _api_service,
}
