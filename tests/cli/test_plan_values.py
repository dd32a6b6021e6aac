"""plan --write: values for the Helm releases of what it changes."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from typer.testing import CliRunner

from seakeep.cli.main import app
from tests.facts.owners.releases import BROKER


def test_values_of_a_release_are_written_beside_the_plan(tmp_path: Path) -> None:
    source, out = tmp_path / "broker.json", tmp_path / "review"
    source.write_text(json.dumps(BROKER))
    done = CliRunner().invoke(app, ["plan", "-q", str(source), "--write", str(out), "--target", "100", "--max-risk", "high"])  # fmt: skip
    assert done.exit_code == 0, done.output
    text = (out / "values" / "lake-events.yaml").read_text()
    values = yaml.safe_load(text)
    assert values["broker"]["terminationGracePeriodSeconds"] == 120
    assert "  # StatefulSet lake/events-kafka-broker spec.template.spec.terminationGracePeriodSeconds\n" in text
    assert "# No key is known for:\n#   StatefulSet lake/events-kafka-broker: metadata\n" in text
