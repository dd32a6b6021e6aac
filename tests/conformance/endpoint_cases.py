"""Sequences of operations on a Service and its pods, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.conformance.workload_cases import Object


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the pods of these numbers, or to the Service by a merge patch."""

    what: str
    pods: tuple[int, ...] = ()
    patch: Object | None = None


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    service: Object
    pods: tuple[Object, ...]
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"svc-{self.seed}"


# Some of what a pod's kubelet reports, and what a user does.
_ON_PODS = (
    "ready",
    "ready",
    "ready",
    "unready",
    "unready",
    "delete",
    "end",
    "fail",
    "succeed",
    "out",
    "in",
    "move",
    "address",
)
LABELS = ({"app": "it"}, {"app": "it", "tier": "a"}, {"app": "it", "tier": "b"}, {"app": "other"})
_PORTS: tuple[Object, ...] = (
    {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"},
    {"name": "plain", "port": 8080, "protocol": "TCP"},
    {"name": "number", "port": 81, "targetPort": 9000, "protocol": "TCP"},
    {"name": "metrics", "port": 90, "targetPort": "metrics", "protocol": "TCP", "appProtocol": "http"},
    {"name": "dns", "port": 53, "targetPort": "dns", "protocol": "UDP"},
    {"name": "wrong", "port": 54, "targetPort": "dns", "protocol": "TCP"},
)
# How many pods come where a Service has more than one slice.
_MANY = 125


def case(seed: int) -> Case:
    random = Random(seed)
    space = f"svc-{seed}"
    many = seed % 24 == 11
    pods = tuple(_pod(random, space, number) for number in range(random.randint(1, 6)))
    if many:
        pods = tuple(_pod(Random(1), space, number) for number in range(random.randint(101, _MANY)))
    steps = [Step("ready", tuple(range(len(pods))))]
    for _ in range(random.randint(3, 8)):
        steps.append(_step(random, len(pods), many=many))
    return Case(seed, _service(random, space), pods, tuple(steps))


def _service(random: Random, space: str) -> Object:
    spec: Object = {"ports": _ports(random), "selector": _selector(random)}
    if random.random() < 0.3:
        spec["clusterIP"] = "None"
        if random.random() < 0.3:
            spec.pop("ports")
    elif random.random() < 0.1:
        spec.pop("selector")  # (a headless one would ask for a second family, which the testbed has not)
    if random.random() < 0.25:
        spec["publishNotReadyAddresses"] = True
    labels = {} if random.random() < 0.3 else {"app": "it", "team": random.choice("xy")}
    metadata = {"name": "it", "namespace": space, "labels": labels}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _ports(random: Random) -> list[Object]:
    return [dict(item) for item in random.sample(_PORTS, random.randint(1, 3))]


def _selector(random: Random) -> Object:
    return random.choice([{"app": "it"}, {"app": "it"}, {"app": "it"}, {"app": "it", "tier": "a"}])


def _pod(random: Random, space: str, number: int) -> Object:
    http = random.choice([8080, 8080, 8080, 8081])
    ports: list[Object] = [{"name": "http", "containerPort": http}]
    if random.random() < 0.6:
        ports.append({"name": "dns", "containerPort": 5353, "protocol": "UDP"})
    containers: list[Object] = [{"name": "main", "image": "example/app:1", "ports": ports}]
    if random.random() < 0.5:
        containers.append(
            {"name": "side", "image": "example/side:1", "ports": [{"name": "metrics", "containerPort": 9090}]}
        )
    spec: Object = {"containers": containers, "nodeName": random.choice(["still-1", "still-2"])}
    if random.random() < 0.3:
        spec |= {"hostname": f"host-{number}", "subdomain": random.choice(["it", "it", "else"])}
    if random.random() < 0.3:
        side = {"name": "helper", "image": "example/side:1", "restartPolicy": "Always"}
        spec["initContainers"] = [side | {"ports": [{"name": "metrics", "containerPort": 9091}]}]
    labels = random.choice(LABELS[:3]) if random.random() < 0.9 else LABELS[3]
    metadata = {"name": f"p-{number}", "namespace": space, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _step(random: Random, count: int, *, many: bool) -> Step:
    roll = random.random()
    if roll < 0.65:
        most = count if many else min(count, 3)
        return Step(random.choice(_ON_PODS), tuple(sorted(random.sample(range(count), random.randint(1, most)))))
    if roll < 0.75:
        return Step("ports", patch={"spec": {"ports": _ports(random)}})
    if roll < 0.85:
        return Step("selector", patch={"spec": {"selector": None if random.random() < 0.2 else {"app": "it", "tier": random.choice(["a", "b", None])}}})  # fmt: skip
    if roll < 0.93:
        return Step("publish", patch={"spec": {"publishNotReadyAddresses": random.random() < 0.5}})
    if roll < 0.98:
        return Step("labels", patch={"metadata": {"labels": {"team": random.choice(["x", "y", None])}}})
    return Step("remove")
