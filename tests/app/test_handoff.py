"""The hand-off of the reference platform: of the repairs played on its twin, and of its first day as it was done by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.adapters.errors import UsageError
from seakeep.adapters.journal import open_journal
from seakeep.app.apply import seen_on_twin
from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.app.handoff import Asked, handoff, masked, of_cluster, runs_since
from seakeep.app.plan import plan
from seakeep.engine.apply import Options as Applying
from seakeep.engine.plan.choose import Options
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.handoff import Handoff, Tick
from seakeep.model.objects import Deployment, KubeObject, Pod
from seakeep.model.run import Entry
from seakeep.model.snapshot import Snapshot
from seakeep.render.handoff.forms import render_handoff
from tests.apply.plans import secretive

TODAY = demo_snapshot().taken_at.date()  # type: ignore[union-attr]  # the shipped snapshot says when it was taken
REPAIRS = ("external-name-unresolvable", "dependency-missing")


@dataclass(frozen=True)
class Played:
    value: Handoff
    plan: str


@pytest.fixture(scope="module")
def repaired() -> Played:
    found, intent = demo_snapshot(), demo_intent()
    made = plan(found, intent, TODAY, Options(only=REPAIRS))
    run, start, end = seen_on_twin(made, found, intent, TODAY, Applying(), lambda _: None)
    asked = Asked("the run", (run,), {run.id: "1a2b3c4"}, rehearsed=True, origin=start)
    return Played(handoff(asked, found, end, intent, TODAY), made.id)


@pytest.fixture(scope="module")
def by_hand() -> Handoff:
    """Nobody plans: what fails is scaled to zero or deleted, each single replica gets a budget that lets none go, and quotas demand limits of pods that set none."""
    found = demo_snapshot()
    return handoff(Asked("2026-11-25", ()), found, first_day(found), demo_intent(), TODAY)


def first_day(found: Snapshot) -> Snapshot:
    pods = {key: pod for key, pod in found.objects["Pod"].items() if isinstance(pod, Pod) and (is_ready(pod) or is_finished(pod))}  # fmt: skip
    kept = {key: item for key, item in found.objects["Deployment"].items() if item.name != "lineage-collector"}
    stopped = {"superset-beat", "superset-worker", "datahub-gms"}
    scaled = {key: scaled_to_zero(item) if item.name in stopped else item for key, item in kept.items()}
    budgets = [
        budget(item.namespace, item.name, item.spec.template.metadata.labels)
        for item in kept.values()
        if isinstance(item, Deployment) and item.spec.replicas == 1 and item.name in {"grafana", "superset"}
    ]
    quota = from_mapping({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "compute", "namespace": "data-platform"}, "spec": {"hard": {"limits.cpu": "150", "limits.memory": "300Gi"}}, "status": {"used": {"limits.cpu": "33950m", "limits.memory": "64Gi"}}})  # fmt: skip
    objects = {**found.objects, "Pod": pods, "Deployment": scaled, "Job": {}, "PodDisruptionBudget": keyed(budgets), "ResourceQuota": keyed([quota])}  # fmt: skip
    return replace(found, objects=objects, source="evening")


def scaled_to_zero(item: KubeObject) -> KubeObject:
    assert isinstance(item, Deployment)
    return replace(item, spec=replace(item.spec, replicas=0), status=replace(item.status, replicas=0, ready_replicas=0))


def budget(namespace: str, name: str, labels: object) -> KubeObject:
    return from_mapping({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name, "namespace": namespace}, "spec": {"minAvailable": 1, "selector": {"matchLabels": labels}}, "status": {"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}})  # fmt: skip


def keyed(items: list[KubeObject]) -> dict[tuple[str, str], KubeObject]:
    return {(item.namespace, item.name): item for item in items}


def tick(value: Handoff, start: str) -> Tick:
    return next(item for item in value.checklist if item.text.startswith(start))


def figure(value: Handoff, name: str) -> tuple[float | None, float | None]:
    return next((item.before, item.after) for item in (*value.scores, *value.pods) if item.name == name)


def test_repairs_are_told_with_their_plan_and_commit(repaired: Played) -> None:
    value = repaired.value
    before, after = figure(value, "health")
    assert before == 84.4
    assert after is not None
    assert after > before
    assert [item.plan.id for item in value.runs] == [repaired.plan]
    assert tick(value, "Run ").met is True
    better = {item.id for item in value.services if item.turn == "better"}
    assert better >= {"data-platform/superset", "data-platform/redis", "data-platform/metadata-api"}
    page = render_handoff(value, "html")
    assert "1a2b3c4" in page
    assert "+  externalName: kong-postgres.kong.svc.cluster.local" in page


def test_what_is_left_is_told_with_its_cost(repaired: Played) -> None:
    issues = {(item.cause, item.object.name): item for item in repaired.value.issues}
    spark = issues["insufficient-memory", "spark-history-server"]
    assert spark.since == "before"
    assert any(text.startswith("data-platform/spark (normal) is down") for text in spark.impact)
    assert "Pending" in " ".join(spark.symptoms)
    kubelet = issues["kubelet-down", "k8s-worker"]
    assert kubelet.temporary == "None is needed: no service is down for it."
    assert ("external-name-unresolvable", "postgres-shared-service") not in issues
    assert "waived until 2027-01-15" in issues["pvc-missing", "minio"].impact[0]


def test_every_kind_of_fact_is_there(repaired: Played) -> None:
    value = repaired.value
    assert [(item.score, item.wanted, item.met is not None) for item in value.objectives] == [("health", 85.0, True), ("health", 95.0, False)]  # fmt: skip
    assert figure(value, "naive")[0] == 76.6
    assert (figure(value, "pods")[0], figure(value, "failing")[0]) == (154, 19)
    assert {(item.node, item.resource) for item in value.rooms} >= {("", "cpu"), ("", "memory"), ("k8s-worker", "cpu")}
    assert all(item.free == item.allocatable - item.requests for item in value.rooms if item.allocatable is not None and item.requests is not None)  # fmt: skip
    assert value.claims[0].total == value.claims[0].bound + len(value.unbound)
    assert [(item.waiver.target, item.days) for item in value.waivers] == [("kubeflow/kubeflow", 51)]
    assert value.elsewhere == ()
    usable = {item.id: item for item in value.usable}
    assert usable["kafka/kafka"].since is not None
    assert "data-platform/spark" not in usable
    drains = tick(value, "Each node can be drained")
    assert [text.partition(":")[0] for text in drains.evidence] == ["k8s-control", "k8s-worker"]
    assert value.following[0].commands[0].startswith("seakeep plan")
    assert any("data-platform/trino" in item.text for item in value.following)


def test_health_does_not_rise_by_deletion(by_hand: Handoff) -> None:
    naive, health = figure(by_hand, "naive"), figure(by_hand, "health")
    assert naive[0] is not None
    assert naive[1] is not None
    assert naive[1] > naive[0], "what dashboards show rises"
    assert health[0] is not None
    assert health[1] is not None
    assert health[1] <= health[0]
    note = next(item.note for item in by_hand.scores if item.name == "naive")
    assert "of the 154 of before it would be 76.6" in note
    gone = next(item for item in by_hand.services if item.id == "data-platform/lineage-collector")
    assert (gone.turn, gone.state_after) == ("gone", "gone")
    assert tick(by_hand, "Nothing was removed").met is False


def test_the_first_day_is_not_praised(by_hand: Handoff) -> None:
    budgets = tick(by_hand, "Disruption budgets")
    assert budgets.met is False
    assert any("disruption-budget-blocks-drain" in text for text in budgets.evidence)
    quotas = tick(by_hand, "Quotas")
    assert any("quota-without-limit-range" in text for text in quotas.evidence)
    assert tick(by_hand, "Each node can be drained").met is False
    assert tick(by_hand, "Every service that is meant to run").met is False
    changed = {(item.what, item.object.name, item.detail) for item in by_hand.elsewhere or ()}
    assert ("changed", "superset-beat", "replicas 1 → 0") in changed
    assert ("removed", "ingest-census-recipe", "") in changed
    assert not any("cross-node" in item.cause for item in by_hand.issues)


def test_without_a_snapshot_of_before_the_journal_speaks(repaired: Played) -> None:
    run = repaired.value.runs[0]
    value = handoff(Asked("the run", (run,)), None, demo_snapshot(), demo_intent(), TODAY, drains=False)
    assert figure(value, "health")[0] == 84.4
    assert figure(value, "pods")[0] is None
    assert value.elsewhere is None
    assert tick(value, "No pod fails").met is None
    superset = next(item for item in value.services if item.id == "data-platform/superset")
    assert superset.before == (1, 4)
    assert tick(value, "Each node can be drained").met is None


def test_runs_by_name_by_day_and_by_cluster(tmp_path: Path) -> None:
    journal = open_journal(str(tmp_path / "journal.db"))
    _, made = secretive()
    for name, day, cluster in (("one", 1, "a"), ("two", 2, "b"), ("three", 3, "a")):
        journal.begin(name, made, cluster, datetime(2026, 3, day, tzinfo=UTC))
        journal.append(name, [Entry("begun")], datetime(2026, 3, day, tzinfo=UTC))
    named = runs_since(journal, "one")
    assert [run.id for run in named] == ["one", "two", "three"]
    assert [run.id for run in of_cluster(named, "one", "")] == ["one", "three"], "the run's own cluster"
    assert [run.id for run in runs_since(journal, "2026-03-02")] == ["two", "three"]
    assert [run.id for run in of_cluster(named, "2026-03-01", "b")] == ["two"]
    with pytest.raises(UsageError, match="another cluster"):
        of_cluster(named, "one", "b")
    with pytest.raises(UsageError, match="no date"):
        runs_since(journal, "yesterday")


def test_secrets_in_a_plan_do_not_get_into_a_hand_off(repaired: Played) -> None:
    run = repaired.value.runs[0]
    wave, canary = run.plan.waves[0], "hunter2-canary"
    env = {"spec": {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "DB_PASSWORD", "value": canary}]}]}}}}  # fmt: skip
    first = wave.changes[0]
    hand = replace(first, patch=env, undo=replace(first.undo, patch=env))
    secret = replace(first, target=first.target._replace(kind="Secret"), patch={"stringData": {"key": canary}})
    spoiled = replace(run, plan=replace(run.plan, waves=(replace(wave, changes=(hand, secret)),)))
    assert canary in msgspec.json.encode(spoiled).decode()
    assert canary not in msgspec.json.encode(masked(spoiled)).decode()
    value = handoff(Asked("the run", (spoiled,)), None, demo_snapshot(), demo_intent(), TODAY, drains=False)
    for form in ("html", "md", "json", "yaml"):
        assert canary not in render_handoff(value, form), form
