from __future__ import annotations

import os
import threading
from pathlib import Path

from seakeep.cli.output import emit


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
