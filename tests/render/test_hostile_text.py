"""Whatever a cluster puts into a name, label or message stays text, in every form."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
import yaml

from seakeep.model.run import Entry, Recorded
from seakeep.render.formats import FORMS, FormError, render_diagnosis, render_report, render_services
from seakeep.render.run.text import entries_jsonl
from seakeep.render.safe import OBEYED
from tests.render.sample import HOSTILE, report


@pytest.mark.parametrize("form", FORMS)
def test_no_terminal_escapes(form: str) -> None:
    assert "\x1b" not in render_report(report(), form, verbose=True)


@pytest.mark.parametrize("form", ["html", "md"])
def test_no_markup_from_the_cluster(form: str) -> None:
    text = render_report(report(), form)
    assert "<script" not in text
    assert "<img" not in text


def test_json_cannot_close_a_script_element() -> None:
    text = render_report(report(), "json")
    assert "</" not in text
    assert json.loads(text)["causes"][0]["summary"] == HOSTILE


def test_a_line_of_json_escapes_what_a_terminal_obeys() -> None:
    said = "a\x1b[31m\x7f\x85\u202eb\u2066 ✓"
    entry = Recorded("run-1", 1, datetime(2026, 3, 2, tzinfo=UTC), Entry("outcome", message=said), "0")
    text = entries_jsonl([entry, entry])
    assert not OBEYED.search(text)
    assert "\x1b" not in text
    assert "✓" in text
    assert [json.loads(row)["entry"]["message"] for row in text.splitlines()] == [said, said]


def test_yaml_json_agree() -> None:
    assert yaml.safe_load(render_report(report(), "yaml")) == json.loads(render_report(report(), "json"))


def test_junit_is_well_formed_and_counts() -> None:
    root = ET.fromstring(render_report(report(), "junit"))
    suites = {suite.get("name"): suite for suite in root}
    assert suites["causes"].get("failures") == "1"
    assert suites["hardening"].get("skipped") == "1"
    assert suites["targets"].get("failures") == "1"


def test_sarif_names_rule_and_object() -> None:
    run = json.loads(render_report(report("kafka"), "sarif"))["runs"][0]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"oom-killed", "pdb-missing"}
    first = run["results"][0]
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Deployment/kafka/kafka"


def test_text_fits_its_width_and_has_no_colour_unless_asked() -> None:
    plain = render_report(report("kafka"), "text", width=80)
    assert max(len(row) for row in plain.splitlines()) <= 80
    assert "\x1b[" in render_report(report("kafka"), "text", width=80, color=True)


def test_html_has_no_script_and_loads_nothing() -> None:
    page = render_report(report(), "html")
    assert "script-src" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|iframe|object|embed|link|form)\b", page)
    assert not re.search(
        r"""(src|href|action)\s*=\s*["'](?!#)""", page.split("</style>")[1].replace("&lt;img src=x", "")
    )


def test_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(FormError, match="json"):
        render_report(report("kafka"), "pdf")


@pytest.mark.parametrize("form", ["text", "json", "yaml", "md"])
def test_diagnosis_forms(form: str) -> None:
    value = report("kafka")
    assert "oom-killed" in render_diagnosis(value.diagnosis, value.snapshot, form)


@pytest.mark.parametrize("form", ["text", "json", "yaml"])
def test_services_forms(form: str) -> None:
    assert "kafka" in render_services(report("kafka"), form)
