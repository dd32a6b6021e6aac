"""Plays drains: kubectl's own on the real side, on nodes that KWOK plays; what it prints, and what there is afterwards."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from msgspec.structs import replace

from seakeep.model.objects import KubeObject, LabelSelector, Pod
from seakeep.model.refs import Ref
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.nodes import NodeSpec
from seakeep.twin.actions import Action, Update
from seakeep.twin.controller import Controller, View
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.disruption.drain import drain, uncordon
from seakeep.twin.disruption.drain_filters import DrainOptions
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.state import State
from tests.conformance.by_hand import Kinds, Mirror, Played, Real, Side
from tests.conformance.disruption_play import WORKLOADS, of, rest, told
from tests.conformance.drain_cases import PAIR, PAIRS, Case, Step, nodes
from tests.conformance.workload_cases import FAULT, Object
from tests.conformance.workload_play import SETTINGS, kwok_faults

# Seconds until what an evicted pod's owner makes in its place is ready.
_AFTER = 3.0
_TAINT = {"key": PAIR, "value": "", "effect": "NoSchedule"}
_busy: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


class Kwok:
    """KWOK's kubelets: one that is told to never ends a pod."""

    name, forgets = "kubelet", True

    def __init__(self) -> None:
        self._kubelet = Kubelet(faults=kwok_faults)

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        return self._kubelet.concerns(state, item)

    def reconcile(self, view: View, ref: Ref) -> Iterator[Action]:
        pod = view.state.get(Pod, ref.namespace, ref.name)
        fault = pod.metadata.annotations.get(FAULT, "") if pod is not None else ""
        if pod is not None and fault == "completed" and pod.status.phase == "Running":
            ended = tuple(
                replace(item, status="False") if item.type in {"Ready", "ContainersReady"} else item
                for item in pod.status.conditions
            )
            yield Update(replace(pod, status=replace(pod.status, phase="Succeeded", conditions=ended)), "completed")
        elif pod is None or pod.metadata.deletion_timestamp is None or fault != "stuck-terminating":
            yield from self._kubelet.reconcile(view, ref)


class DrainSuite(Played[Case]):
    what = "what kubectl drain prints, and PodDisruptionBudgets, pods and workloads after it"
    kinds: Kinds = {"PodDisruptionBudget": "policy/v1", "Pod": "v1", "Node": "v1", **dict.fromkeys(WORKLOADS, "apps/v1")}  # fmt: skip
    settings = SETTINGS

    def shared(self, plane: ControlPlane) -> Sequence[Object]:
        names = {item["metadata"]["name"] for item in plane.api.find("v1", "Node")}
        plane.add_nodes(
            NodeSpec(name, labels={PAIR: str(pair)}, taints=[_TAINT]) for pair in range(PAIRS) for name in nodes(pair) if name not in names
        )  # fmt: skip
        return super().shared(plane)

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (Deployments(), ReplicaSets(), StatefulSets(), DaemonSets(), Disruptions(), Kwok())

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        if isinstance(side, Mirror):
            return list(_play(side, case))
        with _busy[case.pair]:
            found = list(_play(side, case))
            _clean(side)
            return found

    def told(self, items: list[Object]) -> Any:
        return told(items, alike=True)

    def known(self, case: Case, texts: list[str]) -> str:
        sets = {item["metadata"]["name"] for item in case.objects if item["kind"] == "StatefulSet"}
        again = [re.match(r" \d+/budgets/\w+/disruptedPods: \['(\w)~Pod'.* ≠ \[\]", text) for text in texts]
        if any(found is not None and found[1] in sets for found in again):
            return "same-name-again"
        apps = [str(item["spec"]["selector"]) for item in case.objects if item["kind"] == "PodDisruptionBudget"]
        if len(set(apps)) < len(apps) and all(re.match(r" \d+/budgets/\w+/status/", text) for text in texts):
            return "overlapping-budgets"
        return "eviction-conflicts" if case.opens and any(map(_was_refused_here_only, texts)) else ""


def _was_refused_here_only(text: str) -> bool:
    """Of the answers to a drain: the twin was refused an eviction of an application of which the real side was refused none."""
    found = re.fullmatch(r" \d+/answers/0/message: (.*) ≠ (.*)", text)
    real, twin = (
        (set(re.findall(r"[\w/~\" -]+\(will retry", part)) for part in found.groups()) if found else (set(), set())
    )
    return bool(twin - real)


def _play(side: Side, case: Case) -> Iterator[list[Object]]:
    node, other = nodes(case.pair)
    side.patch("Node", other, {"spec": {"unschedulable": True}})
    for is_budget in (False, True):
        for each in case.objects:
            if (each["kind"] == "PodDisruptionBudget") == is_budget:
                item = deepcopy(each)
                item["metadata"]["namespace"] = side.namespace
                side.create(item)
        found = _rest(side)
    yield found
    if case.opens:
        side.patch("Node", other, {"spec": {"unschedulable": None}})
    for step in case.steps:
        said = []
        if step.patch is not None:
            side.patch("PodDisruptionBudget", "p0", step.patch)
        else:
            said = [_answer(_drain(side, step, node), found)]
        found = _rest(side)
        yield [*found, *said]
    yield [*_rest(side), _answer(_uncordon(side, node), found)]


def _rest(side: Side) -> list[Object]:
    if isinstance(side, Mirror):
        side.twin.settle(within=_AFTER)
    return rest(side)


def _drain(side: Side, step: Step, node: str) -> Iterable[str]:
    if isinstance(side, Mirror):
        options = dict(step.options)
        if "pod_selector" in options:
            options["pod_selector"] = LabelSelector(match_labels={"app": options["pod_selector"]})
        result = drain(side.twin, node, DrainOptions(**options))
        return (*result.out, *result.err)
    assert isinstance(side, Real)
    return side.plane.kubectl("drain", node, *step.flags, check=False).splitlines()


def _uncordon(side: Side, node: str) -> Iterable[str]:
    if isinstance(side, Mirror):
        return (uncordon(side.twin, node),)
    assert isinstance(side, Real)
    return side.plane.kubectl("uncordon", node).splitlines()


def _clean(side: Side) -> None:
    """The nodes are empty for the next sequence: in a namespace that ends nothing is made again."""
    assert isinstance(side, Real)
    api, path = side.plane.api, side.plane.api.path("v1", "Pod", side.namespace)
    api.delete("v1", "Namespace", side.namespace)

    def is_empty() -> bool:
        api.request("DELETE", path, {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})
        return not api.find("v1", "Pod", side.namespace)

    side.plane.wait_for("end of the last pod", is_empty, 60.0)


# One form

_PARTS = re.compile(r": |, |; |\[|\]|^error: ")


def _answer(lines: Iterable[str], before: list[Object]) -> Object:
    """Each thing that is said, once: kubectl repeats itself, and names pods in no order."""
    names = {item["metadata"]["name"]: f"{item['metadata']['labels']['app']}~" for item in of("Pod", before)}
    parts = "|".join(re.escape(name) for name in sorted(names, key=lambda each: (-len(each), each)))
    pattern = re.compile(rf"(?<![\w-])(?:{parts or '(?!)'})(?![\w-])")
    rename: Callable[[str], str] = lambda text: pattern.sub(lambda match: names[match[0]], text)  # noqa: E731
    said = {part.strip() for line in lines for part in _PARTS.split(rename(line))}
    return {"kind": "Answer", "code": 0, "message": "\n".join(sorted(said)), "causes": [], "retry": 0}
