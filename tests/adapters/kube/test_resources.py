"""A plan file is anybody's: what it names leads to the objects of its kinds, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.kube.connect import connect
from seakeep.adapters.kube.drive import ClusterDriver
from seakeep.adapters.kube.lease import Lease
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.sender import Sender
from seakeep.model.commands import Absent, Action, Command, Event, Failed, Read, Why, Write
from seakeep.model.refs import Ref
from tests.adapters.kube.faulty import Server, refusal, serving, write_kubeconfig


def _carried_out(tmp_path: Path, command: Command) -> tuple[Event, Server]:
    with serving(lambda path, *_: refusal(404) if "/pods/" in path else None) as server:
        sender = Sender(connect(None, write_kubeconfig(tmp_path / "config", server.url)), Limits())
        event = ClusterDriver(sender, Lease(sender, "run", ("seakeep",))).carry_out(command)
        sender.close()
    return event, server


@pytest.mark.parametrize(
    ("target", "version"),
    [
        (Ref("Secret", "data", "db"), "v1"),
        (Ref("Secret.example.com", "data", "db"), "v1"),
        (Ref("Pod", "data", "../secrets/db"), "v1"),
        (Ref("Pod", "data/secrets", "db"), "v1"),
        (Ref("Pod", "..", "secrets"), "v1"),
        (Ref("Pod", "data", "%2e%2e"), "v1"),
        (Ref("Pod", "data", ""), "v1"),
        (Ref("Pod", "data", "db"), "../api/v1"),
        (Ref("Pod", "data", "db"), "v1/namespaces/data/secrets/db?x="),
    ],
)
def test_what_no_plan_may_name_is_not_asked_for(target: Ref, version: str, tmp_path: Path) -> None:
    for command in (Read(target, version), *(Write(action, target, version, {"data": {}}) for action in Action)):
        event, server = _carried_out(tmp_path, command)
        assert isinstance(event, Failed)
        assert event.why is Why.REJECTED
        assert not set(server.asked) - {"/api/v1"}


@pytest.mark.parametrize(
    ("name", "asked"),
    [("system:node", "system:node"), ("a?dryRun=All", "a%3FdryRun%3DAll"), ("a#b", "a%23b"), ("a b", "a%20b")],
)
def test_a_name_stays_one_part_of_the_address(name: str, asked: str, tmp_path: Path) -> None:
    event, server = _carried_out(tmp_path, Read(Ref("Pod", "data", name), "v1"))
    assert isinstance(event, Absent)
    assert f"/api/v1/namespaces/data/pods/{asked}" in server.asked
