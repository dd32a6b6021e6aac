"""`seakeep rehearse reach` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import seakeep
from tests.twin.network.policy_table import into, pods
from tests.twin.network.worlds import objects

RULES = into("x", {"matchLabels": {"pod": "a"}}, {"from": [pods(pod="b")]}, name="guard")


@pytest.fixture
def source(tmp_path: Path) -> str:
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*objects(), RULES]}))
    return str(file)


def ask(source: str, start: str, target: str, *more: str) -> tuple[int, str, str]:
    return seakeep("rehearse", "reach", source, "-q", "--from", start, "--to", target, *more)


def test_text(source: str) -> None:
    code, out, err = ask(source, "Pod/x/c", "10.0.1.1:80")
    assert (code, err) == (12, "")
    assert out.startswith(
        "Pod x/c to 10.0.1.1:80/TCP: dropped\n  decided by NetworkPolicy x/guard spec.ingress[0].from\n  1. "
    )
    code, out, _ = ask(source, "pod/x/b", "10.0.1.1:80")
    assert (code, out.splitlines()[0]) == (0, "Pod x/b to 10.0.1.1:80/TCP: reachable")


def test_json(source: str) -> None:
    code, out, _ = ask(source, "Pod/y/a", "Pod/x/a:81/UDP", "-o", "json")
    answer = json.loads(out)
    assert code == 12
    assert {key: answer[key] for key in ("apiVersion", "kind", "from", "host", "port", "protocol", "verdict")} == {
        "apiVersion": "seakeep/v1",
        "kind": "Reachability",
        "from": {"kind": "Pod", "namespace": "y", "name": "a"},
        "host": "Pod/x/a",
        "port": 81,
        "protocol": "UDP",
        "verdict": "dropped",
    }
    assert answer["decides"]["object"] == {"kind": "NetworkPolicy", "namespace": "x", "name": "guard"}
    assert answer["decides"]["field"] == "spec.ingress[0].from"
    assert ask(source, "Pod/y/a", "Pod/x/a:81/UDP", "-o", "json")[1] == out


def test_faults_and_exit_codes(source: str) -> None:
    assert ask(source, "Pod/y/a", "10.0.3.2:80")[0] == 0
    assert ask(source, "Pod/y/a", "10.0.3.2:80", "--lost", "node-2")[0] == 12
    assert ask(source, "Pod/y/a", "10.0.3.2:80", "--broken", "node-2,node-1")[0] == 12
    assert ask(source, "Pod/y/a", "10.0.3.2:80", "--no-cni", "node-1", "--no-exit-code")[0] == 0
    assert ask(source, "Pod/y/a", "example.com:443")[0] == 3


@pytest.mark.parametrize(
    ("start", "target", "more", "says"),
    [
        ("Pod/x/nobody", "10.0.1.1:80", (), "there is no Pod x/nobody"),
        ("Secret/x/a", "10.0.1.1:80", (), "write Pod/namespace/name"),
        ("Pod/a", "10.0.1.1:80", (), "write Pod/namespace/name"),
        ("Pod/x/a", "10.0.1.1", (), "write HOST:PORT"),
        ("Pod/x/a", "10.0.1.1:http", (), "write HOST:PORT"),
        ("Pod/x/a", "10.0.1.1:70000", (), "write HOST:PORT"),
        ("Pod/x/a", "10.0.1.1:80", ("--broken", "node-1"), "write two nodes"),
        ("Pod/x/a", "10.0.1.1:80", ("--broken", "node-1,node-9"), "has no node 'node-9'; it has node-1, node-2"),
        ("Pod/x/a", "10.0.1.1:80", ("--lost", "node-9"), "has no node 'node-9'"),
        ("Pod/x/a", "10.0.1.1:80", ("--no-proxy", "node-9"), "has no node 'node-9'"),
        ("Pod/x/a", "10.0.1.1:80", ("--no-cni", "node-9"), "has no node 'node-9'"),
    ],
)
def test_usage(source: str, start: str, target: str, more: tuple[str, ...], says: str) -> None:
    code, out, err = ask(source, start, target, *more)
    assert (code, out) == (2, "")
    assert says in err
