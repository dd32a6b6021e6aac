"""Diagnosis accuracy on faults of real Kubernetes objects: a fixed sample here, all of them by `make accuracy`."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.testing.engines import missing
from seakeep.testing.testbed import build
from tests.scenarios import score
from tests.scenarios.play import Fault, faults, play_all

# Every twenty-first of those that can be played beside each other: all kinds of faults, in one round on one control plane.
SAMPLE = [fault for fault in faults() if not fault.alone][::21]
GOAL = 0.9


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[score.Outcome]:
    if build.find() is None:
        missing("kubernetes", "the testbed is not built: run `make testbed`")
    folder = tmp_path_factory.mktemp("faults")
    score.save(folder, SAMPLE, play_all(folder / "planes", SAMPLE, batch=len(SAMPLE)))
    return score.judge_all(folder, SAMPLE)


@pytest.mark.engine("kubernetes")
def test_first_cause_is_right(outcomes: list[score.Outcome]) -> None:
    assert len(outcomes) == len(SAMPLE) * len(score.VIEWS)
    right = sum(each.right for each in outcomes)
    assert right >= GOAL * len(outcomes), score.summary(outcomes)


@pytest.mark.engine("kubernetes")
def test_no_recording_crashes_the_diagnosis(outcomes: list[score.Outcome]) -> None:
    assert not [each.answer for each in outcomes if each.crashed]


def test_scorer_wants_the_id_and_the_object(tmp_path: Path) -> None:
    fault = next(fault for fault in faults([""]) if fault.roots[0][0][0] == "image-invalid-name")
    table = "NAME                      READY   STATUS             RESTARTS   AGE\n{}-566b46df64-9q7r9   {}     {}   0          5m\n"
    command = f"$ kubectl get pods -n {fault.namespace}\n"
    for app, ready, status, right in (
        ("mailer", "0/1", "InvalidImageName", True),
        ("web", "0/1", "InvalidImageName", False),
        ("mailer", "0/1", "ErrImageNeverPull", False),
        ("mailer", "1/1", "Running", False),
    ):
        (path := tmp_path / "pods.txt").write_text(command + table.format(app, ready, status))
        assert score.judge(fault, "narrow", path).right is right, (app, status)


def test_scorer_wants_every_root_and_no_victim(tmp_path: Path) -> None:
    roots = tuple(
        ((cause, (f"Deployment/{name}",)),) for name, cause in (("a", "image-invalid-name"), ("b", "image-never-pull"))
    )
    fault = Fault("two at once", "acme", "shop", roots, {"victims": ["Deployment/c"]})
    row = "{}-566b46df64-9q7r9   0/1     {}   0          5m\n"
    head = "$ kubectl get pods -n acme\nNAME                 READY   STATUS             RESTARTS   AGE\n"
    a, b, c = (
        row.format("a", "InvalidImageName"),
        row.format("b", "ErrImageNeverPull"),
        row.format("c", "InvalidImageName"),
    )
    path = tmp_path / "pods.txt"
    for rows, right in ((a + b, True), (a, False), (a + b + c, False), (a + b + c.replace("c-", "d-"), False)):
        path.write_text(head + rows)
        assert score.judge(fault, "narrow", path).right is right, rows


def test_what_a_healthy_platform_may_be_asked(tmp_path: Path) -> None:
    (path := tmp_path / "deployments.txt").write_text(
        "$ kubectl get deployments -n acme\nNAME   READY   UP-TO-DATE   AVAILABLE   AGE\na      0/0     0            0           9d\n"
    )
    for may, right in (("intentionally-stopped", True), ("", False)):
        assert score.judge(Fault("stopped", "acme", "shop", (), {"may": may}), "narrow", path).right is right


def test_faults_are_well_formed() -> None:
    found = faults()
    assert len({fault.namespace for fault in found}) == len(found)
    assert len({cause for fault in found for root in fault.roots for cause, _ in root}) > 60
    assert sum(not fault.roots for fault in found) >= 10
