"""What is judged again after a change, against everything judged anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.app.judged import Judged
from seakeep.catalog.loader import hardenings, services
from seakeep.engine.plan.rejudging import Objects, Rejudging
from seakeep.engine.platform import infer
from seakeep.engine.traits import recognising
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import (
    ConfigMap,
    CronJob,
    Deployment,
    KubeObject,
    Namespace,
    Pod,
    PodDisruptionBudget,
    Service,
)

FOUND = demo_snapshot()
TODAY = FOUND.taken_at.date()  # type: ignore[union-attr]  # the shipped snapshot says when it was taken
JUDGED = Judged(FOUND, demo_intent(), TODAY)
Change = Callable[[KubeObject], KubeObject | None]


@pytest.fixture(scope="module")
def known() -> Rejudging:
    return Rejudging(
        FOUND,
        hardenings(),
        lambda index: infer(index, services(), demo_intent(), (), today=TODAY),
        recognising(services()),
    )


def _with(kind: type[KubeObject], change: Change, most: int = 3) -> Objects:
    """The first few objects of a kind changed, or removed."""
    group = dict(FOUND.objects.get(kind.__name__, {}))
    for key in list(group)[:most]:
        new = change(group[key])
        group.pop(key)
        if new is not None:
            group[key] = new
    return {**FOUND.objects, kind.__name__: dict(sorted(group.items()))}


def _gone(_: KubeObject) -> None:
    return None


def _labelled(item: KubeObject) -> KubeObject:
    return replace(item, metadata=replace(item.metadata, labels={"pod-security.kubernetes.io/enforce": "baseline"}))


def _other_image(item: KubeObject) -> KubeObject:
    assert isinstance(item, Deployment)
    spec, template = item.spec, item.spec.template
    main = replace(template.spec.containers[0], image="redis:latest", command=("redis-server",))
    pod = replace(template.spec, containers=(main, *template.spec.containers[1:]))
    return replace(item, spec=replace(spec, template=replace(template, spec=pod), replicas=3))


def _unready(item: KubeObject) -> KubeObject:
    assert isinstance(item, Pod)
    conditions = tuple(
        replace(part, status="False") if part.type == "Ready" else part for part in item.status.conditions
    )
    return replace(item, status=replace(item.status, conditions=conditions))


def _emptied(item: KubeObject) -> KubeObject:
    assert isinstance(item, ConfigMap)
    return replace(item, data={"DB": "postgres://nowhere.shop:5432/x"})


CASES: dict[str, Callable[[], Objects]] = {
    "nothing": lambda: FOUND.objects,
    "namespaces": lambda: _with(Namespace, _labelled),
    "templates": lambda: _with(Deployment, _other_image),
    "workloads gone": lambda: _with(Deployment, _gone),
    "every Deployment gone": lambda: _with(Deployment, _gone, 1_000),
    "CronJobs gone": lambda: _with(CronJob, _gone),
    "pods not ready": lambda: _with(Pod, _unready, 40),
    "pods gone": lambda: _with(Pod, _gone, 10),
    "Services gone": lambda: _with(Service, _gone, 10),
    "configuration": lambda: _with(ConfigMap, _emptied, 50),
    "budgets gone": lambda: _with(PodDisruptionBudget, _gone),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_as_judging_everything_anew(known: Rejudging, case: str) -> None:
    objects = CASES[case]()
    assert known.outcome(objects, FOUND.taken_at) == JUDGED.objects(objects, FOUND.taken_at)


def test_a_later_moment(known: Rejudging) -> None:
    assert FOUND.taken_at is not None
    later = FOUND.taken_at + timedelta(days=40)
    assert known.outcome(FOUND.objects, later) == JUDGED.objects(FOUND.objects, later)


def test_the_cases_matter() -> None:
    whole = JUDGED.objects(FOUND.objects, FOUND.taken_at)
    for name in ("templates", "pods not ready", "every Deployment gone"):
        assert JUDGED.objects(CASES[name](), FOUND.taken_at).scores != whole.scores, name
    assert any(is_ready(pod) for pod in FOUND.all(Pod))
