"""The reference platform on a real control plane and on the twin: made, watched, and compared."""

from __future__ import annotations

import importlib
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import yaml

from seakeep.adapters import redact
from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.adapters.kube import observe
from seakeep.app.apply import rehearse_run
from seakeep.app.judged import Judged
from seakeep.app.plan import shown
from seakeep.app.rehearse_base import Base, prepare
from seakeep.engine.apply import Options
from seakeep.engine.apply.calls import Calls, known_calls
from seakeep.engine.apply.looking import looking
from seakeep.engine.apply.twin import TwinDriver
from seakeep.engine.compare import Told, ready_of, told, waiting_of
from seakeep.engine.play import waiting
from seakeep.engine.watch import Board, Watch, home
from seakeep.facts.index import Index
from seakeep.model.commands import Condition, Observe
from seakeep.model.commands import Observed as Seen
from seakeep.model.objects import KubeObject, Pod
from seakeep.model.plan import Plan
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import Object
from seakeep.testing.testbed.replay.plane import WATCHED
from seakeep.twin.state import State

ROOT = Path(__file__).parents[3]
PLAY = ROOT / "examples" / "254carbon" / "play"
DECLARED = ROOT / "examples" / "254carbon" / "platform.yaml"

# Made and kept by controllers, under names and with figures of their own; or different at each look.
_CONTROLLERS = frozenset({"ControllerRevision", "Endpoints", "EndpointSlice", "Event", "Lease", "Pod", "ReplicaSet"})
_SERVERS = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "ownerReferences")
# Counters of the Deployment controller and of the API server.
_COUNTED = ("deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation")
_OWN_SPACE = "seakeep"


def play() -> Any:
    """examples/254carbon/play/play.py."""
    if str(PLAY) not in sys.path:
        sys.path.insert(0, str(PLAY))
    return importlib.import_module("play")


def declared(folder: Path, namespaces: Sequence[str]) -> Path:
    """platform.yaml, less the services of namespaces that are left out."""
    said = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    if namespaces:
        said["services"] = [item for item in said["services"] if item["namespace"] in namespaces]
        said["waivers"] = [item for item in said["waivers"] if item["target"].split("/")[0] in namespaces]
    path = folder / "platform.yaml"
    path.write_text(yaml.safe_dump(said, sort_keys=False))
    return path


def look(plane: ControlPlane) -> Snapshot:
    return redact.snapshot(observe(kubeconfig=plane.kubeconfig))


def age(plane: ControlPlane) -> None:
    """What does not work has not worked for a day: a pod of two minutes might just be starting."""
    day = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for pod in plane.api.find("v1", "Pod"):
        ready = any(
            item["type"] == "Ready" and item["status"] == "True" for item in pod["status"].get("conditions", [])
        )
        if pod["spec"].get("nodeName") and not ready:
            metadata = pod["metadata"]
            plane.api.merge(
                "v1", "Pod", metadata["name"], metadata["namespace"], {"status": {"startTime": day}}, "status"
            )


def await_still(plane: ControlPlane, quiet: float, most: float) -> None:
    """Until no pod has changed for so long."""
    before, changed, started = "", time.monotonic(), time.monotonic()
    while time.monotonic() - changed < quiet:
        pods = plane.api.find("v1", "Pod")
        now = json.dumps(sorted((item["metadata"]["uid"], item["metadata"]["resourceVersion"]) for item in pods))
        if now != before:
            before, changed = now, time.monotonic()
        if time.monotonic() - started > most:
            raise AssertionError(plane.kubectl("get", "pods", "-A"))
        time.sleep(0.5)


# Every object that anybody may read


def everything(plane: ControlPlane) -> dict[str, Object]:
    """By kind, namespace and name, less what controllers make and what the server and the controllers keep."""
    found: dict[str, Object] = {}
    for version, kind in _listed(plane):
        for item in plane.api.find(version, kind):
            metadata = item["metadata"]
            if metadata.get("namespace") != _OWN_SPACE and (kind, metadata["name"]) != ("Namespace", _OWN_SPACE):
                found["/".join((kind, metadata.get("namespace", ""), metadata["name"]))] = _kept(item)
    return found


def _listed(plane: ControlPlane) -> Iterator[tuple[str, str]]:
    groups = plane.api.request("GET", "/apis")["groups"]
    for version in ("v1", *(item["preferredVersion"]["groupVersion"] for item in groups)):
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        for item in plane.api.request("GET", root)["resources"]:
            if "/" not in item["name"] and "list" in item["verbs"] and item["kind"] not in _CONTROLLERS:
                yield version, item["kind"]


def _kept(item: Object) -> Object:
    metadata = {key: value for key, value in item["metadata"].items() if key not in _SERVERS[:-1] or key == "uid"}
    notes = {key: value for key, value in metadata.get("annotations", {}).items() if key not in _COUNTED}
    if "annotations" in metadata:
        metadata["annotations"] = notes
    return {**{key: value for key, value in item.items() if key != "status"}, "metadata": metadata}


def differences(before: Mapping[str, Object], after: Mapping[str, Object]) -> list[str]:
    """Objects that came or went, and fields that are not what they were."""
    found = [f"{key} is gone" for key in sorted(before.keys() - after.keys())]
    found += [f"{key} is new" for key in sorted(after.keys() - before.keys())]
    for key in sorted(before.keys() & after.keys()):
        found += [f"{key}: {text}" for text in _apart(before[key], after[key], "")]
    return found


def _apart(old: Any, new: Any, path: str) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _apart(old.get(key), new.get(key), f"{path}.{key}")
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _apart(*pair, f"{path}[{number}]")
    elif old != new:
        yield f"{path}: {old!r} → {new!r}"


# The twin's word


@dataclass(frozen=True, slots=True)
class Course:
    """One side of the comparison. `reached` says after how many seconds a workload that had too few ready pods had as many as in the end."""

    told: Told
    objects: Mapping[str, Object]
    reached: Mapping[Ref, float]
    snapshot: Snapshot
    states: Mapping[str, str] = field(default_factory=dict)
    unwell: frozenset[str] = frozenset()
    """Changes whose object is not as it wishes to be."""


def foretold(plan: Plan, snapshot: Snapshot, intent: Intent, today: date, options: Options) -> tuple[Course, Board]:
    """The whole run on the twin of this snapshot."""
    base = prepare(snapshot, intent, today, diagnosed=True)
    twin, watch = base.twin, _Mended(base)
    look = looking(Judged(snapshot, intent, today).twin, Calls(known_calls(Index(snapshot))))
    driver = TwinDriver(twin, from_mapping, look, snapshot)
    run = rehearse_run(plan, driver, options, lambda _: None)
    twin.settle(600.0)
    state = State(twin.steady())
    ready = ready_of(state, base.board.owners)
    reached = {ref: at for ref, points in watch.history.items() if (at := first_above(points)) is not None}
    reached |= {ref: at for ref, at in watch.mended.items() if ref in reached}
    ended = told(twin.state, base.board.owners, ready, waiting(twin).values())
    states = {step.change: step.state for step in run.steps}
    seen = redact.snapshot(shown(snapshot, twin))
    found = Course(ended, _plain(State(seen.objects)), reached, seen, states, _unwell(plan, driver))
    return found, base.board


def _unwell(plan: Plan, driver: TwinDriver) -> frozenset[str]:
    seen = driver.carry_out(Observe(tuple((change.target, change.api_version) for change in plan.changes)))
    assert isinstance(seen, Seen)
    behind = {item.object for item in seen.objects if item.status is not Condition.CURRENT}
    return frozenset(change.id for change in plan.changes if change.target in behind)


class _Mended(Watch):
    """When nothing made the pods of a workload fail any more. KWOK plays no back-off: there they are ready at once, where a kubelet takes up to five minutes."""

    def __init__(self, base: Base) -> None:
        super().__init__(base.board, base.twin)
        self.mended: dict[Ref, float] = {}
        state, owners = base.twin.state, base.board.owners
        self._failing = {home(state, owners, pod) for pod in state.all(Pod) if base.twin.fails(pod)}

    def look(self) -> None:
        super().look()
        state, owners = self.twin.state, self.board.owners
        pods = [pod for pod in state.all(Pod) if home(state, owners, pod) in self._failing]
        fail = {home(state, owners, pod) for pod in pods if self.twin.fails(pod)}
        for ref in sorted(self._failing - fail):
            self.mended[ref] = self.elapsed
        self._failing &= fail


def first_above(points: Sequence[tuple[float, int]]) -> float | None:
    """When the count was at its end's level first, where that is above the start's."""
    last = points[-1][1]
    return next((at for at, ready in points if ready >= last), None) if last > points[0][1] else None


def _plain(state: State) -> dict[str, Object]:
    found: dict[str, Object] = {}
    for kind, group in state.objects().items():
        if kind not in _CONTROLLERS and not kind.endswith("Metrics"):
            for item in group.values():
                found[f"{kind}/{item.namespace}/{item.name}"] = _bare(item)
    return found


def _bare(item: KubeObject) -> Object:
    raw: Object = msgspec.to_builtins(item, builtin_types=(datetime,))
    metadata = {key: value for key, value in raw["metadata"].items() if key not in _SERVERS}
    metadata["annotations"] = {
        key: value for key, value in (metadata.get("annotations") or {}).items() if key not in _COUNTED
    }
    return {**{key: value for key, value in raw.items() if key != "status"}, "metadata": metadata}


# What happens


class Watcher(threading.Thread):
    """Counts the ready pods of each workload while something else goes on."""

    def __init__(self, plane: ControlPlane, owners: dict[Ref, Ref]) -> None:
        super().__init__(name="watcher", daemon=True)
        self._plane, self._owners, self._ended = plane, dict(owners), threading.Event()
        self.history: dict[Ref, list[tuple[float, int]]] = {}
        self._began = time.monotonic()

    def run(self) -> None:
        while not self._ended.wait(0.5):
            self._look()
        self._plane.api.close()

    def _look(self) -> None:
        counts = ready_of(state_of(self._plane, ("Pod", "ReplicaSet", "Job")), self._owners)
        at = time.monotonic() - self._began
        for ref in counts.keys() | self.history.keys():
            points = self.history.setdefault(ref, [(at, counts.get(ref, 0) if len(self.history) == 0 else 0)])
            if points[-1][1] != counts.get(ref, 0):
                points.append((at, counts.get(ref, 0)))

    def __enter__(self) -> Watcher:
        start = ready_of(state_of(self._plane, ("Pod", "ReplicaSet", "Job")), self._owners)
        self.history = {ref: [(0.0, count)] for ref, count in start.items()}
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    @property
    def reached(self) -> dict[Ref, float]:
        return {ref: at for ref, points in self.history.items() if (at := first_above(points)) is not None}


def state_of(plane: ControlPlane, kinds: Sequence[str] = tuple(WATCHED)) -> State:
    assembly = Assembly("the real control plane")
    for kind in kinds:
        for item in plane.api.find(WATCHED[kind], kind):
            assembly.add_raw({"apiVersion": WATCHED[kind], "kind": kind, **item})
    return State(assembly.snapshot().objects)


def happened(plane: ControlPlane, snapshot: Snapshot, board: Board, watcher: Watcher) -> Course:
    state = state_of(plane)
    ready = ready_of(state, board.owners)
    ended = told(state, board.owners, ready, waiting_of(state).values())
    return Course(ended, _plain(State(snapshot.objects)), watcher.reached, snapshot)


def orders(
    ours: Mapping[Ref, float], theirs: Mapping[Ref, float], our_least: float, their_least: float
) -> tuple[int, list[str]]:
    """Of the pairs of workloads that got well on both sides, at least so many seconds apart on each: how many came in the same order, and which did not."""
    both = sorted(ours.keys() & theirs.keys())
    same, wrong = 0, []
    for number, first in enumerate(both):
        for second in both[number + 1 :]:
            mine, real = ours[second] - ours[first], theirs[second] - theirs[first]
            if abs(mine) < our_least or abs(real) < their_least:
                continue
            if (mine > 0) == (real > 0):
                same += 1
            else:
                wrong.append(f"{first} and {second}: {mine:+.0f} s foretold, {real:+.0f} s real")
    return same, wrong


# Where programs listen


def listening(folders: Sequence[str]) -> dict[tuple[str, str], set[int]]:
    """By workload and container, as the manifests tell."""
    items = list(play().manifests(folders))
    services = [item for item in items if item["kind"] == "Service"]
    found: dict[tuple[str, str], set[int]] = {}
    for item in items:
        template = item.get("spec", {}).get("template")
        if template is None or item["kind"] == "CronJob":
            continue
        metadata, containers = item["metadata"], template["spec"]["containers"]
        led = _led_to(services, metadata.get("namespace", ""), template["metadata"].get("labels", {}))
        for container in containers:
            named = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
            ports = {*named.values(), *(named.get(port, port) for port in led)}
            ports |= {port for kind in _PROBES if (port := asked(container, kind)) is not None}
            key = "/".join((item["kind"], metadata.get("namespace", ""), metadata["name"]))
            found[key, container["name"]] = {port for port in ports if isinstance(port, int)}
    return found


_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def _led_to(services: Sequence[Object], namespace: str, labels: Object) -> set[int | str]:
    return {
        port.get("targetPort", port["port"])
        for item in services
        if item["metadata"]["namespace"] == namespace
        and item["spec"].get("selector")
        and item["spec"]["selector"].items() <= labels.items()
        for port in item["spec"].get("ports", [])
    }


def asked(container: Object, kind: str) -> int | None:
    """The number of the port that a probe asks; none where it asks none."""
    probe = container.get(kind) or {}
    target = next((probe[name] for name in ("httpGet", "tcpSocket", "grpc") if name in probe), None)
    if target is None:
        return None
    named = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
    port = named.get(target["port"], target["port"])
    return port if isinstance(port, int) else -1
