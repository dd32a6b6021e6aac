"""A plan on the terminal: short, within the width, and what is alike told once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seakeep.model.change import Risk
from seakeep.model.plan import (
    Asked,
    Base,
    LeftOut,
    Limit,
    NodeTried,
    Outcome,
    Plan,
    Planned,
    Reason,
    Survived,
    Undo,
    Verdict,
    Wave,
)
from seakeep.model.refs import Ref
from seakeep.render.html import report_html
from seakeep.render.plan.gitops import pull_request
from seakeep.render.plan.text import plan_text
from tests.render.sample import report


def _change(kind: str, name: str, rule: str) -> Planned:
    target = Ref(kind, "shop", name)
    return Planned(f"{kind}/shop/{name}", target, "v1", {"a": 1}, (), Risk.LOW, (Reason(rule, target, f"why of {name}"),), Base("u", "1", "d"), Undo())  # fmt: skip


def _waves(*changes: Planned) -> tuple[Wave, ...]:
    kept = tuple(Wave(f"normal services {number} of 7", (_change("Deployment", f"app-{number}", "some-rule"),)) for number in range(1, 8))  # fmt: skip
    return (
        Wave("configuration", changes),
        *kept,
        Wave("policies", (_change("PodDisruptionBudget", "app", "other-rule"),)),
    )


SURVIVED = Survived(
    (
        NodeTried("drain", "a", (), (Ref("Pod", "shop", "kafka-1"),), 3, 5, 9),
        NodeTried("loss", "a", (), (), 2, 4, 9),
    ),
    (Limit("one replica, whose volume stays on its node", tuple(f"shop/db-{number}" for number in range(9))),),
)
PLAN = Plan(
    "abc",
    "dump",
    None,
    "",
    95.0,
    _waves(_change("Service", "web", "name-wrong"), *(_change("PersistentVolume", f"pv-{n}", "keep") for n in range(9))),
    Verdict("fine", Outcome({"health": 80.0, "survival": 30.0}), Outcome({"health": 99.0, "survival": 50.0}), notes=("a note",), survival=SURVIVED),
    tuple(Asked(f"rule-{number}", Ref("Deployment", "shop", "web"), f"Which of the {number} is it? " * 9) for number in range(12)),
    tuple(LeftOut("closed", Ref("NetworkPolicy", "shop", f"p-{number}"), "its risk is high") for number in range(9)),
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("verbose", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, *, verbose: bool) -> None:
    text = plan_text(PLAN, width=width, color=False, verbose=verbose)
    assert max(map(len, text.splitlines())) <= width


def test_what_is_alike_stands_together() -> None:
    lines = plan_text(PLAN, width=100, color=False, verbose=False).splitlines()
    assert "  low    change 9 PersistentVolumes" in lines
    assert "  low    change Service shop/web" in lines
    assert any(line.startswith("Waves 2-8  normal services  7  some-rule 7") for line in lines), lines
    assert not any("pv-3" in line for line in lines)
    whole = plan_text(PLAN, width=100, color=False, verbose=True)
    assert all(f"change PersistentVolume shop/pv-{number}" in whole for number in range(9))


def test_what_single_nodes_cost() -> None:
    text = plan_text(PLAN, width=100, color=False, verbose=False)
    assert "survival  30.0  →  50.0" in text
    assert "  a drained  3/9  →  5/9  stops at shop/kafka-1\n" in text
    assert "  a lost     2/9  →  4/9\n" in text
    assert (
        "    9  one replica, whose volume stays on its node\n       shop/db-0, shop/db-1, shop/db-2 and 6 more\n"
        in text
    )
    assert "a note" not in text, "told node by node already"
    bare = replace(PLAN, rehearsal=replace(PLAN.rehearsal, survival=None))
    assert "note: a note" in plan_text(bare, width=100, color=False, verbose=False)


def test_what_is_left_out_of_one_object_for_one_reason_is_told_once() -> None:
    api, web = Ref("Deployment", "shop", "api"), Ref("Deployment", "shop", "web")
    left = [LeftOut(f"rule-{number}", target, f"no room for {target.name}") for target in (api, web) for number in range(5)]  # fmt: skip
    text = plan_text(replace(PLAN, left_out=(*left, LeftOut("rule-0", web, "its risk is high"))), width=100, color=False, verbose=False)  # fmt: skip
    assert "Left out: 11" in text
    assert (
        "  rule-0, rule-1, rule-2 and 2 more  no room for api\n         Deployment shop/api\n"
        "  rule-0, rule-1, rule-2 and 2 more  no room for web\n         Deployment shop/web\n"
        "  rule-0  its risk is high\n         Deployment shop/web\n"
    ) in text


def test_a_drain_that_is_possible_now_and_what_it_does_to_survival() -> None:
    freed = Survived((NodeTried("drain", "a", (Ref("Pod", "shop", "solo-1"),), (), 9, 9, 9),), ())
    told = "survival counts what a budget refuses as survived"
    for after, noted in ((20.0, True), (30.0, False)):
        outcome = Outcome({"survival": after})
        plan = replace(PLAN, rehearsal=replace(PLAN.rehearsal, after=outcome, survival=freed))
        text = plan_text(plan, width=100, color=False, verbose=False)
        assert "  a drained  9/9  →  9/9  stopped at shop/solo-1 before\n" in text
        assert (told in text) == noted == (told in pull_request(plan))


def test_on_a_narrow_terminal_names_stay_whole_and_what_is_wrapped_stands_below_its_beginning() -> None:
    tried = (NodeTried("drain", "k8s-worker", (), (Ref("Pod", "data-platform", "zookeeper-2"),), 39, 43, 67),)
    survived = Survived(
        tried, (Limit("no other node has room for it (Insufficient memory, Too many pods)", ("shop/db",)),)
    )
    waves = _waves(
        _change("NetworkPolicy", "elasticsearch-admits-the-pods-of-datahub", "network-policy-blocks-what-is-relied-on")
    )
    plan = replace(PLAN, waves=waves, rehearsal=replace(PLAN.rehearsal, survival=survived))
    text = plan_text(plan, width=60, color=False, verbose=False)
    assert "  k8s-worker drained  39/67  →  43/67\n       stops at data-platform/zookeeper-2\n" in text
    assert "(Insufficient memory,\n       Too many pods)" in text
    assert "change NetworkPolicy\n         shop/elasticsearch-admits-the-pods-of-datahub\n" in text


def test_the_page_takes_waves_that_are_parts_of_one_together() -> None:
    page = report_html(report("web"), PLAN)
    assert '<td>a drained<div class="soft wrap">stops at shop/kafka-1</div></td>' in page
    assert "<td>a lost</td>" in page
    assert "Wave 1: configuration (10)" in page
    assert 'Waves 2-8: normal services (7) <span class="rules">some-rule 7</span>' in page
    assert "Wave 9: policies (1)" in page
    assert page.count('<h3 class="soft">Wave ') == 7
    assert all(f"Deployment shop/app-{number}" in page for number in range(1, 8))
