"""Sequences of operations on workloads, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

Object = dict[str, Any]
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
FAULT = "testbed.seakeep.dev/fault"
# Faults that leave a pod in one state for good.
FAULTS = ("readiness-failing", "image-pull-error", "create-container-config-error", "crash-loop")


@dataclass(frozen=True, slots=True)
class Step:
    """A merge patch of the workload, or the deletion of its pod at a position (by age, then name)."""

    what: str
    patch: Object | None = None
    pod: int = -1


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    workload: Object
    steps: tuple[Step, ...]

    @property
    def kind(self) -> str:
        return str(self.workload["kind"])

    @property
    def namespace(self) -> str:
        return f"work-{self.seed}"


def case(seed: int) -> Case:
    random = Random(seed)
    kind = KINDS[seed % len(KINDS)]
    workload = _workload(random, kind, seed)
    steps: list[Step] = []
    for _ in range(random.randint(2, 5)):
        steps.append(_step(random, kind, workload, steps))
    return Case(seed, workload, tuple(steps))


def _workload(random: Random, kind: str, seed: int) -> Object:
    container = {"name": "main", "image": "example/app:1", "resources": {"requests": {"cpu": "10m"}}}
    spec: Object = {
        "selector": {"matchLabels": {"app": "it"}},
        "template": {"metadata": {"labels": {"app": "it"}}, "spec": {"containers": [container]}},
    }
    if kind != "DaemonSet":
        spec["replicas"] = random.randint(0, 6)
    if kind != "ReplicaSet":
        spec["revisionHistoryLimit"] = random.choice([0, 1, 2, 10])
    if kind == "Deployment":
        spec |= {"strategy": _strategy(random), "progressDeadlineSeconds": random.choice([600, 1200])}
    elif kind == "StatefulSet":
        spec |= {
            "serviceName": "it",
            "podManagementPolicy": random.choice(["OrderedReady", "OrderedReady", "Parallel"]),
            "updateStrategy": _stateful_strategy(random),
        }
        if random.random() < 0.3:
            spec["ordinals"] = {"start": random.randint(1, 3)}
    elif kind == "DaemonSet":
        spec["updateStrategy"] = _daemon_strategy(random)
        if random.random() < 0.3:
            spec["template"]["spec"]["nodeSelector"] = {"kubernetes.io/hostname": "node-1"}
    metadata = {"name": "it", "namespace": f"work-{seed}", "labels": {"app": "it"}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _strategy(random: Random) -> Object:
    if random.random() < 0.2:
        return {"type": "Recreate", "rollingUpdate": None}
    surge, missing = random.choice([("25%", "25%"), (1, 0), (0, 1), ("50%", "10%"), (2, 2), ("1%", "1%"), ("100%", 0)])
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": missing}}


def _stateful_strategy(random: Random) -> Object:
    if random.random() < 0.2:
        return {"type": "OnDelete", "rollingUpdate": None}
    rolling: Object = {"partition": random.choice([0, 0, 0, 1, 2])}
    rolling["maxUnavailable"] = random.choice([1, 1, 2, "50%"])
    return {"type": "RollingUpdate", "rollingUpdate": rolling}


def _daemon_strategy(random: Random) -> Object:
    if random.random() < 0.2:
        return {"type": "OnDelete", "rollingUpdate": None}
    surge, missing = random.choice([(0, 1), (0, "50%"), (1, 0), ("50%", 0)])
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": missing}}


def _step(random: Random, kind: str, workload: Object, before: list[Step]) -> Step:
    choices = ["scale", "image", "image", "pod", "break", "heal", "annotate"]
    if kind == "Deployment":
        choices += ["pause", "resume", "strategy", "back", "history"]
    if kind in {"StatefulSet", "DaemonSet"}:
        choices += ["strategy", "back"]
    what = random.choice(choices)
    if kind == "DaemonSet" and what == "scale":
        what = "image"
    match what:
        case "scale":
            return Step("scale", {"spec": {"replicas": random.randint(0, 7)}})
        case "image":
            return Step("image", _image(f"example/app:{random.randint(2, 5)}"))
        case "back":
            return Step("back", _image("example/app:1"))
        case "pod":
            return Step("pod", pod=random.randint(0, 3))
        case "break":
            return Step("break", _annotation(random.choice(FAULTS)))
        case "heal":
            return Step("heal", _annotation(None))
        case "annotate":
            return Step("annotate", {"metadata": {"annotations": {"note": f"n{len(before)}"}}})
        case "pause" | "resume":
            return Step(what, {"spec": {"paused": what == "pause"}})
        case "history":
            return Step("history", {"spec": {"revisionHistoryLimit": random.choice([0, 1, 2])}})
    if kind == "Deployment":
        return Step("strategy", {"spec": {"strategy": _strategy(random)}})
    strategy = _stateful_strategy(random) if kind == "StatefulSet" else _daemon_strategy(random)
    return Step("strategy", {"spec": {"updateStrategy": strategy}})


def _image(image: str) -> Object:
    # The API server's own defaults are said, for the twin's requests go through no defaulting here.
    container: Object = {"name": "main", "image": image, "imagePullPolicy": "IfNotPresent"}
    container["resources"] = {"requests": {"cpu": "10m"}}
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


def _annotation(fault: str | None) -> Object:
    return {"spec": {"template": {"metadata": {"annotations": {FAULT: fault}}}}}


def patched(item: Object, patch: Object) -> Object:
    """A JSON merge patch (RFC 7386)."""
    found = dict(item)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, dict):
            found[key] = patched(found[key] if isinstance(found.get(key), dict) else {}, value)
        else:
            found[key] = value
    return found
