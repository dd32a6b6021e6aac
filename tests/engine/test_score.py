"""Scores: recomputable, and never better for something being broken, stopped or deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from seakeep.app.check import check
from seakeep.contract.hardening import HardeningLeaf
from seakeep.engine.evaluate import evaluate
from seakeep.engine.score import hardening, value_of
from seakeep.facts.index import Index
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.platform import Declared, Intent, Platform, Waiver
from seakeep.model.refs import Ref
from seakeep.model.report import Report
from seakeep.model.score import Part
from seakeep.model.snapshot import Snapshot
from seakeep.render.formats import render_report
from seakeep.testing.cases import snapshot_of
from tests.engine.strategies import objects, platforms, pod, snapshot

TODAY = date(2026, 3, 2)
NOBODY = Platform(Intent())


def report(found: list[dict[str, Any]], intent: Intent | None = None) -> Report:
    return check(snapshot(found), intent or Intent(), TODAY)


def recompute(text: str) -> None:
    """The ten lines that anybody can run on the JSON."""
    document = json.loads(text)
    for score in filter(None, document["scores"].values()):  # survival is null where nobody asked for it
        whole = sum(part["weight"] * part["of"] for part in score["parts"])
        got = sum(part["weight"] * part["got"] for part in score["parts"])
        if score["value"] is None:
            assert not whole
        else:
            assert abs(score["value"] - 100 * got / whole) < 0.06
    naive = document["naive"]
    assert naive["percent"] is None or abs(naive["percent"] - 100 * naive["running"] / naive["total"]) < 0.06


@given(platforms)
def test_recomputable_and_bounded(shape: list[tuple[str, int, int]]) -> None:
    text = render_report(report(objects(shape)), "json")
    recompute(text)
    assert all(
        score["value"] is None or 0 <= score["value"] <= 100
        for score in filter(None, json.loads(text)["scores"].values())
    )


@given(platforms, st.data())
def test_breaking_a_pod_never_raises_a_score(shape: list[tuple[str, int, int]], data: st.DataObject) -> None:
    before = report(objects(shape)).scores
    number = data.draw(st.integers(0, len(shape) - 1))
    worse = [
        (image, replicas, max(ready - 1, 0) if position == number else ready)
        for position, (image, replicas, ready) in enumerate(shape)
    ]
    after = report(objects(worse)).scores
    for name in ("running", "health", "hardening"):
        assert not_better(getattr(after, name).value, getattr(before, name).value)
    assert after.naive.running <= before.naive.running


@given(platforms, st.data())
def test_scaling_to_zero_never_raises_health(shape: list[tuple[str, int, int]], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(shape) - 1))
    stopped = [
        (image, 0, 0) if position == number else (image, replicas, ready)
        for position, (image, replicas, ready) in enumerate(shape)
    ]
    assert not_better(report(objects(stopped)).scores.health.value, report(objects(shape)).scores.health.value)


@given(platforms, st.data())
def test_deleting_a_declared_workload_never_raises(shape: list[tuple[str, int, int]], data: st.DataObject) -> None:
    """What platform.yaml declares counts, there or not. (What nobody declared cannot be missed.)"""
    declared = tuple(
        Declared(
            id=f"w{number}",
            namespace="default",
            criticality="high",
            intended={f"Deployment/default/w{number}": max(replicas, 1)},
            workloads=(f"Deployment/default/w{number}",),
        )
        for number, (_, replicas, _) in enumerate(shape)
    )
    intent = Intent(services=declared)
    gone = f"w{data.draw(st.integers(0, len(shape) - 1))}"
    left = [item for item in objects(shape) if not item["metadata"]["name"].startswith(gone)]
    before, after = report(objects(shape), intent).scores, report(left, intent).scores
    assert not_better(after.health.value, before.health.value)
    assert not_better(after.running.value, before.running.value)


def not_better(after: float | None, before: float | None) -> bool:
    return after is None or (before is not None and after <= before)


@given(
    st.lists(st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.SKIPPED]), max_size=20),
    st.sampled_from(list(Severity)),
)
def test_one_failure_more_never_raises_hardening(outcomes: list[Outcome], severity: Severity) -> None:
    found = [
        Finding("rule", Ref("Pod", "n", str(number)), outcome, Severity.WARNING)
        for number, outcome in enumerate(outcomes)
    ]
    more = Finding("other", Ref("Pod", "n", "x"), Outcome.FAIL, severity)
    before, after = hardening(found, NOBODY).value, hardening([*found, more], NOBODY).value
    assert after is not None
    assert after == 0 if before is None else after <= before


def test_skipped_and_error_are_no_passes() -> None:
    passed = Finding("rule", Ref("Pod", "n", "a"), Outcome.PASS, Severity.WARNING)
    broken = Finding("rule", Ref("Cluster", "", ""), Outcome.ERROR, Severity.WARNING)
    skipped = Finding("rule", Ref("Pod", "n", "b"), Outcome.SKIPPED, Severity.WARNING)
    assert hardening([broken], NOBODY).value is None
    assert hardening([passed, broken], NOBODY).coverage == 0.5
    assert hardening([passed, skipped], NOBODY).coverage == 0.5


def test_a_rule_that_could_not_run_is_not_lost_among_others_objects() -> None:
    many = [Finding("rule", Ref("Pod", "n", str(number)), Outcome.PASS, Severity.WARNING) for number in range(1_000)]
    unread = Finding("other", Ref("Cluster", "", ""), Outcome.SKIPPED, Severity.WARNING)
    assert hardening([*many, unread], NOBODY).coverage == 0.5


def test_a_rule_that_fails_halfway_says_nothing() -> None:
    def judge(index: Index) -> Iterator[Finding]:
        yield Finding("rule", Ref("Pod", "n", "a"), Outcome.PASS, Severity.WARNING)
        raise ValueError(index)

    (finding,) = evaluate(Index(snapshot([])), [HardeningLeaf("rule", "Rule", (), judge)])
    assert finding.outcome is Outcome.ERROR


def test_findings_of_what_matters_more_weigh_more() -> None:
    service = report(objects([("postgres:16", 1, 1)])).platform.services[0]
    platform = Platform(Intent(), (replace(service, criticality="critical", workloads=(Ref("Pod", "n", "a"),)),))
    passed = Finding("rule", Ref("Pod", "n", "b"), Outcome.PASS, Severity.WARNING)
    failed = Finding("rule", Ref("Pod", "n", "a"), Outcome.FAIL, Severity.WARNING)
    assert hardening([passed, failed], NOBODY).value == 50.0
    assert hardening([passed, failed], platform).value == 16.7


def test_a_table_of_pods_says_nothing_of_hardening() -> None:
    text = "$ kubectl get pods\nNAME   READY   STATUS    RESTARTS   AGE\nsolo   1/1     Running   0          3d\n"
    value = check(snapshot_of({"transcript": text}), Intent(), TODAY).scores
    assert (value.hardening.value, value.hardening.coverage) == (None, 0.0)
    assert value.running.value == 100.0


def test_unknown_is_not_zero() -> None:
    manifests = replace(snapshot(objects([("redis:7", 2, 0)])), intent_only=True)
    value = check(manifests, Intent(), TODAY)
    assert value.scores.health.value is None
    assert value.scores.running.value is None
    assert value.scores.naive.percent is None
    assert {service.state for service in value.platform.services} == {"unknown"}


def test_a_critical_service_outweighs_many_small_ones() -> None:
    fine = [("acme/job:1", 1, 1)] * 4
    small = report(objects([*fine, ("acme/job:1", 1, 0)])).scores.health.value
    critical = report(objects([*fine, ("postgres:16", 1, 0)])).scores.health.value
    assert small is not None
    assert critical is not None
    assert critical < small


def test_surplus_of_one_service_does_not_cover_another() -> None:
    found = [*objects([("redis:7", 1, 1), ("postgres:16", 1, 0)]), pod("w0", 9, "redis:7", ready=True)]
    assert report(found).scores.running.value == 50.0


@pytest.mark.parametrize(
    ("expires", "state", "health"), [(date(2026, 3, 1), "stopped", 0.0), (date(2026, 4, 1), "waived", None)]
)
def test_a_waiver_ends_on_its_day(expires: date, state: str, health: float | None) -> None:
    intent = Intent(waivers=(Waiver("default/redis", "replaced", "data-team", expires),))
    value = report(objects([("redis:7", 0, 0)]), intent)
    assert [service.state for service in value.platform.services] == [state]
    assert value.scores.health.value == health


def test_a_waiver_that_names_nothing_is_told() -> None:
    intent = Intent(waivers=(Waiver("default/rediss", "replaced", "data-team", date(2026, 4, 1)),))
    assert "default/rediss" in report(objects([("redis:7", 0, 0)]), intent).scores.health.note


def test_value_of_nothing_is_none() -> None:
    assert value_of(()) is None
    assert value_of((Part("a", "", 1, 1, 2), Part("b", "", 3, 3, 3))) == 90.9


def test_same_input_same_bytes() -> None:
    found = objects([("redis:7", 2, 1), ("postgres:16", 1, 1)])
    first: Snapshot = snapshot(found)
    second: Snapshot = snapshot(list(reversed(found)))
    assert render_report(check(first, Intent(), TODAY), "json") == render_report(check(second, Intent(), TODAY), "json")
