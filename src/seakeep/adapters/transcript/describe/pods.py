"""Pods and pod templates as describe prints them."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.transcript.describe.sections import (
    Section,
    Sections,
    below,
    blocks,
    number,
    pairs,
    split,
    table,
    text,
)
from seakeep.adapters.transcript.times import date

Raw = dict[str, Any]
# kubectl 1.37 writes the thresholds as the API names them.
_PROBE = re.compile(
    r"delay=(\d+)s timeout=(\d+)s period=(\d+)s (?:#success|successThreshold)=(\d+) (?:#failure|failureThreshold)=(\d+)"
)
_HTTP = re.compile(r"http-get (?P<scheme>https?)://(?P<host>[^:/\s]*):(?P<port>[\w-]*)(?P<path>\S*)")
_KEY_OF = re.compile(
    r"<set to the key '(?P<key>[^']*)' (?:in|of config map|in secret)\s*(?:(?P<kind>secret|of config map|config map)\s*)?'(?P<name>[^']*)'>\s*(?:Optional: (?P<optional>\w+))?"
)


def template(sections: Sections) -> Raw:
    """Spec fields that pods and templates share."""
    spec: Raw = {
        "containers": [container(name, lines) for name, lines in blocks(below(sections, "Containers")).items()],
        "initContainers": [
            container(name, lines) for name, lines in blocks(below(sections, "Init Containers")).items()
        ],
        "volumes": [volume(name, lines) for name, lines in blocks(below(sections, "Volumes")).items()],
        "nodeSelector": pairs(sections.get("Node-Selectors")),
        "tolerations": [
            found
            for entry in (sections["Tolerations"].all if "Tolerations" in sections else ())
            if (found := toleration(entry))
        ],
        "serviceAccountName": text(sections, "Service Account"),
        "priorityClassName": text(sections, "Priority Class Name"),
    }
    constraints = sections.get("Topology Spread Constraints")
    if constraints and constraints.all:
        spec["topologySpreadConstraints"] = [found for entry in constraints.all if (found := _spread(entry))]
    return spec


def pod(sections: Sections) -> Raw:
    """The whole object but for its name."""
    spec = template(sections)
    node = text(sections, "Node").partition("/")[0]
    if node:
        spec["nodeName"] = node
    if text(sections, "Priority"):
        spec["priority"] = number(text(sections, "Priority"))
    phase = text(sections, "Status")
    status: Raw = {
        "phase": phase.partition(" ")[0] if not phase.startswith("Terminating") else "Running",
        "reason": text(sections, "Reason"),
        "message": text(sections, "Message"),
        "podIP": text(sections, "IP"),
        "qosClass": text(sections, "QoS Class"),
        "nominatedNodeName": text(sections, "NominatedNodeName"),
        "startTime": date(text(sections, "Start Time")),
        "conditions": conditions(sections),
        "containerStatuses": statuses(below(sections, "Containers")),
        "initContainerStatuses": statuses(below(sections, "Init Containers")),
    }
    metadata: Raw = {
        "ownerReferences": owners(sections),
        "labels": pairs(sections.get("Labels")),
        "annotations": pairs(sections.get("Annotations"), ":"),
    }
    if phase.startswith("Terminating"):
        metadata["deletionTimestamp"] = phase  # `Terminating (lasts 7h12m)`: since its grace period ended
    return {"metadata": metadata, "spec": spec, "status": status}


def owners(sections: Sections) -> list[Raw]:
    kind, _, name = text(sections, "Controlled By").partition("/")
    return [{"kind": kind, "name": name, "controller": True}] if name else []


def conditions(sections: Sections) -> list[Raw]:
    rows = table(below(sections, "Conditions"))
    return [
        {
            "type": row.get("Type", ""),
            "status": row.get("Status", ""),
            "reason": row.get("Reason", ""),
            "message": row.get("Message", ""),
            "lastTransitionTime": date(row.get("LastTransitionTime", "")),
            "lastHeartbeatTime": date(row.get("LastHeartbeatTime", "")),
        }
        for row in rows
    ]


def container(name: str, lines: list[str]) -> Raw:
    sections = split(lines)
    found: Raw = {
        "name": name,
        "image": text(sections, "Image"),
        "command": sections["Command"].all if "Command" in sections else [],
        "args": sections["Args"].all if "Args" in sections else [],
        "ports": _ports(sections),
        "resources": {"requests": pairs(sections.get("Requests"), ":"), "limits": pairs(sections.get("Limits"), ":")},
        "env": [variable for line in below(sections, "Environment") if (variable := _variable(line))],
        "envFrom": [source for line in (below(sections, "Environment Variables from")) if (source := _env_from(line))],
        "volumeMounts": [mount for line in below(sections, "Mounts") if (mount := _mount(line))],
    }
    if text(sections, "Restart Policy"):
        found["restartPolicy"] = text(sections, "Restart Policy")
    for key, name_of in (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")):
        probe = _probe(text(sections, key))
        if probe:
            found[name_of] = probe
    return found


def _ports(sections: Sections) -> list[Raw]:
    found: list[Raw] = []
    hosts = (text(sections, "Host Ports") or text(sections, "Host Port")).split(",")
    for position, entry in enumerate((text(sections, "Ports") or text(sections, "Port")).split(",")):
        match = re.search(r"(\d{1,5})(?:\s*\((?P<name>[\w-]+)\))?/(\w+)(?:\s*\((?P<after>[\w-]+)\))?", entry)
        if match:
            port: Raw = {"containerPort": int(match[1]), "protocol": match[3]}
            label = match["name"] or match["after"]
            if label:
                port["name"] = label
            if position < len(hosts) and number(hosts[position].partition("/")[0]):
                port["hostPort"] = number(hosts[position].partition("/")[0])
            found.append(port)
    return found


def _probe(value: str) -> Raw | None:
    times = _PROBE.search(value)
    if not times:
        return None
    delay, timeout, period, success, failure = (int(item) for item in times.groups())
    found: Raw = {
        "initialDelaySeconds": delay,
        "timeoutSeconds": timeout,
        "periodSeconds": period,
        "successThreshold": success,
        "failureThreshold": failure,
    }
    http = _HTTP.search(value)
    if http:
        found["httpGet"] = {
            "scheme": http["scheme"].upper(),
            "host": http["host"],
            "port": _port(http["port"]),
            "path": http["path"],
        }
    elif match := re.search(r"tcp-socket (?P<host>[^:\s]*):(?P<port>[\w-]+)", value):
        found["tcpSocket"] = {"host": match["host"], "port": _port(match["port"])}
    elif match := re.search(r"grpc <pod>:(?P<port>\d+)(?:\s+service=(?P<service>\S+))?", value):
        found["grpc"] = {"port": int(match["port"]), "service": match["service"] or ""}
    elif match := re.search(r"exec \[(?P<command>.*?)\] delay=", value):
        found["exec"] = {"command": match["command"].split(" ")}
    return found


def _port(value: str) -> int | str:
    return int(value) if value.isdigit() else value


def _variable(line: str) -> Raw | None:
    name, mark, value = line.strip().partition(":")
    if not mark or not re.fullmatch(r"[\w.-]+", name):
        return None
    value = value.strip()
    if match := _KEY_OF.search(value):
        kind = "configMapKeyRef" if "config map" in value else "secretKeyRef"
        return {
            "name": name,
            "valueFrom": {kind: {"name": match["name"], "key": match["key"], "optional": match["optional"] == "true"}},
        }
    if match := re.match(r"\s*\((?P<api>v1):(?P<path>[\w.\[\]'/-]+)\)$", value):
        return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": match["path"]}}}
    if match := re.match(r"(?P<value>\S*)\s*\((?P<resource>(?:limits|requests)\.[\w.-]+)\)$", value):
        return {"name": name, "valueFrom": {"resourceFieldRef": {"resource": match["resource"]}}}
    return {"name": name, "value": value}


def _env_from(line: str) -> Raw | None:
    match = re.match(
        r"\s*(?P<name>\S+)\s+(?P<kind>ConfigMap|Secret)(?:\s+with prefix '(?P<prefix>[^']*)')?\s*(?:Optional: (?P<optional>\w+))?",
        line,
    )
    if not match:
        return None
    key = "configMapRef" if match["kind"] == "ConfigMap" else "secretRef"
    return {"prefix": match["prefix"] or "", key: {"name": match["name"], "optional": match["optional"] == "true"}}


def _mount(line: str) -> Raw | None:
    match = re.match(r"\s*(?P<path>.+?) from (?P<name>\S+) \((?P<mode>[^)]*)\)", line)
    if not match:
        return None
    sub = re.search(r'path="([^"]*)"', match["mode"])
    return {
        "name": match["name"],
        "mountPath": match["path"],
        "readOnly": match["mode"].startswith("ro"),
        "subPath": sub[1] if sub else "",
    }


def volume(name: str, lines: list[str]) -> Raw:
    sections = split(lines)
    kind = text(sections, "Type").partition(" ")[0]
    optional = text(sections, "Optional") == "true"
    match kind:
        case "ConfigMap":
            return {"name": name, "configMap": {"name": text(sections, "Name"), "optional": optional}}
        case "Secret":
            return {"name": name, "secret": {"secretName": text(sections, "SecretName"), "optional": optional}}
        case "PersistentVolumeClaim":
            return {
                "name": name,
                "persistentVolumeClaim": {
                    "claimName": text(sections, "ClaimName"),
                    "readOnly": text(sections, "ReadOnly") == "true",
                },
            }
        case "EmptyDir":
            return {
                "name": name,
                "emptyDir": {"medium": text(sections, "Medium"), "sizeLimit": text(sections, "SizeLimit") or None},
            }
        case "HostPath":
            return {"name": name, "hostPath": {"path": text(sections, "Path"), "type": text(sections, "HostPathType")}}
        case "Projected":
            sources: list[Raw] = []
            if text(sections, "ConfigMapName"):
                sources.append(
                    {
                        "configMap": {
                            "name": text(sections, "ConfigMapName"),
                            "optional": text(sections, "ConfigMapOptional") == "true",
                        }
                    }
                )
            if text(sections, "SecretName"):
                sources.append(
                    {
                        "secret": {
                            "name": text(sections, "SecretName"),
                            "optional": text(sections, "SecretOptionalName") == "true",
                        }
                    }
                )
            return {"name": name, "projected": {"sources": sources}}
    return {"name": name}


def toleration(entry: str) -> Raw | None:
    match = re.match(
        r"(?P<key>[^:=\s]*)(?:=(?P<value>[^:\s]*))?(?::(?P<effect>\w+))?(?:\s+op=(?P<operator>\w+))?(?:\s+for (?P<seconds>\d+)s)?",
        entry.strip(),
    )
    if not match or entry.strip() in {"", "<none>"}:
        return None
    operator = match["operator"] or ("Equal" if match["value"] else "Exists")
    found: Raw = {
        "key": match["key"],
        "operator": operator,
        "value": match["value"] or "",
        "effect": match["effect"] or "",
    }
    if match["seconds"]:
        found["tolerationSeconds"] = int(match["seconds"])
    return found


def _spread(entry: str) -> Raw | None:
    match = re.match(
        r"(?P<key>\S+?):(?P<when>\w+) when max skew (?P<skew>\d+) is exceeded(?: for selector (?P<selector>.*))?", entry
    )
    if not match:
        return None
    labels = dict(pair.partition("=")[::2] for pair in (match["selector"] or "").split(",") if "=" in pair)
    return {
        "topologyKey": match["key"],
        "whenUnsatisfiable": match["when"],
        "maxSkew": int(match["skew"]),
        "labelSelector": {"matchLabels": labels},
    }


def statuses(lines: list[str]) -> list[Raw]:
    found: list[Raw] = []
    for name, inner in blocks(lines).items():
        sections = split(inner)
        if not {"State", "Last State", "Ready"} & sections.keys():
            continue
        found.append(
            {
                "name": name,
                "ready": text(sections, "Ready") == "True" if "Ready" in sections else None,
                "restartCount": number(text(sections, "Restart Count")) if "Restart Count" in sections else None,
                "state": _state(sections.get("State")),
                "lastState": _state(sections.get("Last State")),
                "image": text(sections, "Image"),
            }
        )
    return found


def _state(section: Section | None) -> Raw:
    if section is None or not section.value:
        return {}
    inner = split(section.lines)
    match section.value:
        case "Waiting":
            return {"waiting": {"reason": text(inner, "Reason"), "message": text(inner, "Message")}}
        case "Running":
            return {"running": {"startedAt": date(text(inner, "Started"))}}
        case "Terminated":
            return {
                "terminated": {
                    "reason": text(inner, "Reason"),
                    "message": " ".join(inner["Message"].all) if "Message" in inner else "",
                    "exitCode": number(text(inner, "Exit Code")),
                    "signal": number(text(inner, "Signal")),
                    "startedAt": date(text(inner, "Started")),
                    "finishedAt": date(text(inner, "Finished")),
                }
            }
    return {}
