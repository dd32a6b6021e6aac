"""What keeps a workload, in the words of its newest pod that is not ready."""

from __future__ import annotations

from typing import Any, cast

import pytest

from seakeep.adapters.kube.sender import Answer, Sender
from seakeep.adapters.kube.unready import unready
from seakeep.model.commands import Failed, Why
from seakeep.model.refs import Ref

WEB = Ref("Deployment", "shop", "web")
RAW = {"spec": {"selector": {"matchLabels": {"app": "web", "a": "b"}}}}
NO_ROOM = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims."


def pod(name: str, **status: Any) -> dict[str, Any]:
    made = f"2026-03-02T08:00:0{name[-1]}Z"
    return {"metadata": {"name": name, "namespace": "shop", "creationTimestamp": made}, "status": status}


READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
WAITS = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": NO_ROOM}]}
CRASHES = {
    "phase": "Running",
    "containerStatuses": [
        {"name": "main", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s\nrestarting"}}}
    ],
}


class Server:
    def __init__(self, *pods: dict[str, Any]) -> None:
        self.pods, self.asked = pods, ""

    def ask(self, _: str, path: str, query: dict[str, str]) -> Any:
        self.asked = f"{path} {query['labelSelector']}"
        return Answer(200, {"items": list(self.pods)}) if self.pods else Failed(Why.FORBIDDEN, "no")


@pytest.mark.parametrize(
    ("pods", "words"),
    [
        (
            (pod("web-1", **WAITS), pod("web-2", **READY)),
            "Pod web-1 is Pending: 0/3 nodes are available: 3 Insufficient cpu.",
        ),
        ((pod("web-1", **WAITS), pod("web-2", **CRASHES)), "Pod web-2 is CrashLoopBackOff: back-off 10s restarting"),
        ((pod("web-1", phase="Pending"),), "Pod web-1 is Pending"),
        ((pod("web-1", **READY),), ""),
        ((), ""),
    ],
)
def test_the_newest_that_is_not_ready(pods: tuple[dict[str, Any], ...], words: str) -> None:
    server = Server(*pods)
    assert unready(cast("Sender", server), WEB, RAW) == words
    assert server.asked == "/api/v1/namespaces/shop/pods a=b,app=web"


def test_what_has_no_pods_is_not_asked_for_them() -> None:
    server = Server()
    assert unready(cast("Sender", server), Ref("Service", "shop", "web"), RAW) == ""
    assert unready(cast("Sender", server), WEB, {"spec": {}}) == ""
    assert server.asked == ""
