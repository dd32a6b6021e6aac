"""What the person has before them: the control plane, what it refused in this step, and the nodes that are lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seakeep.adapters.decode import from_mapping
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.testing.testbed.api import ApiError, Object
from seakeep.testing.testbed.replay.manifest import VERSIONS
from seakeep.testing.testbed.replay.plane import Plane

RESTARTABLE = ("DaemonSet", "Deployment", "StatefulSet")
NO_NODE = Ref("Node", "", "")
_TOO_MANY_REQUESTS = 429


class Desk:
    def __init__(self, plane: Plane) -> None:
        self.plane, self.api = plane, plane.api
        self.refusals: list[Refusal] = []
        self.lost: set[str] = set()

    def ask(self, ref: Ref, act: Callable[..., object], *args: object) -> None:
        """Does it, and notes where it is refused."""
        try:
            act(*args)
        except ApiError as error:
            self.refuse(kind_of(error.status), ref, error.server_message)

    def refuse(self, kind: str, ref: Ref, why: str) -> None:
        self.refusals.append(Refusal(kind, ref, why))

    def merge(self, ref: Ref, body: Object, subresource: str = "") -> None:
        self.api.merge(*address(ref), body, subresource)

    def longest_wait(self) -> float:
        """`minReadySeconds`: a rollout rests for as long without being over."""
        sets = [item for kind in RESTARTABLE for item in self.api.find("apps/v1", kind)]
        return float(max((item["spec"].get("minReadySeconds", 0) for item in sets), default=0))


def kind_of(status: int) -> str:
    return "blocked" if status == _TOO_MANY_REQUESTS else "refused"


def address(ref: Ref) -> tuple[str, str, str, str]:
    return VERSIONS.get(ref.kind, "v1"), ref.kind, ref.name, ref.namespace


def decoded(raw: Mapping[str, Any]) -> Any:
    return from_mapping({"apiVersion": "v1", "kind": "Node", **raw})
