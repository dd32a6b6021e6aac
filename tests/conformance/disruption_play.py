"""Plays sequences of evictions: what is asked of either side, and what is compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from seakeep.model.refs import Ref
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.disruption import Disruptions
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.disruption.eviction import evict
from tests.conformance.by_hand import Kinds, Mirror, Played, Real, Side, plain
from tests.conformance.disruption_cases import DEFINITIONS, GROUP, App, Case, Step, objects
from tests.conformance.workload_cases import Object

_WRONG = "22222222-2222-4222-8222-222222222222"
WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
_CREATED = 201


class DisruptionSuite(Played[Case]):
    what = "answers of the eviction API (code, message, causes, Retry-After), PodDisruptionBudgets, pods and workloads after each step"
    kinds: Kinds = {"PodDisruptionBudget": "policy/v1", "Pod": "v1", **dict.fromkeys(WORKLOADS, "apps/v1"), "Fleet": f"{GROUP}/v1"}  # fmt: skip

    def shared(self, plane: ControlPlane) -> Sequence[Object]:
        made = [{**item, **plane.apply(dict(item))[0]} for item in DEFINITIONS]
        for kind in ("Fleet", "Plain"):
            plane.wait_for(kind, lambda kind=kind: _is_served(plane, kind))  # type: ignore[misc]
        _await_controller(plane)
        return [*super().shared(plane), *made]

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (Deployments(), ReplicaSets(), StatefulSets(), DaemonSets(), Disruptions(), GarbageCollector())

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        groups = [objects(case), case.budgets]
        # A budget that is there first sees the pods of several owners come one by one: in which order, nobody knows.
        if len(case.apps) == 1 and case.seed % 2:
            groups.reverse()
        found = []
        for group in groups:
            for item in group:
                _create(side, item)
            found.append(rest(side))
        for step in case.steps:
            said = _do(side, case, step, found[-1])
            found.append([*rest(side, step.wait), *said])
        return found

    def told(self, items: list[Object]) -> Any:
        return told(items)

    def known(self, case: Case, texts: list[str]) -> str:
        only_budgets = all(re.match(r" \d+/budgets/\w+/status/", text) for text in texts)
        steps = int(texts[0].split("/")[0]) - 1  # two rests are before the first
        return "overlapping-budgets" if only_budgets and case.has_several(steps) else ""

    def clean(self, side: Side, left: list[Object]) -> None:
        for item in left:
            if item["kind"] in WORKLOADS and not item["metadata"].get("ownerReferences"):
                side.delete(item["kind"], item["metadata"]["name"])
        for item in left:
            if item["kind"] == "Pod":
                side.delete("Pod", item["metadata"]["name"], grace=0)


def _is_served(plane: ControlPlane, kind: str) -> bool:
    try:
        plane.api.find(f"{GROUP}/v1", kind)
    except ApiError:
        return False
    return True


def _await_controller(plane: ControlPlane) -> None:
    """The controller manager learns of new kinds within half a minute."""
    metadata = {"name": "known", "namespace": "default"}
    owner = {"apiVersion": f"{GROUP}/v1", "kind": "Fleet", "metadata": metadata, "spec": {"replicas": 1}}
    made = plane.apply(owner)[0]
    reference = {"apiVersion": f"{GROUP}/v1", "kind": "Fleet", "name": "known", "uid": made["metadata"]["uid"], "controller": True}  # fmt: skip
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata | {"labels": {"app": "known"}, "ownerReferences": [reference]},
        "spec": {"containers": [{"name": "main", "image": "example/app:1"}]},
    }
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "known"}}}
    plane.apply([pod, {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}])
    numbers = iter(range(1_000_000))

    def counts() -> bool:
        # Each change makes it look again.
        labels = {"metadata": {"labels": {"asked": str(next(numbers))}}}
        found = plane.api.merge("policy/v1", "PodDisruptionBudget", "known", "default", labels)
        return bool(found.get("status", {}).get("expectedPods"))

    plane.wait_for("scale of a new kind", counts, 90.0)


_BARRIER = "barrier"


def rest(side: Side, wait: float = 0.0) -> list[Object]:
    """As `side.rest`, and the disruption controller, which takes one budget after the other, has come to what was asked of it before."""
    found = side.rest(wait)
    if not isinstance(side, Real):
        return found
    side.times.pop()
    _pass_barrier(side)
    return [item for item in side.rest() if item["metadata"]["name"] != _BARRIER]


def _pass_barrier(side: Real) -> None:
    """A budget of no pods that has just been changed: once its status is of this change, those that waited before it have had their turn."""
    api, item = side.plane.api, {"namespace": side.namespace, "name": _BARRIER}
    selector = {"matchLabels": {"barrier": "none"}}
    old = side.uids.get(("barrier", "turn"), "0")
    side.uids["barrier", "turn"] = turn = str(int(old) + 1)
    spec = {"maxUnavailable": int(turn), "selector": selector}
    made = api.apply([{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": item, "spec": spec}])[0]
    generation = made["metadata"]["generation"]

    def has_passed() -> bool:
        now = api.get("policy/v1", "PodDisruptionBudget", _BARRIER, side.namespace)
        return bool(now.get("status", {}).get("observedGeneration", 0) >= generation)

    side.plane.wait_for("turn of the disruption controller", has_passed, 120.0)


def of(kind: str, items: list[Object]) -> list[Object]:
    return [item for item in items if item["kind"] == kind]


# Steps


def _create(side: Side, item: Object) -> None:
    item = deepcopy(item)
    item["metadata"]["namespace"] = side.namespace
    for owner in item["metadata"].get("ownerReferences", ()):
        owner.setdefault("uid", side.uids.get((owner["kind"], owner["name"]), ""))
    made = side.create(item)
    side.uids[item["kind"], item["metadata"]["name"]] = made["metadata"]["uid"]


def _do(side: Side, case: Case, step: Step, items: list[Object]) -> list[Object]:
    """The answers to what was asked."""
    if step.what in {"patch", "remove", "create", "scale"}:
        _change(side, case, step, items)
        return []
    if step.what == "missing":
        return [_ask(side, "nobody", "", {})]
    app = next((item for item in case.apps if item.name == step.app), None)
    if app is None:
        return []
    chosen = _chosen(items, step)
    if step.what in {"evict", "burst"}:
        answers = [_ask(side, pod["metadata"]["name"], pod["metadata"]["uid"], step.body or {}) for pod in chosen]
        # Whether the controller has looked between two requests decides how a refusal is put, and nothing else.
        return [item | {"causes": ()} if step.what == "burst" else item for item in answers]
    for pod in chosen:
        _tell(side, app, step, pod)
    return []


def _change(side: Side, case: Case, step: Step, items: list[Object]) -> None:
    names = {item["metadata"]["name"] for item in of("PodDisruptionBudget", items)}
    match step.what:
        case "patch" if step.app in names:
            side.patch("PodDisruptionBudget", step.app, step.body or {})
        case "remove" if step.app in names:
            side.delete("PodDisruptionBudget", step.app)
        case "create" if step.body is not None and step.body["metadata"]["name"] not in names:
            _create(side, step.body)
        case "scale":
            app = next(item for item in case.apps if item.name == step.app)
            if app.form in {"Deployment", "ReplicaSet", "StatefulSet", "Fleet"}:
                side.patch(app.form, app.name, {"spec": {"replicas": step.number}})


def _chosen(items: list[Object], step: Step) -> list[Object]:
    """Pods of the application in the state: the first few in an order that is the same on both sides but for pods that are alike."""
    rename = _renaming(items)
    disrupted = {name for item in of("PodDisruptionBudget", items) for name in item.get("status", {}).get("disruptedPods") or ()}  # fmt: skip

    def key(pod: Object) -> tuple[str, bool, str]:
        name = pod["metadata"]["name"]
        return json.dumps(_told_pod(pod, rename)), name in disrupted, name

    pods = [pod for pod in of("Pod", items) if pod["metadata"]["labels"].get("app") == step.app]
    return sorted((pod for pod in pods if state(pod) == step.state), key=key)[: step.number]


def state(pod: Object) -> str:
    phase = pod.get("status", {}).get("phase", "Pending")
    if pod["metadata"].get("deletionTimestamp"):
        return "ending"
    if phase in {"Succeeded", "Failed"}:
        return "ended"
    if phase != "Running":
        return "pending"
    return "ready" if _condition(pod, "Ready").get("status") == "True" else "unready"


def _condition(pod: Object, kind: str) -> Object:
    found: Object = next((item for item in pod.get("status", {}).get("conditions") or () if item["type"] == kind), {})
    return found


def _tell(side: Side, app: App, step: Step, pod: Object) -> None:
    """What happens to a pod besides evictions: its kubelet's reports, a deletion, another label."""
    name = pod["metadata"]["name"]
    match step.what:
        case "end":
            return side.delete("Pod", name, grace=0)
        case "delete":
            return side.delete("Pod", name)
        case "relabel":
            # The owners of others would make new ones in their place.
            return side.patch("Pod", name, step.body or {}) if app.form == "bare" else None
        case "target":
            # As if it was to be disrupted, by somebody who then thought better of it.
            target = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "it is in the way"}  # fmt: skip
            return _report(side, pod, pod["status"]["phase"], target)
        case "fail" | "succeed" if app.form in {"StatefulSet", "DaemonSet"}:
            return None
    phase = {"fail": "Failed", "succeed": "Succeeded"}.get(step.what, "Running")
    if pod["spec"].get("nodeName"):
        ready = step.what in {"run", "ready"}
        _report(side, pod, phase, {"type": "Ready", "status": str(ready)})
    return None


def _report(side: Side, pod: Object, phase: str, condition: Object) -> None:
    stamp = side.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = [item for item in pod["status"].get("conditions") or () if item["type"] != condition["type"]]
    conditions = [*kept, {**condition, "lastTransitionTime": stamp}]
    side.patch("Pod", pod["metadata"]["name"], {"status": {"phase": phase, "conditions": conditions}}, status=True)


def _ask(side: Side, name: str, uid: str, options: Object) -> Object:
    options = dict(options)
    wanted = {"right": uid, "wrong": _WRONG}.get(options.pop("uid", ""), "")
    query = bool(options.pop("query", False))
    if isinstance(side, Mirror):
        return _twin_answer(side, name, wanted, options, dry=query or "dryRun" in options)
    assert isinstance(side, Real)
    if wanted:
        options["preconditions"] = {"uid": wanted}
    body: Object = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": side.namespace}}  # fmt: skip
    if options:
        body["deleteOptions"] = options
    path = side.plane.api.path("v1", "Pod", side.namespace, name, "eviction")
    try:
        side.plane.api.request("POST", f"{path}?dryRun=All" if query else path, body)
    except ApiError as error:
        causes = [item["message"] for item in error.details.get("causes", ())]
        return _answer(error.status, error.server_message, causes, error.details.get("retryAfterSeconds", 0))
    return _answer(_CREATED)


def _twin_answer(side: Mirror, name: str, uid: str, options: Object, *, dry: bool) -> Object:
    try:
        evict(side.twin, Ref("Pod", side.namespace, name), grace=options.get("gracePeriodSeconds"), dry_run=dry, uid=uid)  # fmt: skip
    except RejectedError as error:
        return _answer(error.code, error.message, error.causes, error.retry_after)
    return _answer(_CREATED)


def _answer(code: int, message: str = "", causes: Sequence[str] = (), retry: int = 0) -> Object:
    return {"kind": "Answer", "code": code, "message": message, "causes": list(causes), "retry": retry}


# One form

# Which pod of its StatefulSet it is its name says; where it runs is the scheduler's affair.
_LEFT_OUT = ("apps.kubernetes.io/pod-index", "topology.kubernetes.io/")
_UIDS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def told(items: list[Object], *, alike: bool = False) -> Any:
    """Answers, budgets, pods and workloads. Where the pods of an application are `alike`, which of them it was is left open."""
    rename = _renaming(items, alike=alike)
    return {
        "answers": [_told_answer(item, rename) for item in of("Answer", items)],
        "budgets": {item["metadata"]["name"]: _told_budget(item, rename) for item in of("PodDisruptionBudget", items)},
        "pods": sorted((_told_pod(item, rename) for item in of("Pod", items)), key=json.dumps),
        "workloads": {f"{item['kind']}/{rename(item['metadata']['name'])}": _told_workload(item, rename) for kind in WORKLOADS for item in of(kind, items)},
    }  # fmt: skip


def _renaming(items: list[Object], *, alike: bool = False) -> Callable[[str], str]:
    """Generated names and hashes by what they stand for: no case has two of a kind."""
    names: dict[str, str] = {}
    for item in (each for each in items if each["kind"] != "Answer"):
        metadata = item["metadata"]
        labels, owners = metadata.get("labels") or {}, metadata.get("ownerReferences") or ()
        kind = next((owner["kind"] for owner in owners), "")
        if item["kind"] in {"Pod", "ReplicaSet"} and (
            kind in {"ReplicaSet", "DaemonSet", "Deployment"} or (alike and item["kind"] == "Pod")
        ):
            names[metadata["name"]] = f"{labels.get('app')}~{item['kind']}"
        for label in ("pod-template-hash", "controller-revision-hash"):
            if label in labels:
                names[labels[label]] = "hash"
        for field in ("currentRevision", "updateRevision"):
            if item["kind"] == "StatefulSet" and (item.get("status") or {}).get(field):
                names[item["status"][field]] = "revision"
    if not names:
        return lambda text: _UIDS.sub("uid", text)
    parts = "|".join(re.escape(name) for name in sorted(names, key=lambda each: (-len(each), each)))
    pattern = re.compile(rf"(?<![\w-])(?:{parts})(?![\w-])")
    return lambda text: _UIDS.sub("uid", pattern.sub(lambda match: names[match[0]], text))


def _told_answer(item: Object, rename: Callable[[str], str]) -> Object:
    return item | {"message": rename(item["message"]), "causes": [rename(each) for each in item["causes"]]}


def _told_budget(item: Object, rename: Callable[[str], str]) -> Any:
    found = plain(item)
    disrupted = found["status"].pop("disruptedPods", {})
    return json.loads(rename(json.dumps(found))) | {"disruptedPods": sorted(map(rename, disrupted))}


def _told_pod(pod: Object, rename: Callable[[str], str]) -> Object:
    metadata, target = pod["metadata"], _condition(pod, "DisruptionTarget")
    return {
        "name": rename(metadata["name"]),
        "labels": {
            key: rename(value)
            for key, value in sorted((metadata.get("labels") or {}).items())
            if not key.startswith(_LEFT_OUT)
        },
        "owners": [f"{item['kind']}/{rename(item['name'])}" for item in metadata.get("ownerReferences") or ()],
        "state": state(pod),
        "phase": pod.get("status", {}).get("phase") or "Pending",
        "bound": bool(pod["spec"].get("nodeName")),
        "ready": _condition(pod, "Ready").get("status", ""),
        "target": [target.get(key, "") for key in ("status", "reason", "message")],
        "grace": metadata.get("deletionGracePeriodSeconds"),
    }


def _told_workload(item: Object, rename: Callable[[str], str]) -> Any:
    found = plain(item)
    if item["kind"] == "ReplicaSet" and item["metadata"].get("ownerReferences"):
        # In how many steps a Deployment resizes it depends on which pod becomes ready first.
        found["metadata"]["generation"] = found["status"]["observedGeneration"] = 0
    found["status"]["conditions"] = sorted(found["status"].get("conditions") or (), key=lambda each: str(each["type"]))
    return json.loads(rename(json.dumps(found)))
