from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seakeep.cli.main import app

_MANIFEST = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {}\n"


def test_a_check_loads_no_validation_of_parameters(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(_MANIFEST)
    code = (
        "import sys; from seakeep.cli.main import run\n"
        f"sys.argv = ['seakeep', 'check', '-q', '-o', 'json', {str(path)!r}]\n"
        "try: run()\nexcept SystemExit: print([n for n in ('pydantic', 'numpy', 'importlib.metadata') if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("{")
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "-o", "nonsense"], 2),
        (["check", "--target", "x"], 2),
        (["check", "--out", "."], 2),
        (["--version"], 0),
        (["check", "--help"], 0),
    ],
)
def test_what_is_wrong_is_still_refused(arguments: list[str], code: int) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == code


def test_values_keep_their_types(tmp_path: Path) -> None:
    path, out = tmp_path / "a.yaml", tmp_path / "out.json"
    path.write_text(_MANIFEST)
    done = CliRunner().invoke(app, ["check", "-q", str(path), "--out", str(out), "--no-exit-code"])
    assert done.exit_code == 0
    assert out.read_text().startswith("{")
