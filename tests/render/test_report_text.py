"""The report on the terminal: commands to copy stand whole, and each number says what it counts."""

from __future__ import annotations

from datetime import date

import pytest

from seakeep.adapters.files.read import read_bytes
from seakeep.app.check import check
from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.model.platform import Intent
from seakeep.model.report import Report
from seakeep.render.report.text import report_text


@pytest.fixture(scope="module")
def report() -> Report:
    found = demo_snapshot()
    assert found.taken_at
    return check(found, demo_intent(), found.taken_at.date())


@pytest.mark.parametrize("width", [60, 80, 100])
def test_only_commands_are_wider_than_the_terminal(report: Report, width: int) -> None:
    text = report_text(report, width=width, color=False, verbose=False)
    wide = [line.strip() for line in text.splitlines() if len(line) > width]
    assert all(line.startswith(("kubectl ", "seakeep ")) for line in wide), wide
    whole = "kubectl debug node/k8s-worker --image=busybox -- chroot /host systemctl status kubelet"
    assert f"\n  {whole}\n" in text


def test_what_to_ask_names_its_object(report: Report) -> None:
    text = report_text(report, width=100, color=False, verbose=False)
    assert "\n  Ask whether StatefulSet data-platform/doris-fe was stopped on purpose\n" in text
    assert "Scores, 0 to 100\n" in text
    assert "for health, due 2026-12-02: not judged" in text


def test_no_part_of_a_score_has_a_tail_of_digits(report: Report) -> None:
    text = report_text(report, width=100, color=False, verbose=True)
    assert "0.3333/1  data-platform/superset" in text
    assert "0.333333" not in text


def test_what_nobody_showed_is_not_called_well() -> None:
    log = b"2026-11-26T04:00:00Z INFO started\n2026-11-26T04:00:01Z INFO listening on :8080\n"
    found = check(read_bytes(log, "app.txt"), Intent(), date(2026, 11, 26))
    text = report_text(found, width=100, color=False, verbose=False)
    assert "No root cause found, and no object is shown" in text
    assert "visibly unwell" not in text
    assert [item.question for item in found.diagnosis.insufficient] == [
        "Is the pod well whose log this is? Nothing else of it was seen."
    ]
