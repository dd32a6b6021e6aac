"""Which kind a description is of, and how each kind is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from seakeep.adapters.transcript.describe import (
    certificates,
    config_maps,
    event_rows,
    events,
    ingresses,
    namespaces,
    nodes,
    pods,
    policies,
    scaling,
    services,
    volumes,
    workloads,
)
from seakeep.adapters.transcript.describe.sections import Section, Sections, pairs, split, text
from seakeep.adapters.transcript.times import ago, date

Raw = dict[str, Any]

# Keys that only the description of one kind has, asked in this order.
_SIGNS = (
    ("Pod", {"Controlled By", "QoS Class"}),
    ("Pod", {"Containers", "Conditions", "QoS Class"}),
    ("Pod", {"Node", "Status", "IP", "Containers"}),
    ("Pod", {"Node", "Start Time"}),
    ("Pod", {"Node", "Status", "Controlled By"}),
    ("Deployment", {"StrategyType", "Replicas"}),
    ("StatefulSet", {"Replicas", "Update Strategy", "Pods Status"}),
    ("StatefulSet", {"Volume Claims", "Pods Status"}),
    ("DaemonSet", {"Desired Number of Nodes Scheduled"}),
    ("CronJob", {"Schedule", "Concurrency Policy"}),
    ("Job", {"Parallelism", "Completions"}),
    ("ReplicaSet", {"Replicas", "Pods Status"}),
    ("Node", {"Allocatable", "Capacity", "System Info"}),
    ("Node", {"Taints", "Conditions", "Addresses"}),
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
    """Objects of one or several descriptions, and their events.events. The first line of each is `Name:`."""
    for document in _documents(output.replace("\t", "    ")):
        lines, rows = document, list[str]()
        if any(event_rows.is_row(line) and not line.startswith(" ") for line in document):
            # An editor took the indentation away: rows would pass for keys.
            rows, lines = event_rows.taken_out(document)
        sections = split(lines)
        if rows:
            sections["Events"] = Section(lines=rows)
        name = text(sections, "Name")
        kind = kinds[0] if len(kinds) == 1 else _kind(sections)
        if not name or not kind:
            continue
        where = text(sections, "Namespace") or namespace or "default"
        convert = CONVERT.get(kind, _generic)
        found = convert(sections)
        if kind == "Pod" and "Events" not in sections and not found["status"].get("conditions"):
            # Cut off before the events.events: whether a scheduler has looked at it was not shown.
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
        yield from events.events(sections, kind, where, name, now)
        if kind == "Service":
            yield from services.endpoints(sections, name, where)
        if kind == "Namespace":
            yield from namespaces.quotas(lines, name)
        if kind == "Node":
            yield from nodes.pods_of_node(sections, name)


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


CONVERT: dict[str, Callable[[Sections], Raw]] = {
    "Pod": pods.pod,
    "Deployment": workloads.deployment,
    "ReplicaSet": workloads.replicated,
    "StatefulSet": workloads.replicated,
    "DaemonSet": workloads.daemon_set,
    "Job": workloads.job,
    "CronJob": workloads.cron_job,
    "Service": services.service,
    "Endpoints": services.endpoints_object,
    "Ingress": ingresses.ingress,
    "EndpointSlice": services.endpoint_slice,
    "NetworkPolicy": policies.policy,
    "Node": nodes.node,
    "PersistentVolumeClaim": volumes.claim,
    "PersistentVolume": volumes.volume,
    "StorageClass": volumes.storage_class,
    "Namespace": namespaces.namespace,
    "ResourceQuota": namespaces.quota,
    "HorizontalPodAutoscaler": scaling.autoscaler,
    "PodDisruptionBudget": scaling.budget,
    "APIService": services.api_service,
}
