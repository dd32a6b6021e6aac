"""Sequences of what befalls nodes, drawn by seed: the same seed gives the same sequence. Each case has a zone of its own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.conformance.workload_cases import Object


@dataclass(frozen=True, slots=True)
class Step:
    """`what` befalls the node of that number; `value` is a condition's status or a taint."""

    what: str
    node: int = 0
    kind: str = ""
    value: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    nodes: int
    pods: tuple[Object, ...]
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"node-{self.seed}"

    def node(self, number: int) -> str:
        return f"{self.namespace}-{number}"


_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
_TAINTS = ("example.com/a=x:NoExecute", "example.com/b=:NoExecute", "example.com/a=x:NoSchedule")
_OUT_OF_SERVICE = "node.kubernetes.io/out-of-service=:NoExecute"


def case(seed: int) -> Case:
    random = Random(seed)
    count = random.randint(1, 4)
    space = f"node-{seed}"
    pods = tuple(
        _pod(random, space, number, f"{space}-{random.randrange(count)}") for number in range(random.randint(1, 6))
    )
    steps: list[Step] = []
    for _ in range(random.randint(2, 5)):
        steps.append(_step(random, count))
    return Case(seed, count, pods, tuple(steps))


def _pod(random: Random, space: str, number: int, node: str) -> Object:
    spec: Object = {"containers": [{"name": "main", "image": "example/app:1"}], "nodeName": node}
    tolerations = [_toleration(random) for _ in range(random.choice([0, 0, 1, 1, 2, 3]))]
    if tolerations:
        spec["tolerations"] = tolerations
    metadata = {"name": f"p-{number}", "namespace": space, "labels": {"app": "it"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _toleration(random: Random) -> Object:
    found: Object = random.choice(
        [
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists"},
            {"key": "node.kubernetes.io/unreachable", "operator": "Exists"},
            {"key": "example.com/a", "operator": "Equal", "value": "x"},
            {"key": "example.com/a", "operator": "Equal", "value": "y"},
            {"key": "example.com/b", "operator": "Exists"},
            {"operator": "Exists"},
        ]
    )
    found = {**found, "effect": "NoExecute"}
    if random.random() < 0.7:
        found["tolerationSeconds"] = random.choice([0, 8, 14, 300])
    return found


def _step(random: Random, count: int) -> Step:
    node, roll = random.randrange(count), random.random()
    if roll < 0.45:
        return Step("condition", node, "Ready", random.choice(["False", "Unknown", "True"]), random.choice([0.0, 12.0]))
    if roll < 0.55:
        return Step("condition", node, random.choice(_PRESSURES), random.choice(["True", "True", "False"]))
    if roll < 0.65:
        return Step("cordon", node, value=random.choice(["on", "on", "off"]))
    if roll < 0.83:
        return Step("taint", node, value=random.choice(_TAINTS), wait=random.choice([0.0, 0.0, 11.0]))
    if roll < 0.9:
        return Step("untaint", node, value=random.choice(_TAINTS))
    if roll < 0.93:
        return Step("taint", node, value=_OUT_OF_SERVICE, wait=23.0)
    return Step("wait", wait=random.choice([7.0, 12.0, 20.0]))
