"""Sequences of operations on Jobs, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.conformance.workload_cases import Object


@dataclass(frozen=True, slots=True)
class Step:
    """What happens: to the pods at these places (of those that the step is for, in order), to the Job by a merge patch, or only time (seconds)."""

    what: str
    pods: tuple[int, ...] = ()
    code: int = 0
    patch: Object | None = None
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    job: Object
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"job-{self.seed}"


CODES = (1, 1, 2, 3, 42, 137)
_ON_PODS = (
    "run",
    "run",
    "succeed",
    "succeed",
    "succeed",
    "fail",
    "fail",
    "fail",
    "disrupt",
    "delete",
    "kill",
    "end",
    "end",
)


def case(seed: int) -> Case:
    random = Random(seed)
    spec = _spec(random)
    metadata = {"name": "it", "namespace": f"job-{seed}", "labels": {"app": "it"}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}
    steps = tuple(_step(random, spec) for _ in range(random.randint(3, 7)))
    return Case(seed, job, steps)


def _spec(random: Random) -> Object:
    container: Object = {"name": "main", "image": "example/app:1"}
    pod: Object = {"containers": [container], "restartPolicy": random.choice(["Never", "Never", "OnFailure"])}
    template = {"metadata": {"labels": {"app": "it"}, "annotations": {"note": "x"}}, "spec": pod}
    spec: Object = {"template": template, "backoffLimit": random.choice([0, 1, 2, 3, 6])}
    if random.random() < 0.55:
        _indexed(random, spec)
    else:
        if random.random() < 0.75:
            spec["completions"] = random.randint(0, 5)
        if random.random() < 0.8:
            spec["parallelism"] = random.randint(0, 4)
    if random.random() < 0.2:
        # Not at the time at which a failed pod is replaced.
        spec["activeDeadlineSeconds"] = random.choice([8, 45])
    if random.random() < 0.2:
        spec["suspend"] = True
    if random.random() < 0.15:
        spec["ttlSecondsAfterFinished"] = random.choice([0, 9])
    if pod["restartPolicy"] == "Never" and random.random() < 0.45:
        spec["podFailurePolicy"] = {"rules": [_rule(random, spec) for _ in range(random.randint(1, 3))]}
    if random.random() < 0.3:
        spec["podReplacementPolicy"] = "Failed" if "podFailurePolicy" in spec else random.choice(["Failed", "TerminatingOrFailed"])  # fmt: skip
    return spec


def _indexed(random: Random, spec: Object) -> None:
    count = random.randint(1, 6)
    spec |= {"completionMode": "Indexed", "completions": count, "parallelism": random.randint(1, count)}
    if spec["template"]["spec"]["restartPolicy"] == "Never" and random.random() < 0.5:
        spec["backoffLimitPerIndex"] = random.choice([0, 1, 1, 2])
        if random.random() < 0.6:
            spec["maxFailedIndexes"] = random.randint(0, count)
        if random.random() < 0.7:
            spec.pop("backoffLimit")
    if random.random() < 0.35:
        spec["successPolicy"] = {"rules": [_success(random, count) for _ in range(random.randint(1, 2))]}


def _success(random: Random, count: int) -> Object:
    rule: Object = {}
    first = random.randint(0, count - 1)
    last = random.randint(first, count - 1)
    if random.random() < 0.7:
        rule["succeededIndexes"] = f"{first}-{last}" if last > first else str(first)
    if not rule or random.random() < 0.4:
        most = last - first + 1 if rule else count
        rule["succeededCount"] = random.randint(1, most)
    return rule


def _rule(random: Random, spec: Object) -> Object:
    actions = ["FailJob", "Ignore", "Count", *(["FailIndex"] if "backoffLimitPerIndex" in spec else [])]
    action = random.choice(actions)
    if random.random() < 0.35:
        return {"action": action, "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    codes = sorted(random.sample([1, 2, 3, 42, 137], random.randint(1, 3)))
    exits: Object = {"operator": random.choice(["In", "NotIn"]), "values": codes}
    if random.random() < 0.3:
        exits["containerName"] = "main"
    return {"action": action, "onExitCodes": exits}


def _step(random: Random, spec: Object) -> Step:
    roll = random.random()
    if roll < 0.68:
        what = random.choice(_ON_PODS)
        places = (
            tuple(range(6)) if random.random() < 0.3 else tuple(sorted(random.sample(range(4), random.randint(1, 2))))
        )
        return Step(what, places, random.choice(CODES) if what in {"fail", "disrupt"} else 0)
    if roll < 0.8:
        return Step("wait", wait=random.choice([9.0, 12.0, 12.0, 22.0]))
    if roll < 0.9:
        return Step("suspend", patch={"spec": {"suspend": random.random() < 0.5}})
    if roll < 0.93 and spec["template"]["spec"]["restartPolicy"] == "OnFailure":
        return Step("restart", (0,), random.randint(1, 3))
    if spec.get("completionMode") == "Indexed" and spec["completions"] == spec["parallelism"] and random.random() < 0.5 and "successPolicy" not in spec:  # fmt: skip
        count = random.randint(1, 6)
        return Step("resize", patch={"spec": {"parallelism": count, "completions": count}})
    return Step("scale", patch={"spec": {"parallelism": random.randint(0, 4)}})


def of(item: Object, *path: str) -> Any:
    """A nested value, or None."""
    found: Any = item
    for key in path:
        found = (found or {}).get(key)
    return found
