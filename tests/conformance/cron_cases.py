"""Sequences of operations on CronJobs, drawn by seed: the same seed gives the same sequence. Every fourth one waits for minutes to pass; of the others the Jobs are made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.conformance.workload_cases import Object


@dataclass(frozen=True, slots=True)
class Step:
    """A merge patch of the CronJob; or Jobs of it that are made; or end, by their number; or only time."""

    patch: Object | None = None
    made: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    cron: Object
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"cron-{self.seed}"


def case(seed: int) -> Case:
    random = Random(seed)
    slow = seed % 4 == 3
    container = {"name": "main", "image": "example/app:1"}
    pod = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    job = {"metadata": {"labels": {"app": "it"}, "annotations": {"note": "x"}}, "spec": {"template": pod}}
    spec: Object = {"schedule": "* * * * *" if slow else "0 0 1 1 *", "jobTemplate": job}
    spec["concurrencyPolicy"] = random.choice(["Allow", "Forbid", "Replace"])
    for key in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        if random.random() < 0.7:
            spec[key] = random.randint(0, 3)
    if random.random() < 0.4:
        spec["startingDeadlineSeconds"] = random.choice([20, 40, 200])
    if random.random() < 0.3:
        spec["suspend"] = True
    if random.random() < 0.3:
        spec["timeZone"] = random.choice(["Etc/UTC", "Europe/Berlin", "Asia/Kolkata"])
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "it", "namespace": f"cron-{seed}"},
        "spec": spec,
    }
    steps = [_slow(random) for _ in range(3)] if slow else _by_hand(random)
    return Case(seed, cron, tuple(steps))


def _slow(random: Random) -> Step:
    patch = {"spec": {"suspend": random.random() < 0.4}} if random.random() < 0.5 else None
    return Step(patch=patch, wait=random.choice([31.0, 61.0]))


def _by_hand(random: Random) -> list[Step]:
    count = random.randint(2, 8)
    made = Step(made=tuple(range(count)))
    order = random.sample(range(count), count)
    cut, end = sorted((random.randint(0, count), random.randint(0, count)))
    steps = [made, Step(ended=tuple(order[:cut])), Step(failed=tuple(order[cut:end]))]
    key = random.choice(["successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
    steps.append(Step(patch={"spec": {key: random.randint(0, 2)}}))
    return steps
