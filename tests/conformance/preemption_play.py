"""Plays a case of preemption_cases on the real control plane and on the twin. The test itself is the kubelet of both: it says when pods run and when they have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import msgspec
import numpy as np

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import KubeObject, Pod, PodDisruptionBudget
from seakeep.model.refs import Ref
from seakeep.testing.testbed import ControlPlane
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.placing import loop as placing
from seakeep.twin.placing.loop import Placer
from seakeep.twin.scheduler.kinds import PodKind
from seakeep.twin.scheduler.profile import Verdict
from seakeep.twin.scheduler.resources import exceeds_every_node
from seakeep.twin.world import Twin
from tests.conformance.conftest import NODES
from tests.conformance.preemption_cases import HOST_PORT, Case, Object, Step
from tests.twin.builders import admit_all

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_QUIET = 1.5
_LONGEST = 60.0
Picture = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """What was done, with the object as the API server stored it or the name that was picked; pods that began to run; and the picture afterwards."""

    what: str
    stored: Object | None
    name: str
    started: tuple[tuple[str, str], ...]
    picture: Picture


# The real control plane


def play_real(plane: ControlPlane, case: Case, *, alone: bool = False) -> list[Turn]:
    """Where sequences are played side by side, pods that end in one make the scheduler try again those that wait in another: `alone` where there is no other, else each turn ends so."""
    plane.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": case.namespace}}, *case.budgets])
    turns: list[Turn] = []
    _quiet(plane, case)
    for number, step in enumerate(case.steps):
        stored, name = _act(plane, case, step)
        if not name:
            continue
        pods, _ = _quiet(plane, case)
        started = []
        for index, pod in enumerate(pods):
            if pod["spec"].get("nodeName") and not pod["status"].get("startTime"):
                at = (START + timedelta(minutes=number, seconds=index)).strftime("%Y-%m-%dT%H:%M:%SZ")
                started.append((pod["metadata"]["name"], at))
                path = plane.api.path("v1", "Pod", case.namespace, pod["metadata"]["name"], "status")
                status = {"phase": "Running", "startTime": at, "conditions": [{"type": "Ready", "status": "True"}]}
                plane.api.request("PATCH", path, {"status": status}, "application/strategic-merge-patch+json")
        if not alone:
            _nudge(plane, case)
        pods, budgets = _quiet(plane, case)
        turns.append(Turn(step.what, stored, name, tuple(started), picture(pods, budgets)))
    for pod in plane.pods(case.namespace):
        _end(plane, case, pod["metadata"]["name"])
    plane.api.close()
    return turns


def _act(plane: ControlPlane, case: Case, step: Step) -> tuple[Object | None, str]:
    """(what was stored, name); (None, "") where nothing can be done."""
    pods = plane.pods(case.namespace)
    if step.what == "create":
        assert step.pod is not None
        stored = plane.api.request("POST", plane.api.path("v1", "Pod", case.namespace), step.pod)
        return stored, stored["metadata"]["name"]
    if step.what == "budget":
        if not case.budgets:
            return None, ""
        name = case.budgets[0]["metadata"]["name"]
        change = {"spec": {"minAvailable": step.pick % 4}}
        return plane.api.merge("policy/v1", "PodDisruptionBudget", name, case.namespace, change), name
    fitting = [pod for pod in pods if _FITS[step.what](pod)]
    if not fitting:
        return None, ""
    name = fitting[step.pick % len(fitting)]["metadata"]["name"]
    if step.what == "end":
        _end(plane, case, name)
    elif step.what == "ungate":
        plane.api.merge("v1", "Pod", name, case.namespace, {"spec": {"schedulingGates": None}})
    else:
        plane.api.delete("v1", "Pod", name, case.namespace)
    return None, name


def _nudge(plane: ControlPlane, case: Case) -> None:
    """A placed pod comes and goes on a node of no case."""
    plane.api.request("POST", plane.api.path("v1", "Pod", "default"), nudge(case))
    time.sleep(0.3)  # the scheduler has to have seen it
    path = plane.api.path("v1", "Pod", "default", nudge(case)["metadata"]["name"])
    plane.api.request("DELETE", path, {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})


def nudge(case: Case) -> Object:
    # The pods of any case that wait for room or for their host port are tried again.
    ports = [{"containerPort": 80, "hostPort": HOST_PORT}]
    spec = {"nodeName": NODES[0].name, "containers": [{"name": "main", "image": "example/app:1", "ports": ports}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"nudge-{case.seed}", "namespace": "default"},
        "spec": spec,
    }


_FITS: dict[str, Callable[[Object], bool]] = {
    "end": lambda pod: bool(pod["metadata"].get("deletionTimestamp")),
    "delete": lambda pod: bool(pod["spec"].get("nodeName")) and not pod["metadata"].get("deletionTimestamp"),
    "withdraw": lambda pod: not pod["spec"].get("nodeName"),
    "ungate": lambda pod: bool(pod["spec"].get("schedulingGates")),
}


def _end(plane: ControlPlane, case: Case, name: str) -> None:
    path = plane.api.path("v1", "Pod", case.namespace, name)
    plane.api.request("DELETE", path, {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})


def _quiet(plane: ControlPlane, case: Case) -> tuple[list[Object], list[Object]]:
    """Pods and budgets once nothing has changed for a while and the scheduler has looked at every pod."""
    deadline = time.monotonic() + _LONGEST
    before: list[str] = []
    since = time.monotonic()
    while True:
        pods = sorted(plane.pods(case.namespace), key=lambda pod: str(pod["metadata"]["name"]))
        budgets = plane.api.find("policy/v1", "PodDisruptionBudget", case.namespace)
        versions = [item["metadata"]["resourceVersion"] for item in (*pods, *budgets)]
        if versions != before:
            before, since = versions, time.monotonic()
        looked = all(any(each["type"] == "PodScheduled" for each in _conditions(pod)) for pod in pods)
        if looked and time.monotonic() - since > _QUIET:
            return pods, budgets
        if time.monotonic() > deadline:
            raise AssertionError(f"{case.namespace} did not come to rest")
        time.sleep(0.4)


def _conditions(pod: Object) -> list[Object]:
    found: list[Object] = pod["status"].get("conditions", [])
    return found


def picture(pods: Sequence[Object], budgets: Sequence[Object]) -> Picture:
    """What is compared."""
    found: Picture = {}
    for pod in pods:
        said = {each["type"]: each for each in _conditions(pod)}
        found[pod["metadata"]["name"]] = {
            "node": pod["spec"].get("nodeName", ""),
            "nominated": pod["status"].get("nominatedNodeName", ""),
            "terminating": bool(pod["metadata"].get("deletionTimestamp")),
            **{
                f"{kind}.{field}": said.get(kind, {}).get(field) or ""
                for kind in ("PodScheduled", "DisruptionTarget")
                for field in ("status", "reason", "message")
            },
        }
    for budget in budgets:
        found[budget["metadata"]["name"]] = {"allowed": budget.get("status", {}).get("disruptionsAllowed", 0)}
    return found


# The twin


Order = Callable[[Placer, Pod], tuple[int, ...]]


def _last_first(placer: Placer, pod: Pod) -> tuple[int, ...]:
    first, waited = _ORDER(placer, pod)
    return first, -waited


def _least_first(placer: Placer, pod: Pod) -> tuple[int, ...]:
    first, waited = _ORDER(placer, pod)
    return -first, waited


# kube-scheduler's queue holds back a pod that has failed often, so that one that came later, or is of lower priority, is tried before it.
_ORDER = Placer.order


def orders(turn: Turn) -> tuple[Order, ...]:
    """Besides the usual one: all that came last or matter least first, or one pod before all others."""
    return (_ORDER, _last_first, _least_first, *(_ahead(name) for name in sorted(turn.picture)))


def _ahead(name: str) -> Order:
    return lambda placer, pod: (pod.name != name, *_ORDER(placer, pod))


class Playing:
    """The twin beside the turns that the real control plane took. Among nodes of equal score it takes the real one's (kube-scheduler takes any)."""

    def __init__(self, nodes: Sequence[Object], case: Case) -> None:
        assembly = Assembly("conformance")
        for item in (*nodes, *case.budgets):
            assembly.add_raw(item)
        assembly.taken_at = START
        self.case = case
        self.twin = Twin(assembly.snapshot(), (Disruptions(),), now=START, suffix=str, admit=admit_all)
        self.twin.start_controllers()
        self.twin.settle()
        self.ties = 0
        self._wanted: Mapping[str, str] = {}

    def turn(self, turn: Turn, *, alone: bool = False, order: Order = Placer.order) -> Picture:
        """`order` in which pods that wait are tried."""
        self._wanted = {name: str(item.get("node", "")) for name, item in turn.picture.items()}
        with patch.object(placing, "best", self._best), patch.object(Placer, "order", order):
            self._act(turn)
            self.twin.settle(within=1.0)
            for name, at in turn.started:
                pod = self._pod(name)
                if pod is not None and pod.spec.node_name:
                    self.twin.record(_started(pod, at), "kubelet: runs")
            self.twin.settle(within=1.0)
            if not alone:
                other = self.twin.create(from_mapping(nudge(self.case)))
                self.twin.delete(other.ref, force=True)
            self.twin.settle(within=1.0)
        state, namespace = self.twin.state, self.case.namespace
        raw = [
            [msgspec.to_builtins(_encoded(item)) for item in state.within(kind, namespace)]
            for kind in (Pod, PodDisruptionBudget)
        ]
        return picture(raw[0], raw[1])

    def is_too_large(self, name: str) -> bool:
        """More is requested than any node has in all."""
        pod = self._pod(name)
        return pod is not None and not pod.spec.node_name and exceeds_every_node(self.twin.placer.cluster, PodKind(pod))

    def _best(self, verdict: Verdict) -> str:
        best = [verdict.feasible[index] for index in np.flatnonzero(verdict.total == verdict.total.max())]
        self.ties += len(best) > 1
        wanted = self._wanted.get(verdict.pod.name, "")
        return wanted if wanted in best else best[0]

    def _pod(self, name: str) -> Pod | None:
        return self.twin.state.get(Pod, self.case.namespace, name)

    def _act(self, turn: Turn) -> None:
        ref = Ref("Pod", self.case.namespace, turn.name)
        pod = self._pod(turn.name)
        if turn.what == "create":
            assert turn.stored is not None
            stored = {key: value for key, value in turn.stored["spec"].items() if key != "nodeName"}
            self.twin.create(from_mapping({**turn.stored, "spec": stored}))
        elif turn.what == "budget":
            budget = self.twin.state.get(PodDisruptionBudget, self.case.namespace, turn.name)
            fresh = from_mapping(turn.stored or {})
            assert budget is not None
            assert isinstance(fresh, PodDisruptionBudget)
            self.twin.update(msgspec.structs.replace(budget, spec=fresh.spec))
        elif turn.what == "end":
            self.twin.delete(ref, "kubelet: has ended", force=True)
        elif turn.what == "ungate":
            if pod is not None:
                self.twin.update(
                    msgspec.structs.replace(pod, spec=msgspec.structs.replace(pod.spec, scheduling_gates=()))
                )
        else:
            self.twin.delete(ref)


def _encoded(item: KubeObject) -> Object:
    found: Object = msgspec.json.decode(msgspec.json.encode(item))
    return found


def _started(pod: Pod, at: str) -> Pod:
    started = datetime.fromisoformat(at)
    ready = msgspec.convert({"type": "Ready", "status": "True"}, type(pod.status.conditions[0]))
    status = msgspec.structs.replace(
        pod.status, phase="Running", start_time=started, conditions=(*pod.status.conditions, ready)
    )
    return msgspec.structs.replace(pod, status=status)
