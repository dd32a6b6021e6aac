"""`seakeep rehearse …` and `seakeep survive` as people call them, on the shipped snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from seakeep.cli.main import app

ROOT = Path(__file__).parents[2]
DUMP = str(ROOT / "src" / "seakeep" / "data" / "254carbon.skz")
INTENT = str(ROOT / "src" / "seakeep" / "data" / "254carbon.platform.yaml")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words, "-q"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def test_a_drain_and_who_falls_short() -> None:
    code, text = run("rehearse", "drain", "k8s-worker", DUMP, "-p", INTENT)
    assert code == 12
    assert "data-platform/object-store" in text
    assert "Too many pods" in text


def test_json_has_the_contract() -> None:
    code, text = run("rehearse", "lose", "k8s-control", DUMP, "-o", "json")
    document = json.loads(text)
    assert code == 12
    assert {"kind", "scenario", "verdict", "steps", "before", "after", "timeline"} <= document.keys()
    assert document["kind"] == "Rehearsal"
    assert document["before"]["scores"]["health"]["value"] > document["after"]["scores"]["health"]["value"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("drain", "nowhere", DUMP), 2),
        (("drain", "k8s-worker", DUMP, "--no-ignore-daemonsets"), 20),
        (("lose", "zone/x", DUMP), 2),
        (("scale", "Deployment/kafka/kafka-ui=1", DUMP), 0),
        (("scale", "Deployment/kafka/none=1", DUMP), 20),
        (("scale", "kafka-ui=1", DUMP), 2),
        (("apply", str(ROOT / "examples" / "254carbon" / "day-1" / "disruption-budgets.yaml"), "-s", DUMP), 0),
        (("run", "none.yaml", DUMP), 2),
        (("quota", str(ROOT / "examples" / "254carbon" / "day-1" / "disruption-budgets.yaml"), DUMP), 2),
    ],
)
def test_exit_codes(words: tuple[str, ...], code: int) -> None:
    result = CliRunner().invoke(app, ["rehearse", *words, "-q"])
    found = getattr(result.exception, "exit_code", result.exit_code)
    assert found == code


def test_the_example_is_a_test_in_ci() -> None:
    scenario = str(ROOT / "examples" / "scenarios" / "node-maintenance.yaml")
    code, text = run("rehearse", "run", scenario, DUMP, "-p", INTENT, "-o", "junit")
    assert code == 0, text
    suites = ET.fromstring(text)
    assert len(suites.findall(".//testcase")) == 5
    assert not suites.findall(".//failure")


def test_an_expectation_that_is_not_met(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.yaml"
    scenario.write_text(
        "apiVersion: seakeep/v1\nkind: Scenario\nsteps:\n  - lose: k8s-control\n    expect: {service: kafka/kafka, lowest: '>= 3'}\n"
    )
    code, text = run("rehearse", "run", str(scenario), DUMP, "-o", "junit")
    assert code == 12
    assert "ready at the lowest" in ET.fromstring(text).findall(".//failure")[0].attrib["message"]


def test_survive_says_what_hangs_on_one_node() -> None:
    code, text = run("survive", DUMP, "-p", INTENT)
    assert code == 12
    assert "Single points of failure" in text
    assert "StatefulSet kong-postgres: needs 1 of 1" in " ".join(text.split()), "wherever the terminal wraps it"
