"""Services, their endpoints, and APIServices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seakeep.adapters.transcript.describe.sections import Sections, amount, below, number, pairs, split, table, text
from seakeep.adapters.transcript.times import date

Raw = dict[str, Any]


def service(sections: Sections) -> Raw:
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
        port["targetPort"] = amount(target.partition("/")[0])
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
    given = re.findall(r"[^\s,()]+(?= \(|,|$)", text(sections, "LoadBalancer Ingress"))
    return {"spec": spec, "status": {"loadBalancer": {"ingress": [{"ip": address} for address in given]}}}


def _repeated(sections: Sections, key: str) -> list[str]:
    return [value for value in sections[key].values if value] if key in sections else []


def endpoints(sections: Sections, name: str, namespace: str) -> Iterator[Raw]:
    """The `Endpoints:` lines of a Service, one per port; the new form counts further ones (`+ 2 more...`)."""
    if "Endpoints" not in sections:
        return
    subsets: list[Raw] = []
    for line in _repeated(sections, "Endpoints"):
        for address, port in re.findall(r"([0-9a-fA-F.:\[\]]+?):(\d{1,5})(?=[,\s]|$)", line):
            subsets.append({"addresses": [{"ip": address.strip("[]")}], "ports": [{"port": int(port)}]})
    yield {"kind": "Endpoints", "metadata": {"name": name, "namespace": namespace}, "subsets": subsets}


def endpoints_object(sections: Sections) -> Raw:
    subsets: list[Raw] = []
    body = below(sections, "Subsets")
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


def endpoint_slice(sections: Sections) -> Raw:
    body = below(sections, "Endpoints")
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
        for row in table(below(sections, "Ports"))
    ]
    return {"addressType": text(sections, "AddressType"), "endpoints": endpoints, "ports": ports}


def api_service(sections: Sections) -> Raw:
    spec = split(below(sections, "Spec"))
    service = split(spec["Service"].lines) if "Service" in spec else {}
    status = split(below(sections, "Status"))
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
