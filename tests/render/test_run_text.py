"""Runs on the terminal: what stands, and the commands that go on from there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from seakeep.model.again import Again
from seakeep.model.run import Run, RunState, Step
from seakeep.render.run.following import following
from seakeep.render.run.text import history_text, run_text, run_wire, steps_text
from tests.apply.plans import large, objects
from tests.twin.builders import node, snapshot

PLAN = large(snapshot([node("a"), *objects(each=1)]), each=1)
AT = datetime(2026, 3, 2, 8, 0, 5, tzinfo=UTC)
SCORES = {"health": 71.4, "running": 100.0}


def run(state: RunState, message: str = "") -> Run:
    steps = tuple(Step(change.id, "configuration", "applied", AT) for change in PLAN.changes)
    return Run("run-1", PLAN, "cluster-1", state, message, AT, AT, steps, SCORES, {"health": 100.0, "running": 100.0})


def test_what_comes_next_names_journal_and_options_again() -> None:
    again = Again(" --journal my.db --context prod", " --lease-namespace ops", " --force-conflicts")
    rest = following(RunState.FAILED, "run-1", again)
    text = run_text(run(RunState.FAILED, "no"), rest=rest)
    assert text.endswith(
        "  seakeep apply --resume run-1 --journal my.db --context prod --lease-namespace ops --force-conflicts\n"
        "  seakeep rollback run-1 --journal my.db --context prod --lease-namespace ops\n"
    )
    # A command is to be copied: it is not wrapped.
    assert text == run_text(run(RunState.FAILED, "no"), width=60, rest=rest)
    assert following(RunState.DONE, "run-1", again)[1] == "  seakeep verify run-1 --journal my.db --context prod"


@pytest.mark.parametrize("state", [RunState.ROLLED_BACK, RunState.ROLLING_BACK])
def test_a_run_that_was_taken_back_shows_no_scores_of_before_that(state: RunState) -> None:
    assert "health     " in run_text(run(RunState.DONE))
    assert "health" not in run_text(run(state, "asked for"))
    assert run_wire(run(state)).after.health is None
    assert run_wire(run(RunState.DONE)).after.health == 100.0


def test_a_reason_stands_without_what_everybody_knows() -> None:
    assert run_text(run(RunState.ROLLED_BACK, "asked for")).startswith("Run run-1: rolled back (asked for)\n")
    refused = run_text(run(RunState.FAILED, "asked for; nothing was rolled back"))
    assert refused.startswith("Run run-1: failed (nothing was rolled back)\n")


def test_lines_end_where_the_terminal_does_and_times_are_in_one_form() -> None:
    reason = "; ".join(
        f"field-{number} of Deployment shop/web was changed since by somebody-else" for number in range(9)
    )
    for text in (steps_text(run(RunState.DONE, reason), width=80), history_text([run(RunState.DONE)])):
        assert max(map(len, text.splitlines())) <= 80, text
        assert "2026-03-02 08:00" in text
        assert "T08:00" not in text


def test_a_rollback_that_others_stand_in_the_way_of_names_both_ways_on() -> None:
    rows = following(RunState.FAILED, "run-1", Again(" --context prod"), back=True)
    assert rows[1:] == [
        "  seakeep rollback run-1 --context prod",
        "  seakeep rollback run-1 --context prod --force-conflicts",
    ]


def test_a_stale_plan_says_once_what_to_do() -> None:
    reasons = "; ".join(
        f"ConfigMap shop/config-{number} has changed since the plan: make a new plan" for number in (1, 2)
    )
    text = run_text(run(RunState.REFUSED, reasons))
    assert "  - ConfigMap shop/config-2 has changed since the plan\n" in text
    assert text.endswith("Nothing was written.\nMake a new plan:\n  seakeep plan --out plan.yaml\n")


def test_one_change_is_one_and_none_are_none() -> None:
    whole = run(RunState.DONE)
    one, none = replace(whole, steps=whole.steps[:1]), replace(whole, steps=())
    assert "  plan plan-1, 1 change: 1 applied\n" in run_text(one)
    assert "  plan plan-1, 0 changes\n" in run_text(none)
