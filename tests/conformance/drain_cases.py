"""Sequences of `kubectl drain`, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.conformance.disruption_cases import amount
from tests.conformance.workload_cases import FAULT

Object = dict[str, Any]
# Pairs of nodes, one for each sequence that is under way: what is drained runs on the first, the other takes it up.
PAIRS = 16
PAIR = "pair"
# Seconds: enough for one retry; and, where evicted pods find a place on the other node, for one pod after the other.
TIMEOUT, LONG = 7, 22
FORMS = (*("Deployment", "ReplicaSet", "StatefulSet") * 2, "bare", "bare", "DaemonSet", "mirror", "done")


@dataclass(frozen=True, slots=True)
class Step:
    """Flags of a drain as kubectl and as DrainOptions name them, or a merge patch of the budget p0."""

    flags: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    patch: Object | None = None


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    objects: tuple[Object, ...]
    steps: tuple[Step, ...]
    opens: bool
    """The other node takes up what is evicted; otherwise it stays cordoned."""

    @property
    def namespace(self) -> str:
        return f"drain-{self.seed}"

    @property
    def pair(self) -> int:
        return self.seed % PAIRS


def nodes(pair: int) -> tuple[str, str]:
    return f"{PAIR}-{pair}-a", f"{PAIR}-{pair}-b"


def case(seed: int) -> Case:
    random = Random(f"drain {seed}")
    names = "abc"[: random.choice([1, 2, 2, 3])]
    objects = [item for name in names for item in _app(random, name, seed % PAIRS)]
    for number, name in enumerate(names):
        if random.random() < 0.75 or not number:
            objects.append(_budget(random, f"p{number}", name))
    if random.random() < 0.1:
        objects.append(_budget(random, "q", names[0]))
    opens = random.random() < 0.5
    timeout = LONG if opens else TIMEOUT
    steps = [_drain(random, timeout, bold=random.random() < 0.6)]
    if random.random() < 0.3:
        policy = {"unhealthyPodEvictionPolicy": random.choice([None, "AlwaysAllow"])}
        steps.append(Step(patch={"spec": amount(random, clear=True) | policy}))
    if random.random() < 0.8:
        steps.append(_drain(random, timeout, bold=True))
    return Case(seed, tuple(objects), tuple(steps), opens)


def _drain(random: Random, timeout: int, *, bold: bool) -> Step:
    chosen: dict[str, Any] = {"timeout": timeout}
    for name in ("force", "ignore_daemonsets", "delete_emptydir_data"):
        if random.random() < (0.95 if bold else 0.4):
            chosen[name] = True
    if random.random() < 0.12:
        chosen["disable_eviction"] = True
    if random.random() < 0.15:
        chosen["grace_period"] = random.choice([0, 1, 10])
    if random.random() < 0.15:
        chosen["pod_selector"] = random.choice("ab")
    if random.random() < 0.1:
        chosen["skip_wait_for_delete_timeout"] = 1
    return Step(tuple(_flag(name, value) for name, value in chosen.items()), tuple(chosen.items()))


def _flag(name: str, value: Any) -> str:
    if name == "pod_selector":
        return f"--pod-selector=app={value}"
    text = f"{value}s" if name == "timeout" else str(value).lower()
    return f"--{name.replace('_', '-')}={text}"


def _budget(random: Random, name: str, app: str) -> Object:
    spec = amount(random) | {"selector": {"matchLabels": {"app": app}}}
    if random.random() < 0.4:
        spec["unhealthyPodEvictionPolicy"] = random.choice(["AlwaysAllow", "IfHealthyBudget"])
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}


def _app(random: Random, name: str, pair: int) -> list[Object]:
    form, count = random.choice(FORMS), random.randint(1, 4)
    spec: Object = {
        "containers": [{"name": "main", "image": "example/app:1"}],
        "nodeSelector": {PAIR: str(pair)},
        "tolerations": [{"key": PAIR, "operator": "Exists"}],
    }
    if random.random() < 0.25:
        spec["volumes"] = [{"name": "scratch", "emptyDir": {}}]
    if random.random() < 0.2:
        spec["terminationGracePeriodSeconds"] = random.choice([0, 1, 5])
    fault = random.choice([*("",) * 7, "readiness-failing", "readiness-failing", "stuck-terminating"])
    metadata: Object = {"labels": {"app": name}, "annotations": {FAULT: fault} if fault else {}}
    if form in {"bare", "mirror", "done"}:
        return [_bare(form, f"{name}-{number}", metadata, spec, pair) for number in range(count)]
    whole: Object = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": metadata, "spec": spec},
    }
    if form != "DaemonSet":
        whole["replicas"] = count
    if form == "StatefulSet":
        whole |= {"serviceName": name, "podManagementPolicy": "Parallel"}
    return [{"apiVersion": "apps/v1", "kind": form, "metadata": {"name": name}, "spec": whole}]


def _bare(form: str, name: str, metadata: Object, spec: Object, pair: int) -> Object:
    annotations = dict(metadata["annotations"])
    if form == "mirror":
        annotations["kubernetes.io/config.mirror"] = "of a file"
        spec = {**spec, "nodeName": nodes(pair)[0]}
    elif form == "done":
        annotations[FAULT] = "completed"
        spec = {**spec, "restartPolicy": "Never"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**metadata, "name": name, "annotations": annotations}, "spec": spec}  # fmt: skip
