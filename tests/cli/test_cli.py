"""The program as a user runs it: streams, exit codes, errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import process, seakeep

HEALTHY = """\
$ kubectl get pods -n shop
NAME                    READY   STATUS    RESTARTS   AGE
cart-7d9c6b5f4-x2x7k    1/1     Running   0          5d
"""
BROKEN = """\
$ kubectl get pods -n shop
NAME                    READY   STATUS         RESTARTS   AGE
cart-7d9c6b5f4-x2x7k    0/1     InvalidImageName   0          5m
"""


def test_nothing_found_is_zero() -> None:
    code, out, err = process("diagnose", "-", "-q", stdin=HEALTHY)
    assert (code, err) == (0, "")
    assert "nothing is visibly unwell" in out


def test_unwell_for_no_known_reason_is_not_clean() -> None:
    """A crash loop of which only the row was seen: no cause, and no all-clear either."""
    crashing = BROKEN.replace("InvalidImageName", "CrashLoopBackOff")
    for command in ("check", "diagnose"):
        code, out, _ = seakeep(command, "-", stdin=crashing)
        assert code == 3, command
        assert "kubectl logs" in out


def test_the_highest_severity_is_the_exit_code_and_can_be_turned_off() -> None:
    assert process("diagnose", "-", stdin=BROKEN)[0] == 12
    assert seakeep("diagnose", "-", "--no-exit-code", stdin=BROKEN)[0] == 0


def test_a_missed_target_fails() -> None:
    code, out, _ = seakeep("check", "-", "--target", "running=90", "-o", "json", stdin=BROKEN)
    assert code == 12
    assert json.loads(out)["targets"] == [{"score": "running", "wanted": 90.0, "value": 0.0, "met": False, "day": None}]
    assert seakeep("check", "-", "--target", "running=90", stdin=HEALTHY)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "no-such-file.json"), "no-such-file.json"),
        (("check", "-", "--target", "beauty=90"), "running="),
        (("check", "-", "-o", "pdf"), "pdf"),
        (("check", "-", "-p", "missing.yaml"), "platform init"),
        (("explain", "oom-kiled"), "oom-killed"),
        (("explain", "oom"), "oom-killed"),
        (("plan", "-", "--only", "single-replicas"), "Did you mean single-replica?"),
        (("plan", "-", "--out", "plan.html"), "text, yaml, json, diff"),
        (("diagnose", "-", "-o", "sarif"), "text, json, yaml, md"),
        (("diagnose", "-", "--out", "causes.html"), "seakeep check"),
        (("services", "-", "-o", "junit"), "text, json, yaml"),
        (("check", "-", "--out", "/proc/report.html"), "/proc/report.html"),
        (("snapshot", "-", "-o", "/proc/shop.skz"), "/proc/shop.skz"),
        (("snapshot", "-", "-o", "json"), "./json"),
        (("rehearse", "schedule", "-", "-o", "xml"), "text, json"),
        (("check", "-", "-n", "shop"), "live cluster"),
        (("diagnose", "-", "--context", "prod"), "live cluster"),
        (("chekc",), "chekc"),
        (("check",), "seakeep demo"),
    ],
)
def test_errors_say_what_to_do(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    code, out, err = seakeep(*arguments, stdin=HEALTHY, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_an_interrupt_is_told_in_a_word_from_the_first_moment_on() -> None:
    """What `main` needs is imported in `main`: an interrupt at each import of a command, and none shows a traceback."""
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import seakeep.cli.main"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    bare = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", ""], capture_output=True, text=True, check=True
    ).stderr
    modules = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    modules -= {line.rpartition("|")[2].strip() for line in bare.splitlines()}
    assert modules == {"__future__", "seakeep", "seakeep.cli", "seakeep.cli.main"}
    program = """
import sys
class Finder:
    left = %d
    def find_spec(self, *_):
        Finder.left -= 1
        if not Finder.left:
            raise KeyboardInterrupt
from seakeep.cli.main import main
sys.meta_path.insert(0, Finder())
sys.argv = ["seakeep", "explain", "oom-killed"]
main()
"""
    for place in (1, 2, 5, 20, 60, 120):
        found = subprocess.run([sys.executable, "-c", program % place], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (130, "seakeep: interrupted\n"), place


def test_the_ending_of_out_decides_the_form(tmp_path: Path) -> None:
    for name, start in (("r.html", "<!doctype html>"), ("r.json", "{"), ("r.md", "# "), ("r.xml", "<?xml")):
        code, out, _ = seakeep("check", "-", "--out", name, stdin=HEALTHY, cwd=tmp_path)
        assert (code, out) == (0, "")
        assert (tmp_path / name).read_text().lower().startswith(start.lower())
        assert seakeep("report", "-", "--out", name, stdin=HEALTHY, cwd=tmp_path)[0] == 0
        assert (tmp_path / name).read_text().lower().startswith(start.lower())


@pytest.mark.parametrize(
    "command",
    [
        ("check",), ("diagnose",), ("report",), ("services",), ("survive",), ("plan",), ("rehearse", "drain", "node-1"), ("rehearse", "schedule"),
        ("rehearse", "repack"), ("rehearse", "reach", "--from", "Node/a", "--to", "b:1"),
    ],
)  # fmt: skip
def test_a_form_that_a_command_has_not_is_said_before_it_reads_anything(command: tuple[str, ...]) -> None:
    code, _, err = seakeep(*command, "missing.json", "--out", "a.jsonl")
    assert code == 2
    assert "no jsonl form, which a.jsonl asks for" in err


def test_a_stream_of_lists_has_neither_source_nor_file() -> None:
    for more in (("dump.json",), ("--out", "a.json")):
        code, out, err = seakeep("rehearse", "schedule", "--stream", *more)
        assert (code, out) == (2, "")
        assert "--stream reads stdin" in err


def test_a_stream_of_lists_is_answered_without_what_a_terminal_obeys() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a\u202eb\x85"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [{"name": "main"}]}}  # fmt: skip
    asked = json.dumps({"apiVersion": "v1", "kind": "List", "items": [node, pod]})
    code, out, _ = seakeep("rehearse", "schedule", "--stream", stdin=f"{asked}\n")
    assert code == 0
    assert json.loads(out)[0]["pod"] == "shop/web"
    assert "\u202e" not in out
    assert "\x85" not in out
    assert "\\u202e" in out


def test_colour_only_where_it_is_wanted() -> None:
    assert "\x1b[" not in seakeep("check", "-", stdin=BROKEN)[1]
    assert "\x1b[" in seakeep("check", "-", stdin=BROKEN, FORCE_COLOR="1")[1]
    assert "\x1b[" not in seakeep("check", "-", stdin=BROKEN, FORCE_COLOR="1", NO_COLOR="1")[1]


def test_every_form_is_written_to_stdout() -> None:
    for form in ("text", "json", "yaml", "md", "html", "sarif", "junit"):
        code, out, err = seakeep("check", "-", "-q", "-o", form, stdin=BROKEN)
        assert (code, err) == (12, ""), form
        assert "image-invalid-name" in out, form


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (process("check", "-", "-o", "html", stdin=BROKEN, PYTHONHASHSEED=seed)[1] for seed in ("1", "2"))
    assert first == second


def test_platform_yaml_beside_is_used(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text(
        "apiVersion: seakeep/v1\nkind: Platform\nname: shop\ntargets:\n  - {score: running, value: 100}\n"
    )
    assert seakeep("check", "-", stdin=BROKEN, cwd=tmp_path)[1].count("missed") == 1


def test_completion_scripts() -> None:
    code, out, _ = process("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert code == 0
    assert "complete" in out


def test_explain_lists_and_explains() -> None:
    listing = seakeep("explain")[1]
    assert "oom-killed" in listing
    assert "kafka" in listing
    assert seakeep("explain", "oom-killed")[1].startswith("oom-killed\n")


def test_a_reader_that_goes_away_is_no_error() -> None:
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": []})
    for arguments, given, wanted in (
        ("explain", "", 0),
        ("check -o json -q -", BROKEN, 12),
        ("rehearse schedule --stream", f"{listed}\n", 0),
    ):
        # It ends before anything is written.
        command = f"{sys.executable} -m seakeep.cli.main {arguments} | true"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], input=given, capture_output=True, encoding="utf-8", check=False
        )
        assert (done.returncode, done.stderr) == (wanted, ""), arguments


def test_help_loads_little() -> None:
    """What makes `--help` slow is what it imports; benchmarks/ has the seconds."""
    script = "import sys; sys.argv=['seakeep','--help']; from seakeep.cli.main import app; app(standalone_mode=False); print([m for m in ('kubernetes', 'ryml', 'yaml', 'jinja2', 'seakeep.model', 'msgspec') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"
