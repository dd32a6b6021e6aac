"""A rehearsal on the terminal: what is alike stands together, only what changed is listed, and lines end where the terminal does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Level, Played, Refusal, Rehearsal, Shortage, Side, Verdict
from seakeep.model.score import Score
from seakeep.render.rehearsal.refusals import grouped
from seakeep.render.rehearsal.text import rehearsal_text

FULL = "0/2 nodes are available: 1 Too many pods, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
PODS = tuple(Ref("Pod", "shop", f"web-{number:02}-7d9c6b5f4-x2x7k") for number in range(20))
BUDGET = Ref("PodDisruptionBudget", "shop", "db")
REFUSALS = (
    *(Refusal("unschedulable", pod, FULL) for pod in PODS),
    Refusal("blocked", Ref("Pod", "shop", "db-0"), "Cannot evict pod", BUDGET),
    Refusal("refused", Ref("Node", "", ""), "no node is in zone x"),
)
WEB = Ref("Deployment", "shop", "web-with-a-long-name")


def level(name: str, ready: int, *short: str) -> Level:
    return Level(f"shop/{name}", name, "shop", "high", ready, 20, 10, short)


def state(*levels: Level, health: float) -> Side:
    return Side((Score("health", health, "formula"),), levels)


BEFORE = state(level("db", 3), level("old", 0, "Deployment shop/old"), level("web", 20), health=90.0)
AFTER = state(level("db", 3), level("old", 0, "Deployment shop/old"), level("web", 0, str(WEB)), health=7.5)


def rehearsal(after: Side) -> Rehearsal:
    step = Played(
        "drain a", Verdict.DEGRADED, 0.0, 33.0, REFUSALS, short=(Shortage("shop/web", WEB, 0, 10, 33.0, False),)
    )
    return Rehearsal("drain a", "dump", Verdict.DEGRADED, (step,), BEFORE, after, (), 33.0)


def test_what_one_message_was_said_of_stands_together() -> None:
    text = rehearsal_text(rehearsal(AFTER), width=100)
    assert text.count("Too many pods") == 1
    assert "Found no node (20):" in text
    assert "20 Pods: shop/web-00-7d9c6b5f4-x2x7k," in text
    assert "and 5 more" in text
    assert "web-19" not in text
    assert "    Pod shop/db-0: Cannot evict pod\n      says PodDisruptionBudget shop/db\n" in text
    assert "    no node is in zone x\n" in text
    assert [group.kind for group in grouped(REFUSALS)] == ["refused", "blocked", "unschedulable"]


def test_only_what_changed_is_listed() -> None:
    text = rehearsal_text(rehearsal(AFTER), width=100)
    assert "shop/web                20/20   0/20      10  below\n" in text
    assert "shop/old" not in text
    assert "2 more are in the end as they were, 1 of them below what they need.\n" in text
    assert "health  90.0  →  7.5\n" in text
    assert "shop/old" in rehearsal_text(rehearsal(AFTER), width=100, verbose=True)
    same = rehearsal_text(rehearsal(BEFORE), width=100)
    assert "Every service is in the end as it was, 1 of them below what they need.\n" in same


def test_a_service_that_was_made_is_listed_though_nothing_was_before() -> None:
    text = rehearsal_text(replace(rehearsal(AFTER), before=replace(rehearsal(AFTER).before, services=())), width=100)
    assert "shop/web                  0/0   0/20      10  below\n" in text
    assert "as it was" not in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    widest = max(rehearsal_text(rehearsal(AFTER), width=width).splitlines(), key=len)
    assert len(widest) <= width, widest
