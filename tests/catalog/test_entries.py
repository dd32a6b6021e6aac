from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seakeep.catalog import entries


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    entries._any_registered.cache_clear()
    yield
    entries._any_registered.cache_clear()


def test_what_a_package_registers_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "ours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[console_scripts]\nx = y:z\n\n[seakeep.causes]\nour-cause = our_cause\n")
    (tmp_path / "our_cause.py").write_text("CAUSE = None\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = entries.registered("causes")
    assert [value for value, _ in found] == ["our_cause"]
    assert getattr(found[0][1], "__name__", "") == "our_cause"
    assert entries.registered("services") == []
    sys.modules.pop("our_cause", None)


def test_a_script_of_this_name_registers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "ours-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[console_scripts]\nseakeep = seakeep.cli.main:main\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "missing")])
    assert not entries._any_registered()
    (tmp_path / "zipped.zip").write_bytes(b"")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "zipped.zip")])
    entries._any_registered.cache_clear()
    assert entries._any_registered()
