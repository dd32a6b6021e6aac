"""Slips in the names of a scenario are told before anything is played."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.errors import UsageError
from seakeep.adapters.scenario_file import parse_scenario
from seakeep.app.scenario_names import check
from seakeep.model.scenario import Scenario, Step
from tests.twin.platforms import platform

HEAD = "apiVersion: seakeep/v1\nkind: Scenario\nsteps:\n"


def told(steps: str) -> str:
    with pytest.raises(UsageError) as caught:
        check(platform(), parse_scenario(HEAD + steps, Path("x.yaml")))
    return f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("  - drain: a\n  - drain: n9\n", "x.yaml:5: test platform has no node 'n9' It has a, b, c."),
        ("  - lose: {zone: zone-9}\n", "x.yaml:4: test platform has no zone 'zone-9' It has zone-1, zone-2, zone-3."),
        (
            "  - scale: {Deployment/web: 2}\n",
            "x.yaml:4: test platform has no object 'Deployment/default/web' Did you mean Deployment/shop/web?",
        ),
        ("  - restart: StatefulSet/shop/kafk\n", "Did you mean StatefulSet/shop/kafka?"),
    ],
)
def test_the_line_and_what_may_have_been_meant(steps: str, words: str) -> None:
    assert words in told(steps)


@pytest.mark.parametrize(
    "steps",
    [
        "  - drain: n9\n    expect: {refused: not found}\n",
        "  - evict: shop/web-0\n",
        "  - delete: Job/shop/import-29000000\n",
        "  - apply: {objects: [{apiVersion: v1, kind: Node, metadata: {name: d}}]}\n  - cordon: d\n",
        "  - apply: {objects: [{apiVersion: apps/v1, kind: Deployment, metadata: {name: n}}]}\n  - restart: deploy/n\n",
    ],
)
def test_what_is_refused_on_purpose_or_comes_later_is_no_slip(steps: str) -> None:
    check(platform(), parse_scenario(HEAD + steps, Path("x.yaml")))


def test_of_a_single_command_the_api_server_answers_but_for_nodes() -> None:
    check(platform(), Scenario("scale", (Step("scale", ("Deployment/shop/none",), options={"replicas": 1}),)))
    with pytest.raises(UsageError, match="has no node 'n9'"):
        check(platform(), Scenario("drain", (Step("drain", ("n9",)),)))
