"""Plays faults on a real control plane and records what an operator would see of each: all objects, a broad look, a narrow one."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seakeep.testing.testbed import ControlPlane
from tests.scenarios.platforms import PLATFORMS

Object = dict[str, Any]
_GROUPS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
}
_STRATEGIC = "application/strategic-merge-patch+json"
_ANNOTATION = "testbed.seakeep.dev/"


@dataclass(frozen=True)
class Fault:
    name: str
    namespace: str
    platform: str
    expect: tuple[tuple[str, tuple[str, ...]], ...]
    """Right answers: cause id and `Kind/name` of its object. Empty: nothing is wrong."""
    spec: Mapping[str, Any]


def faults() -> list[Fault]:
    entries = yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text(encoding="utf-8"))
    return [_fault(number, entry) for number, entry in enumerate(entries, start=1)]


def _fault(number: int, entry: Mapping[str, Any]) -> Fault:
    namespace = f"{entry['platform']}-{number:02}"
    entry = json.loads(json.dumps(entry).replace("NAMESPACE", namespace))
    answers = []
    if entry["expect"] != "none":
        for answer in entry["expect"].split(" | "):
            cause, _, objects = answer.strip().partition(" ")
            answers.append((cause, tuple(objects.split("|"))))
    return Fault(entry["name"], namespace, entry["platform"], tuple(answers), entry)


def _version(kind: str) -> str:
    return _GROUPS.get(kind, "v1")


def start(plane: ControlPlane, fault: Fault) -> None:
    """The healthy platform."""
    plane.apply(PLATFORMS[fault.platform](fault.namespace))


def healthy(plane: ControlPlane, namespace: str) -> bool:
    kinds = (("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"))
    owners = [item for version, kind in kinds for item in plane.api.find(version, kind, namespace)]
    return all(item["status"].get("readyReplicas", 0) == item["spec"]["replicas"] for item in owners)


def inject(plane: ControlPlane, fault: Fault) -> None:
    namespace = fault.namespace
    for item in fault.spec.get("create", ()):
        metadata = {**item["metadata"]}
        if plane.api.namespaced(item):
            metadata["namespace"] = namespace
        plane.apply({**item, "metadata": metadata})
    changes = {key: json.loads(json.dumps(value)) for key, value in fault.spec.get("patch", {}).items()}
    for target, played in fault.spec.get("play", {}).items():
        template = changes.setdefault(target, {}).setdefault("spec", {}).setdefault("template", {})
        template.setdefault("metadata", {})["annotations"] = {_ANNOTATION + key: v for key, v in played.items()}
    for target, change in changes.items():
        kind, _, name = target.partition("/")
        path = plane.api.path(_version(kind), kind, "" if kind == "Namespace" else namespace, name)
        plane.api.request("PATCH", f"{path}?fieldManager=kubectl-patch", change, _STRATEGIC)
    for target in fault.spec.get("delete", ()):
        kind, _, name = target.partition("/")
        plane.api.delete(_version(kind), kind, name, namespace)
    for app in fault.spec.get("recreate", ()):
        for pod in plane.pods(namespace, f"app={app}"):
            plane.api.delete("v1", "Pod", pod["metadata"]["name"], namespace)


def play(plane: ControlPlane, chosen: Iterable[Fault], settle_seconds: float = 25.0) -> dict[str, dict[str, str]]:
    """Fault's namespace → view → its recording."""
    chosen = list(chosen)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda fault: start(plane, fault), chosen))
        for fault in chosen:
            plane.wait_for(
                f"healthy {fault.namespace}", lambda ns=fault.namespace: healthy(plane, ns) or None, seconds=180
            )
        time.sleep(2)
        list(pool.map(lambda fault: inject(plane, fault), chosen))
        time.sleep(settle_seconds)
        views = list(pool.map(lambda fault: record(plane, fault), chosen))
    return {fault.namespace: view for fault, view in zip(chosen, views, strict=True)}


# What an operator looks at


def record(plane: ControlPlane, fault: Fault) -> dict[str, str]:
    seen = _Seen(plane, fault)
    return {
        "objects": json.dumps(seen.objects()),
        "broad": seen.text(seen.broad()),
        "narrow": seen.text(seen.narrow()),
    }


class _Seen:
    def __init__(self, plane: ControlPlane, fault: Fault) -> None:
        self.plane, self.fault = plane, fault
        self.pods = plane.pods(fault.namespace)
        self.where = ("-n", fault.namespace)

    def text(self, commands: Iterable[tuple[str, ...]]) -> str:
        parts = [f"$ kubectl {' '.join(command)}\n{self.plane.kubectl(*command, check=False)}" for command in commands]
        for command, output in self.fault.spec.get("also", {}).items():
            parts.append(f"$ {command}\n{re.sub(r'{pod:([a-z-]+)}', self._pod, output)}")
        return "\n".join(parts)

    def _pod(self, found: re.Match[str]) -> str:
        return next(pod["metadata"]["name"] for pod in self.pods if pod["metadata"]["labels"]["app"] == found[1])

    def unwell(self) -> list[Object]:
        return [pod for pod in self.pods if not _ready(pod)]

    def logs(self) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for pod in self.unwell():
            for status in [
                *pod["status"].get("initContainerStatuses", []),
                *pod["status"].get("containerStatuses", []),
            ]:
                if status.get("restartCount") or "running" in status.get("state", {}):
                    name = pod["metadata"]["name"]
                    previous = ("--previous",) if status.get("restartCount") else ()
                    found.append(("logs", name, "-c", status["name"], *self.where, *previous))
        return found

    def objects(self) -> Object:
        """Command → output, with every object as JSON."""
        namespaced = (
            "pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,services,endpoints,endpointslices,"
            "configmaps,persistentvolumeclaims,resourcequotas,limitranges,networkpolicies,poddisruptionbudgets,"
            "horizontalpodautoscalers,serviceaccounts,events"
        )
        cluster = (
            "nodes,namespaces,persistentvolumes,storageclasses,"
            "validatingwebhookconfigurations,mutatingwebhookconfigurations"
        )
        commands = [("get", namespaced, *self.where, "-o", "json"), ("get", cluster, "-o", "json"), *self.logs()]
        answers = {f"kubectl {' '.join(each)}": self.plane.kubectl(*each, check=False) for each in commands}
        return answers | {
            command: re.sub(r"{pod:([a-z-]+)}", self._pod, text)
            for command, text in self.fault.spec.get("also", {}).items()
        }

    def broad(self) -> list[tuple[str, ...]]:
        """Everything in the namespace by table and description."""
        return [
            ("get", "nodes", "-o", "wide"),
            ("get", "all", *self.where, "-o", "wide"),
            ("get", "events", *self.where, "--sort-by=.lastTimestamp"),
            ("get", "endpoints", *self.where),
            ("get", "pvc,configmap,secret,serviceaccount,networkpolicy,resourcequota,limitrange,hpa,pdb", *self.where),
            ("describe", "pods", *self.where),
            ("describe", "deployments", *self.where),
            ("describe", "statefulsets", *self.where),
            ("describe", "services", *self.where),
            ("get", "pvc", *self.where, "-o", "yaml"),
            ("describe", "resourcequota,limitrange,networkpolicy,pdb,hpa,job", *self.where),
            ("describe", "replicaset", *self.where),
            ("get", "configmap", *self.where, "-o", "yaml"),
            ("get", "pv,storageclass"),
            ("describe", "pv"),
            ("describe", "nodes"),
            ("get", "validatingwebhookconfigurations", "-o", "yaml"),
            *self.logs(),
        ]

    def narrow(self) -> list[tuple[str, ...]]:
        """Pods; the description of those that are unwell, with their logs; or else the Services and who uses them."""
        commands: list[tuple[str, ...]] = [
            ("get", "pods", *self.where),
            ("get", "deployments,statefulsets", *self.where),
        ]
        for pod in self.unwell()[:3]:
            commands.append(("describe", "pod", pod["metadata"]["name"], *self.where))
        commands += self.logs()[:3]
        commands += [("get", "events", *self.where), ("get", "svc,endpoints", *self.where, "-o", "wide")]
        if any(pod["status"]["phase"] == "Pending" for pod in self.pods):
            commands += [("describe", "nodes"), ("get", "pvc,pv,sc", *self.where)]
            commands += [("describe", "pvc", *self.where), ("describe", "pv")]
        if self.missing() and not self.unwell():
            commands += [("describe", "replicaset", *self.where), ("get", "resourcequota,limitrange", *self.where)]
        if not self.unwell():
            commands += [("describe", "services", *self.where), ("describe", "deployments", *self.where)]
            commands += [("describe", "statefulsets", *self.where), ("get", "configmap", *self.where, "-o", "yaml")]
            commands += [("get", "networkpolicy", *self.where, "-o", "yaml"), ("get", "hpa,pdb", *self.where)]
            commands += [("describe", "hpa", *self.where)]
        return commands

    def missing(self) -> bool:
        return not healthy(self.plane, self.fault.namespace)


def _ready(pod: Object) -> bool:
    if pod["status"]["phase"] == "Succeeded":
        return True
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))
