"""The built wheel, not the source folder: it holds all that the program needs and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=120)
    return next(folder.glob("seakeep-*.whl"))


def test_holds_the_package_and_its_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {
        path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src" / "seakeep").rglob("*") if path.is_file()
    }
    assert {name for name in sources if "__pycache__" not in name} <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "testbed/"))]


def test_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Unpacked alone on the path, before the checkout's own installation."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    where = "import seakeep, sys; sys.stdout.write(seakeep.__file__)"
    python = [sys.executable, "-c", where]
    found = subprocess.run(python, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert Path(found.stdout).is_relative_to(tmp_path)
    demo = [sys.executable, "-m", "seakeep.cli.main", "demo", "-q", "-o", "json"]
    done = subprocess.run(demo, env=environment, capture_output=True, encoding="utf-8", cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"kind": "Report"' in done.stdout
