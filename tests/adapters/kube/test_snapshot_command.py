"""`seakeep snapshot` as a user runs it, on a cluster that answers in part, or not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from seakeep.adapters.files.read import read_path
from tests.adapters.kube.faulty import Answer, Play, refusal, serving, write_kubeconfig


def snapshot(tmp_path: Path, play: Play = lambda *_: None, *arguments: str) -> tuple[int, str, Path]:
    """Exit code, stderr, the file."""
    out = tmp_path / "seen.skz"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KUBE")}
    with serving(play) as server:
        file = write_kubeconfig(tmp_path / "config", server.url)
        command = [sys.executable, "-m", "seakeep.cli.main", "snapshot", "-o", str(out), "--kubeconfig", str(file)]
        done = subprocess.run(
            [*command, *arguments], capture_output=True, encoding="utf-8", env=clean, timeout=60, check=False
        )
    assert done.stdout == "", "stdout is for reports"
    assert "Traceback" not in done.stderr
    assert "t0ken" not in done.stderr
    return done.returncode, done.stderr, out


def test_whole(tmp_path: Path) -> None:
    code, told, out = snapshot(tmp_path)
    assert code == 0
    assert "5 objects" in told
    assert len(read_path(str(out)).objects["Pod"]) == 5


def test_what_was_not_read_is_told_and_kept(tmp_path: Path) -> None:
    def play(path: str, query: dict[str, str], before: int) -> Answer | None:
        return refusal(403) if path.endswith("/nodes") else None

    code, told, out = snapshot(tmp_path, play)
    assert code == 3
    assert "not read: Node: forbidden" in told
    assert [(item.kind, item.reason) for item in read_path(str(out)).unread] == [("Node", "forbidden")]
    assert not read_path(str(out)).lists_all("Node", "*")


def test_expired_credentials_leave_no_file(tmp_path: Path) -> None:
    code, told, out = snapshot(tmp_path, lambda *_: refusal(401))
    assert code == 3
    assert "log in again" in told
    assert not out.exists()


def test_unknown_context(tmp_path: Path) -> None:
    code, told, out = snapshot(tmp_path, lambda *_: None, "--context", "elsewhere")
    assert code == 2
    assert "no context 'elsewhere'" in told
    assert not out.exists()
