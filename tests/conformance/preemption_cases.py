"""Generated sequences for preemption: a few nodes, budgets, and pods of several priorities that come, go and end one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from seakeep.testing.testbed.nodes import NodeSpec

Object = dict[str, Any]
CLASSES: dict[str, tuple[int, str]] = {
    "p-least": (-100, "PreemptLowerPriority"),
    "p-low": (100, "PreemptLowerPriority"),
    "p-mid": (500, "PreemptLowerPriority"),
    "p-high": (1000, "PreemptLowerPriority"),
    "p-patient": (1000, "Never"),
}
GATE = "example.com/wait"
GPU = "example.com/gpu"
HOST_PORT = 8080
LABEL = "example.com/case"


@dataclass(frozen=True)
class Step:
    """`create`: the object; `end` (a terminating pod's containers have ended), `delete` (a placed pod), `withdraw` (a waiting pod), `ungate`: the `pick`-th of those that can; `budget`: minAvailable of the first budget."""

    what: str
    pod: Object | None = None
    pick: int = 0


@dataclass(frozen=True)
class Case:
    seed: int
    namespace: str
    nodes: tuple[NodeSpec, ...]
    budgets: tuple[Object, ...]
    steps: tuple[Step, ...]


def classes() -> list[Object]:
    return [
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": value,
            "preemptionPolicy": policy,
        }
        for name, (value, policy) in CLASSES.items()
    ]


def case(seed: int) -> Case:
    random = Random(seed)
    namespace = f"preempt-{seed}"
    sizes = random.sample(["2", "3", "4", "6"], random.choice([1, 2, 3, 3]))
    nodes = tuple(_node(random, seed, index, cpu) for index, cpu in enumerate(sizes))
    budgets = tuple(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": f"budget-{app}", "namespace": namespace},
            "spec": {"minAvailable": random.choice([1, 1, 2, 3]), "selector": {"matchLabels": {"app": app}}},
        }
        for app in random.sample(["a", "b"], random.choice([0, 1, 1, 2]))
    )
    # First the nodes fill with pods that matter little.
    steps = [
        Step("create", _pod(random, seed, number, random.choice(["p-least", "", "p-low", "p-mid"]), plain=True))
        for number in range(random.randint(2, 2 * len(nodes) + 2))
    ]
    number = len(steps)
    for _ in range(random.randint(8, 14)):
        what = random.choices(["create", "end", "delete", "withdraw", "ungate", "budget"], [8, 7, 1, 1, 2, 1])[0]
        if what == "create":
            name = random.choice(["", "p-low", "p-mid", "p-high", "p-high", "p-patient"])
            steps.append(Step(what, _pod(random, seed, number, name, plain=False)))
            number += 1
        else:
            steps.append(Step(what, pick=random.randrange(12)))
    return Case(seed, namespace, nodes, budgets, tuple(steps))


def _node(random: Random, seed: int, index: int, cpu: str) -> NodeSpec:
    labels = {LABEL: str(seed), "topology.kubernetes.io/zone": random.choice(["x", "y"])}
    extended = {GPU: "2"} if random.random() < 0.3 else {}
    few = random.random() < 0.2
    return NodeSpec(
        f"pre-{seed}-{index}", cpu=cpu, memory="64Gi", pods=3 if few else 50, labels=labels, extended=extended
    )


def _pod(random: Random, seed: int, number: int, priority: str, *, plain: bool) -> Object:
    app = random.choice(["a", "b", "c"])
    requests = {"cpu": random.choice(["400m", "700m", "1", "1100m", "1500m", "2500m"]), "memory": "1Gi"}
    container: Object = {"name": "main", "image": "example/app:1", "resources": {"requests": requests}}
    spec: Object = {
        "containers": [container],
        "nodeSelector": {LABEL: str(seed)},
        "terminationGracePeriodSeconds": 3600,
    }
    if priority:
        spec["priorityClassName"] = priority
    if random.random() < 0.08:
        requests[GPU] = random.choice(["1", "2", "4"])
        container["resources"]["limits"] = {GPU: requests[GPU]}
    if random.random() < 0.08:
        container["ports"] = [{"containerPort": 80, "hostPort": HOST_PORT}]
    if not plain:
        extra = random.random()
        if extra < 0.12:
            spec["schedulingGates"] = [{"name": GATE}]
        elif extra < 0.3:
            spec["affinity"] = _affinity(random, app)
        elif extra < 0.38:
            spec["topologySpreadConstraints"] = [_spread(random, app)]
        elif extra < 0.42:
            requests["cpu"] = "7"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"pod-{number:02d}", "namespace": f"preempt-{seed}", "labels": {"app": app}},
        "spec": spec,
    }


def _affinity(random: Random, app: str) -> Object:
    term: Object = {
        "labelSelector": {"matchLabels": {"app": random.choice([app, "a"])}},
        "topologyKey": random.choice(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]),
    }
    kind = random.choice(["podAntiAffinity", "podAntiAffinity", "podAffinity"])
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def _spread(random: Random, app: str) -> Object:
    return {
        "maxSkew": 1,
        "topologyKey": random.choice(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]),
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": app}},
    }
