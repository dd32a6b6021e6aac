"""Each cap on what is read holds: a source from somebody else must not be able to exhaust the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters import plan_file
from seakeep.adapters.errors import SourceError, UsageError
from seakeep.adapters.files import archives, layouts, read, yamls
from seakeep.adapters.files.limits import Limits


@pytest.mark.parametrize("limits", [Limits(members=1), Limits(total=15), Limits(file=5)])
def test_of_a_folder(tmp_path: Path, limits: Limits) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("kind: Pod\n")
    assert len(list(archives.folder(tmp_path))) == 2
    with pytest.raises(SourceError, match="too large"):
        list(archives.folder(tmp_path, limits))


def test_of_a_file_and_of_what_is_piped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: Pod\n")
    monkeypatch.setattr(read, "LIMITS", Limits(file=5))
    with pytest.raises(SourceError, match="too large"):
        read.read_bytes(b"kind: Pod\n", "stdin")
    monkeypatch.setattr(read, "read_bytes", None)  # not even read
    with pytest.raises(SourceError, match="too large"):
        read.read_path(str(file))


def test_of_yaml() -> None:
    with pytest.raises(SourceError, match="too large"):
        list(yamls.documents(b"kind: Pod\n", Limits(yaml_file=5)))


def test_of_a_log_its_end_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "LIMITS", Limits(log=5))
    marks = "logs for container main of pod data/web ===="
    _, (log,) = layouts.take_logs(f"==== START {marks}\nfirst\nlast\n==== END {marks}\n")
    assert log.text == "last\n"


def test_of_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("kind: Plan\n")
    monkeypatch.setattr(plan_file, "_LARGEST", 5)
    with pytest.raises(UsageError, match="larger than"):
        plan_file.read_plan(file)
