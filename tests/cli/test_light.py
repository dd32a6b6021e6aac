from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seakeep.cli.main import app

_MANIFEST = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: b\nspec:\n  type: ClusterIP\n"
# What only other commands, sources and forms need, and takes milliseconds to load.
_NEEDLESS = (
    *("importlib.metadata", "importlib.resources", "numpy", "pydantic", "statistics", "tarfile", "yaml", "zoneinfo"),
    *("zstandard", "seakeep.adapters.transcript", "seakeep.engine.plan", "seakeep.engine.play", "seakeep.render.html"),
    "seakeep.model.rehearsal",
)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_check_loads_only_what_it_needs(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(_MANIFEST)
    code = (
        "import sys; from seakeep.cli.main import run\n"
        f"sys.argv = ['seakeep', 'check', '-q', '-o', {form!r}, {str(path)!r}]\n"
        f"try: run()\nexcept SystemExit: print([n for n in {_NEEDLESS} if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "Service" in done.stdout
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


def test_usage_has_no_braces_that_a_shell_would_take() -> None:
    told = CliRunner().invoke(app, ["rollback", "--help"]).stdout
    assert "rollback [OPTIONS] RUN\n" in told
    assert "{" not in told
