"""Sequences of measurements and changes of HorizontalPodAutoscalers, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.conformance.workload_cases import Object

# What a pod uses: thousandths of a cpu and MiB of memory; None: no metrics of it.
Use = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Step:
    """What the pods use (in turn), and how many of them are ready; or a merge patch of the autoscaler, or another size of its target."""

    uses: tuple[Use, ...] = ()
    ready: int = 99
    patch: Object | None = None
    size: int = -1


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    target: Object
    autoscaler: Object
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"hpa-{self.seed}"


def case(seed: int) -> Case:
    random = Random(seed)
    space = f"hpa-{seed}"
    requests = {"cpu": "100m", "memory": "100Mi"}
    if random.random() < 0.15:
        requests.pop(random.choice(["cpu", "memory"]))
    container = {"name": "main", "image": "example/app:1", "resources": {"requests": requests}}
    template = {"metadata": {"labels": {"app": "it"}}, "spec": {"containers": [container]}}
    spec: Object = {"replicas": random.randint(1, 5), "selector": {"matchLabels": {"app": "it"}}, "template": template}
    metadata = {"name": "it", "namespace": space}
    target = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}
    least = random.randint(1, 3)
    scaler: Object = {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": "it" if random.random() < 0.95 else "none",
        },
        "minReplicas": least,
        "maxReplicas": random.randint(least, 9),
        "metrics": [_metric(random, name) for name in random.sample(["cpu", "memory"], random.choice([1, 1, 2]))],
    }
    if random.random() < 0.6:
        scaler["behavior"] = _behavior(random)
    autoscaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": dict(metadata), "spec": scaler}  # fmt: skip
    steps = [Step(_uses(random), _ready(random))]
    for _ in range(random.randint(1, 2)):
        steps.append(_step(random))
    return Case(seed, target, autoscaler, tuple(steps))


def _metric(random: Random, name: str) -> Object:
    if random.random() < 0.6:
        goal: Object = {"type": "Utilization", "averageUtilization": random.choice([50, 80, 100])}
    else:
        goal = {"type": "AverageValue", "averageValue": "80m" if name == "cpu" else "80Mi"}
    if random.random() < 0.2:
        return {"type": "ContainerResource", "containerResource": {"name": name, "container": "main", "target": goal}}
    return {"type": "Resource", "resource": {"name": name, "target": goal}}


def _behavior(random: Random) -> Object:
    found: Object = {}
    if random.random() < 0.7:
        found["scaleDown"] = _rules(random) | {"stabilizationWindowSeconds": random.choice([0, 0, 300])}
    if random.random() < 0.7:
        found["scaleUp"] = _rules(random) | {"stabilizationWindowSeconds": random.choice([0, 0, 300])}
    return found


def _rules(random: Random) -> Object:
    # So long that within a case nothing that was done is forgotten.
    policies = [
        {"type": random.choice(["Pods", "Percent"]), "value": random.choice([1, 2, 50, 100]), "periodSeconds": 1200}
        for _ in range(random.randint(0, 2))
    ]
    found: Object = {"policies": policies} if policies else {}
    if random.random() < 0.5:
        found["selectPolicy"] = random.choice(["Max", "Min", "Disabled"])
    return found


def _uses(random: Random) -> tuple[Use, ...]:
    level = random.choice([10, 40, 76, 85, 88, 120, 200])
    missing = random.choice([0.0, 0.0, 0.0, 0.3, 1.0])
    return tuple(
        None if random.random() < missing else (level + number, random.choice([level, 60])) for number in range(9)
    )


def _ready(random: Random) -> int:
    return random.choice([99, 99, 99, 2, 0])


def _step(random: Random) -> Step:
    roll = random.random()
    if roll < 0.6:
        return Step(_uses(random), _ready(random))
    if roll < 0.85:
        least = random.randint(1, 4)
        return Step(patch={"spec": {"minReplicas": least, "maxReplicas": random.randint(least, 9)}})
    return Step(size=random.randint(0, 8))
