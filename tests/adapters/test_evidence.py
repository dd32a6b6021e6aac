"""Alerts and metrics from files, in every form in which they are saved."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seakeep.adapters.evidence import read_alerts, read_samples
from tests.adapters.files import cluster
from tests.adapters.program import seakeep

LABELS = {"alertname": "KubePodCrashLooping", "namespace": "data", "pod": "loader-5d4f8b7c6d-x2x7k"}
V2 = {
    "labels": LABELS,
    "annotations": {"summary": "loops"},
    "startsAt": "2026-03-02T11:00:00.000Z",
    "endsAt": "2026-03-02T12:00:00Z",
    "fingerprint": "0",
    "receivers": [],
    "status": {"state": "active", "inhibitedBy": [], "silencedBy": []},
}
V1 = {
    "labels": LABELS,
    "annotations": {"summary": "loops"},
    "activeAt": "2026-03-02T11:00:00Z",
    "state": "firing",
    "value": "1e+00",
}
WHEN = 1772449200


@pytest.mark.parametrize("saved", [[V2], {"data": {"alerts": [V1]}, "status": "success"}, {"data": [V2], "status": "success"}, {"alerts": [V1]}])  # fmt: skip
def test_alerts(saved: Any, tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps(saved))
    (alert,) = read_alerts(str(file))
    assert (alert.name, alert.state, alert.labels, alert.annotations) == (
        "KubePodCrashLooping",
        "firing",
        LABELS,
        {"summary": "loops"},
    )
    assert alert.starts_at == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_alerts_that_do_not_fire(tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps([{**V2, "status": {"state": "suppressed"}}, {**V1, "state": "pending"}]))
    assert [alert.state for alert in read_alerts(str(file))] == ["suppressed", "pending"]


def test_no_alerts_are_no_error(tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    file.write_text("[]")
    assert read_alerts(str(file)) == ()


def _answer(*result: Any, kind: str = "vector") -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": list(result)}}


@pytest.mark.parametrize(
    "saved",
    [
        _answer({"metric": {"__name__": "x", "pod": "a"}, "value": [WHEN, "0.9"]}),
        {"x": _answer({"metric": {"__name__": "x", "pod": "a"}, "value": [WHEN, "0.9"]})},
        _answer(
            {"metric": {"__name__": "x", "pod": "a"}, "values": [[WHEN - 60, "0.1"], [WHEN, "0.9"]]}, kind="matrix"
        ),
        [{"metric": {"__name__": "x", "pod": "a"}, "value": [WHEN, "0.9"]}],
    ],
)
def test_metrics(saved: Any, tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps(saved))
    (sample,) = read_samples(str(file))
    assert (sample.name, sample.labels["pod"], sample.value) == ("x", "a", 0.9)
    assert sample.time == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_they_are_added_to_what_the_source_shows(tmp_path: Path) -> None:
    alerts, metrics = tmp_path / "alerts.json", tmp_path / "metrics.json"
    alerts.write_text(json.dumps([{**V2, "labels": {**LABELS, "pod": "unseen"}}]))
    throttled = {
        "metric": {"namespace": "data", "pod": "loader-5d4f8b7c6d-x2x7k", "container": "main"},
        "value": [WHEN, "0.9"],
    }
    metrics.write_text(json.dumps({"container_cpu_throttled_ratio": _answer(throttled)}))
    dump = json.dumps(cluster.mixed(cluster.objects())).encode()
    done = seakeep(
        "snapshot", "-", "-o", str(tmp_path / "x.skz"), "--alerts", str(alerts), "--metrics", str(metrics), stdin=dump
    )
    assert done.code == 0, done.err
    done = seakeep("diagnose", str(tmp_path / "x.skz"), "-o", "json")
    assert "KubePodCrashLooping" in done.out
