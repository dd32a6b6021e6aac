"""What is judged again after a change, against everything judged anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.app.judged import Judged
from seakeep.catalog.loader import hardenings, services
from seakeep.engine.evaluate import evaluate
from seakeep.engine.plan.noting import Objects
from seakeep.engine.plan.rejudging import Rejudging
from seakeep.engine.platform import infer, part_of
from seakeep.engine.recognise import Recogniser
from seakeep.engine.traits import Recognising
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import controller_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.finding import Finding
from seakeep.model.objects import (
    ConfigMap,
    CronJob,
    Deployment,
    Job,
    KubeObject,
    Namespace,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    Service,
    StatefulSet,
)

FOUND = demo_snapshot()
TODAY = FOUND.taken_at.date()  # type: ignore[union-attr]  # the shipped snapshot says when it was taken
JUDGED = Judged(FOUND, demo_intent(), TODAY)
RECOGNISER = Recogniser(services())
Change = Callable[[KubeObject], KubeObject | None]


@pytest.fixture(scope="module")
def known() -> Rejudging:
    return Rejudging(
        FOUND,
        hardenings(),
        lambda index: infer(index, services(), demo_intent(), (), today=TODAY),
        lambda index, ref: part_of(index, RECOGNISER, demo_intent(), ref),
        Recognising(RECOGNISER),
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


def _rolled_out(most: int = 6) -> Objects:
    """The first few Deployments with another template, ReplicaSet and pods, as a roll-out leaves them."""
    groups = {kind: dict(FOUND.objects[kind]) for kind in ("Deployment", "ReplicaSet", "Pod")}
    owners = {key: controller_of(item) for key, item in groups["ReplicaSet"].items()}
    for deployment in list(FOUND.all(Deployment))[:most]:
        groups["Deployment"][deployment.namespace, deployment.name] = _other_image(deployment)
        for key in [key for key, owner in owners.items() if owner == deployment.ref]:
            old = groups["ReplicaSet"][key]
            new = replace(old, metadata=replace(old.metadata, name=f"{deployment.name}-new"))
            groups["ReplicaSet"][new.namespace, new.name] = new
            for name, pod in [(name, pod) for name, pod in groups["Pod"].items() if controller_of(pod) == old.ref]:
                part = replace(pod.metadata.owner_references[0], name=new.name)
                moved = replace(pod.metadata, name=f"{new.name}-{pod.name[-5:]}", owner_references=(part,))
                groups["Pod"].pop(name)
                groups["Pod"][moved.namespace, moved.name] = replace(pod, metadata=moved)
    return {**FOUND.objects, **{kind: dict(sorted(group.items())) for kind, group in groups.items()}}


def _orphaned(item: KubeObject) -> KubeObject:
    return replace(item, metadata=replace(item.metadata, owner_references=()))


def _relabelled(item: KubeObject) -> KubeObject:
    return replace(item, metadata=replace(item.metadata, labels={"app": "other"}))


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
    "roll-outs": _rolled_out,
    "ReplicaSets without their Deployments": lambda: _with(ReplicaSet, _orphaned, 20),
    "ReplicaSets gone": lambda: _with(ReplicaSet, _gone, 20),
    "pods of nobody": lambda: _with(Pod, _orphaned, 40),
    "pods of other labels": lambda: _with(Pod, _relabelled, 40),
    "sets gone": lambda: _with(StatefulSet, _gone),
    "Jobs gone": lambda: _with(Job, _gone, 10),
    "claims gone": lambda: _with(PersistentVolumeClaim, _gone, 20),
    "budgets gone": lambda: _with(PodDisruptionBudget, _gone),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_as_judging_everything_anew(known: Rejudging, case: str) -> None:
    objects = CASES[case]()
    assert known.outcome(objects, FOUND.taken_at) == JUDGED.objects(objects, FOUND.taken_at)


@pytest.mark.parametrize("case", CASES)
def test_each_finding_is_the_same(known: Rejudging, case: str) -> None:
    """Scores are rounded; what they are made of is not."""
    objects = CASES[case]()
    whole = evaluate(Index(replace(FOUND, objects=objects), Recognising(RECOGNISER)), hardenings())
    assert Counter(map(_counted, known.findings(objects, FOUND.taken_at))) == Counter(map(_counted, whole))


def _counted(item: Finding) -> tuple[object, ...]:
    return item.rule, item.object, item.severity, item.outcome


def test_a_later_moment(known: Rejudging) -> None:
    assert FOUND.taken_at is not None
    later = FOUND.taken_at + timedelta(days=40)
    assert known.outcome(FOUND.objects, later) == JUDGED.objects(FOUND.objects, later)


def test_the_cases_matter() -> None:
    whole = JUDGED.objects(FOUND.objects, FOUND.taken_at)
    for name in ("templates", "pods not ready", "every Deployment gone"):
        assert JUDGED.objects(CASES[name](), FOUND.taken_at).scores != whole.scores, name
    assert any(is_ready(pod) for pod in FOUND.all(Pod))
