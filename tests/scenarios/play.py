"""Plays faults on a real control plane: a healthy platform first, then what people do to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seakeep.testing.testbed import ControlPlane
from tests.scenarios import system
from tests.scenarios.places import app_pods, fill
from tests.scenarios.registry import PLATFORMS, namespaces_of
from tests.scenarios.views import record_all

Object = dict[str, Any]
_GROUPS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
}
_WORKERS = 4
_STRATEGIC = "application/strategic-merge-patch+json"
_ANNOTATION = "testbed.seakeep.dev/"
SETS = {
    "": "faults.yaml",
    "w": "faults-wider.yaml",
    "o": "faults-other.yaml",
    "c": "faults-control.yaml",
    "e": "faults-estate.yaml",
}
"""Letter in the namespace → file. The plain file was known while causes were written; the others were written blind."""


Answer = tuple[str, tuple[str, ...]]
"""A cause's id, and `Kind/name` of its object, which may be one of several."""


@dataclass(frozen=True)
class Fault:
    name: str
    namespace: str
    platform: str
    roots: tuple[tuple[Answer, ...], ...]
    """What is wrong at once, and for each the right answers. Empty: nothing is wrong."""
    spec: Mapping[str, Any]
    number: int = 0

    @property
    def namespaces(self) -> tuple[str, ...]:
        return namespaces_of(self.platform, self.namespace)

    @property
    def alone(self) -> bool:
        """Whether it befalls the whole cluster, so that no other fault can be played beside it."""
        return bool(self.spec.get("alone"))


def faults(letters: Iterable[str] = SETS) -> list[Fault]:
    """Every fault of these sets."""
    found: list[Fault] = []
    for letter in letters:
        file = Path(__file__).with_name(SETS[letter])
        if file.exists():
            entries = yaml.safe_load(file.read_text(encoding="utf-8"))
            found += [_fault(letter, number, entry) for number, entry in enumerate(entries, start=1)]
    return found


def _fault(letter: str, number: int, entry: Mapping[str, Any]) -> Fault:
    namespace = f"{entry['platform']}-{letter}{number:02}"
    entry = json.loads(json.dumps(entry).replace("NAMESPACE", namespace))
    roots = () if entry["expect"] == "none" else tuple(map(_answers, entry["expect"].split(" & ")))
    return Fault(entry["name"], namespace, entry["platform"], roots, entry, number)


def _answers(text: str) -> tuple[Answer, ...]:
    parts = (answer.strip().partition(" ") for answer in text.split(" | "))
    return tuple((cause, tuple(objects.split("|"))) for cause, _, objects in parts)


def _version(kind: str) -> str:
    return _GROUPS.get(kind, "v1")


def start(plane: ControlPlane, fault: Fault) -> None:
    """The healthy platform."""
    plane.apply(PLATFORMS[fault.platform](fault.namespace))


def healthy(plane: ControlPlane, fault: Fault) -> bool:
    places = [(kind, namespace) for kind in ("Deployment", "StatefulSet") for namespace in fault.namespaces]
    owners = [item for kind, namespace in places for item in plane.api.find("apps/v1", kind, namespace)]
    return all(item["status"].get("readyReplicas", 0) == item["spec"]["replicas"] for item in owners)


def inject(plane: ControlPlane, fault: Fault) -> None:
    """The fault's own changes, then those of its later `steps`, each after `wait` seconds."""
    _step(plane, fault.namespace, fault.spec)
    for step in fault.spec.get("steps", ()):
        time.sleep(step.get("wait", 6))
        _step(plane, fault.namespace, step)


def _step(plane: ControlPlane, namespace: str, spec: Mapping[str, Any]) -> None:
    told = {key: value for key, value in spec.items() if key not in {"also", "ask", "steps"}}  # these are for later
    spec = json.loads(fill(plane, namespace, json.dumps(told)))
    for component in spec.get("stop", ()):
        next(process for process in plane._processes if process.name == component).stop()
    for item in spec.get("create", ()):
        metadata = {**item["metadata"]}
        if plane.api.namespaced(item):
            metadata.setdefault("namespace", namespace)
        plane.apply({**item, "metadata": metadata})
    if any(item["kind"] == "ResourceQuota" for item in spec.get("create", ())):
        plane.wait_for(f"counted quota in {namespace}", lambda: _are_counted(plane, namespace))
        time.sleep(0.5)  # until admission's own watch has it too
    changes = {key: json.loads(json.dumps(value)) for key, value in spec.get("patch", {}).items()}
    for target, played in spec.get("play", {}).items():
        template = changes.setdefault(target, {}).setdefault("spec", {}).setdefault("template", {})
        values = {_ANNOTATION + key: value for key, value in played.items()}
        template.setdefault("metadata", {}).setdefault("annotations", {}).update(values)
    for target, change in changes.items():
        place, kind, name = _target(target, namespace)
        path = plane.api.path(_version(kind), kind, place, name)
        plane.api.request("PATCH", f"{path}?fieldManager=kubectl-patch", change, _STRATEGIC)
    for target, change in spec.get("status", {}).items():
        place, kind, name = _target(target, namespace)
        path = plane.api.path(_version(kind), kind, place, name, "status")
        plane.api.request("PATCH", path, change, _STRATEGIC)
    for app, values in spec.get("annotate", {}).items():
        pod = app_pods(plane, namespace, app)[0]["metadata"]["name"]
        plane.annotate_pod(namespace, pod, {_ANNOTATION + key: value for key, value in values.items()})
    for target in spec.get("delete", ()):
        place, kind, name = _target(target, namespace)
        plane.api.delete(_version(kind), kind, name, place)
    for app in spec.get("recreate", ()):
        for pod in app_pods(plane, namespace, app):
            plane.api.delete("v1", "Pod", pod["metadata"]["name"], namespace)
    for node in spec.get("lose", ()):
        plane.lose_node(node)


def _are_counted(plane: ControlPlane, namespace: str) -> bool:
    """Admission holds pods against a quota's status, which its controller writes a moment after the quota was made."""
    quotas = plane.api.find("v1", "ResourceQuota", namespace)
    return all(item.get("status", {}).get("hard") == item["spec"]["hard"] for item in quotas)


def _target(text: str, namespace: str) -> tuple[str, str, str]:
    """`Kind/name` in the fault's namespace, or `namespace:Kind/name`."""
    place, found, rest = text.rpartition(":")
    kind, _, name = rest.partition("/")
    return (place if found else "" if kind in {"Namespace", "Node", "PersistentVolume"} else namespace), kind, name


def play(plane: ControlPlane, chosen: Iterable[Fault], settle_seconds: float = 25.0) -> dict[str, dict[str, str]]:
    """Fault's namespace → view → its recording."""
    chosen = list(chosen)
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(lambda fault: start(plane, fault), chosen))
        for fault in chosen:
            plane.wait_for(f"healthy {fault.namespace}", lambda fault=fault: healthy(plane, fault) or None, seconds=180)
        time.sleep(2)
        list(pool.map(lambda fault: inject(plane, fault), chosen))
        time.sleep(settle_seconds)
        common: dict[tuple[str, ...], str] = {}
        views = list(
            pool.map(lambda fault: record_all(plane, fault.namespaces, fault.spec, fault.number, common), chosen)
        )
        hang_up = threading.Barrier(_WORKERS)
        list(pool.map(lambda _: _close(plane, hang_up), range(_WORKERS)))
    return {fault.namespace: view for fault, view in zip(chosen, views, strict=True)}


def _close(plane: ControlPlane, together: threading.Barrier) -> None:
    """End the connection that this thread keeps to the API server; all threads wait for each other, so that each does it once."""
    together.wait(30)
    connection = getattr(plane.api._local, "connection", None)
    if connection:
        connection.close()
        plane.api._local.connection = None


def play_all(folder: Path, chosen: Iterable[Fault], batch: int = 18) -> dict[str, dict[str, str]]:
    """The same in batches, each on a control plane of its own; faults of the whole cluster have one each."""
    chosen = list(chosen)
    shared = [fault for fault in chosen if not fault.alone]
    rounds = [shared[at : at + batch] for at in range(0, len(shared), batch)]
    rounds += [[fault] for fault in chosen if fault.alone]
    found: dict[str, dict[str, str]] = {}
    for number, each in enumerate(rounds):
        with ControlPlane.start(folder / f"plane-{number}", system.NODES) as plane:
            system.install(plane)
            found |= play(plane, each, 32.0 if each[0].alone else 25.0)
    return found
