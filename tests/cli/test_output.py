from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seakeep.adapters.errors import UsageError
from seakeep.cli import options, survive
from seakeep.cli.output import Progress, default_form, emit


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "sub" / "report.md"
    emit("one\n", out)
    emit("two\n", out)
    assert out.read_text() == "two\n"
    assert [path.name for path in out.parent.iterdir()] == ["report.md"]


def test_what_a_link_points_to_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old\n")
    link.symlink_to(real)
    emit("new\n", link)
    assert link.is_symlink()
    assert real.read_text() == "new\n"


def test_a_pipe_or_device_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.append(pipe.read_text()))
    reader.start()
    emit("through\n", pipe)
    reader.join(10)
    assert seen == ["through\n"]
    assert pipe.is_fifo()


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, text: str, **_: object) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    out = tmp_path / "report.md"
    out.touch()
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UsageError, match=r"report\.md cannot be written: No space left on device"):
        emit("text", out)
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_a_full_device_on_stdout_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "seakeep.cli.main", "explain", "oom-killed"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith("seakeep: the answer cannot be written: No space left on device\n")
    assert "Traceback" not in ended.stderr


def test_a_stdin_that_is_closed_is_an_empty_one() -> None:
    command = [sys.executable, "-m", "seakeep.cli.main", "diagnose", "-"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=lambda: os.close(0))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("seakeep: stdin is empty\n")


def test_the_ending_chooses_the_form_where_the_command_has_it() -> None:
    assert default_form(options.ReportForm.TEXT, Path("a.XML")) is options.ReportForm.JUNIT
    assert default_form(options.ReportForm.TEXT, Path("a.txt")) is options.ReportForm.TEXT
    assert default_form(options.ReportForm.TEXT, Path("a.markdown")) is options.ReportForm.MD
    assert default_form(options.ReportForm.JSON, Path("a.html")) is options.ReportForm.JSON
    assert default_form(survive.SurvivalForm.TEXT, Path("a.html")) is survive.SurvivalForm.HTML
    with pytest.raises(UsageError, match="no junit form, which"):
        default_form(survive.SurvivalForm.TEXT, Path("a.xml"))
    with pytest.raises(UsageError, match="no jsonl form, which"):
        default_form(options.ReportForm.TEXT, Path("a.jsonl"))
    assert default_form(survive.SurvivalForm.TEXT, None) is survive.SurvivalForm.TEXT


def test_in_a_log_progress_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with Progress(quiet=False) as progress:
        for number in range(20):
            progress(f"Step {number}")
            now[0] += 0.25
    assert capsys.readouterr().err == "Step 4 …\nStep 12 …\n"


def test_where_the_answer_cannot_go_is_said_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    # Root may write anywhere.
    monkeypatch.setattr(os, "access", lambda place, mode: mode == os.F_OK and Path(place).exists())
    for out, why in (
        (tmp_path / "a.txt", f"no permission in {tmp_path}"),
        (tmp_path / "new" / "a.txt", f"no permission in {tmp_path}"),
        (tmp_path / "file" / "a.txt", f"{tmp_path / 'file'} is no folder"),
    ):
        with pytest.raises(UsageError, match=f"cannot be written: {why}"):
            default_form(options.ReportForm.TEXT, out)
    assert default_form(options.ReportForm.TEXT, Path("/dev/null")) is options.ReportForm.TEXT
