"""Slips of a first day: what is taken though it comes otherwise, and what is refused before it misleads."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import lzma
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from seakeep.adapters.journal import open_journal
from seakeep.cli.output import Progress
from seakeep.cli.writing import Writing
from tests.apply.plans import large, objects
from tests.cli.program import process, seakeep
from tests.twin.builders import snapshot

BROKEN = """\
$ kubectl get pods -n shop
NAME                    READY   STATUS         RESTARTS   AGE
cart-7d9c6b5f4-x2x7k    0/1     InvalidImageName   0          5m
"""


@pytest.mark.parametrize("source", ["", " "])
def test_an_empty_source_is_a_slip_and_not_the_current_folder(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(BROKEN)
    code, out, err = seakeep("check", source, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith("seakeep: SOURCE is empty\n")


def test_compressed_files_are_read_like_others(tmp_path: Path) -> None:
    wanted = seakeep("diagnose", "-", "-o", "json", "-q", stdin=BROKEN)
    for name, packed in (
        ("a.json.gz", gzip.compress(BROKEN.encode())),
        ("a.json.zst", zstandard.compress(BROKEN.encode())),
        ("a.json.xz", lzma.compress(BROKEN.encode())),
        ("a.json.bz2", bz2.compress(BROKEN.encode())),
    ):
        (tmp_path / name).write_bytes(packed)
        code, out, err = seakeep("diagnose", name, "-o", "json", "-q", cwd=tmp_path)
        assert (code, out.replace(name, "stdin"), err) == wanted, name


def test_manifests_that_are_none_are_no_rehearsal_that_went_well(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.yaml").touch()
    for name in ("empty", "empty.yaml"):
        code, out, err = seakeep("rehearse", "apply", name, "--source", "dump.json", cwd=tmp_path)
        assert (code, out) == (2, "")
        assert f"no manifest is in {name}" in err


def test_the_platform_of_the_folder_is_told_and_its_faults_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BROKEN)
    (tmp_path / "platform.yaml").write_text("apiVersion: seakeep/v1\n")
    said = "by platform.yaml of this folder\n"
    for command in ("check", "diagnose", "services", "report"):
        assert seakeep(command, "a.txt", cwd=tmp_path)[2] == said, command
        assert seakeep(command, "a.txt", "-q", cwd=tmp_path)[2] == "", command
        assert seakeep(command, "a.txt", "-p", "platform.yaml", cwd=tmp_path)[2] == "", command
    (tmp_path / "platform.yaml").write_text("apiVersion: seakeep/v1\nnames: x\n")
    for words in (("survive",), ("plan",), ("diagnose",), ("rehearse", "drain", "a"), ("rehearse", "repack")):
        code, _, err = seakeep(*words, "missing.json", cwd=tmp_path)
        assert code == 2
        assert "platform.yaml:2: unknown field 'names'" in err, words


def test_a_list_of_nothing_is_no_all_clear() -> None:
    """As `kubectl get … -o json` prints where the namespace is a slip."""
    for command in ("check", "diagnose"):
        assert seakeep(command, "-", stdin='{"apiVersion": "v1", "kind": "List", "items": []}')[0] == 3


def test_what_may_not_be_read_is_told_and_the_rest_of_a_folder_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bytes:
        if path.name == "closed.json":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", closed)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "secret")
    (tmp_path / "closed.json").touch()
    (tmp_path / "secret").mkdir()
    (tmp_path / "node.json").write_text('{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "uid": "1"}}')
    code, _, err = seakeep("check", "closed.json", cwd=tmp_path)
    assert code == 2
    assert err.startswith("seakeep: closed.json cannot be read: Permission denied\n")
    code, out, _ = seakeep("diagnose", ".", "-o", "json", cwd=tmp_path)
    assert code == 3
    assert [(item["kind"], item["reason"]) for item in json.loads(out)["snapshot"]["unread"]] == [
        ("closed.json", "permission denied"),
        ("secret/", "no permission"),
    ]


def test_a_place_without_rights_is_no_internal_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", closed)
    code, out, err = seakeep("platform", "init", "a.json", "--out", "closed/p.yaml", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith("seakeep: closed/p.yaml: Permission denied\n")


def test_that_nobody_reads_stderr_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        monkeypatch.setattr(sys, "stderr", gone)
        Writing().say("wave 1 of 2: passed")
        monkeypatch.setattr(time, "monotonic", lambda: 0.0)
        with Progress(quiet=False) as progress:
            monkeypatch.setattr(time, "monotonic", lambda: 10.0)
            progress("Reading")
        with contextlib.suppress(BrokenPipeError):
            gone.close()


def test_stderr_is_utf8_whatever_the_locale() -> None:
    code, _, err = process("check", "é…", PYTHONIOENCODING="ascii")
    assert code == 2
    assert err.startswith("seakeep: é… does not exist\n")


def test_a_name_that_is_no_utf8_is_read_and_told(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.txt")
    assert seakeep("diagnose", name, cwd=tmp_path)[2].startswith("seakeep: ?.txt does not exist\n")
    (tmp_path / name).write_text(BROKEN)
    for form in ("text", "json", "md"):
        code, out, err = seakeep("diagnose", name, "-o", form, "-q", cwd=tmp_path)
        assert (code, err) == (12, "")
        assert "image-invalid-name" in out
    (tmp_path / name).write_text("hello")
    assert seakeep("diagnose", name, cwd=tmp_path)[2].startswith("seakeep: ?.txt holds no Kubernetes objects\n")


def offered(words: str) -> list[str]:
    """What a shell offers behind Tab."""
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_SEAKEEP_COMPLETE": "complete_bash"}
    program = "import sys; sys.argv = ['seakeep']; from seakeep.cli.main import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
    return found.stdout.split()


def test_tab_offers_the_runs_of_the_journal(tmp_path: Path) -> None:
    where = tmp_path / "j.db"
    assert offered(f"seakeep verify --journal {where} ") == []
    assert not where.exists(), "asking makes no journal"
    journal = open_journal(str(where))
    for name in ("20260302-a", "20260303-b"):
        journal.begin(name, large(snapshot(objects(each=1)), each=1), "", datetime(2026, 3, 2, tzinfo=UTC))
    journal.close()
    for command in ("verify", "rollback", "history", "apply --resume"):
        name, _, option = command.partition(" ")
        words = f"seakeep {name} --journal {where} {option}".rstrip()
        assert offered(f"{words} ") == ["20260302-a", "20260303-b"], command
        assert offered(f"{words} 20260303") == ["20260303-b"], command
    where.write_text("no journal")
    assert offered(f"seakeep verify --journal {where} ") == []
    assert offered("seakeep verify --journal postgresql://127.0.0.1:1/x ") == []


def test_tab_offers_ids() -> None:
    assert offered("seakeep plan --only oom") == ["oom-killed"]
    assert offered("seakeep explain oom") == ["oom-killed"]
