"""Plays a sequence twice, on a real control plane whose kubelets do nothing and on the twin, and says what each ended with, in one form.

A case's own steps say what the kubelets report, so that nothing but Kubernetes' controllers decides, and both sides see the same at the same time.
"""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Generic, Self, TypeVar

import msgspec
import pytest

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import KubeObject
from seakeep.model.refs import Ref
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from seakeep.twin.controller import Controller
from seakeep.twin.removal import remove
from seakeep.twin.settings import Settings
from seakeep.twin.state import State
from seakeep.twin.world import Twin
from tests.conformance.fidelity import record
from tests.conformance.kept import kept
from tests.conformance.workload_cases import Object, patched
from tests.conformance.workload_play import differences

# Nothing has changed for so long: the Job controller looks at a Job at most once a second.
QUIET = 2.5
# The twin is looked at so long before the real side was: what only time does must not fall between the two.
_EARLIER = 1.0
# A step and what a controller does at its own time may be so close that either may come first: the real controllers look at things once a second or so.
# A sequence is the same where it is at one of these paces.
_PACES = (1.0, 0.93, 1.07)
_LONGEST = 60.0
_POLL = 0.4
C = TypeVar("C")
Kinds = Mapping[str, str]  # kind → apiVersion


class Side(ABC):
    """What a case does to either side, in one namespace. `uids` are of what was made, by kind and name, for whoever notes them."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.uids: dict[tuple[str, str], str] = {}

    @abstractmethod
    def create(self, item: Object) -> Object: ...

    @abstractmethod
    def patch(self, kind: str, name: str, change: Object, *, status: bool = False) -> None: ...

    @abstractmethod
    def delete(self, kind: str, name: str, *, grace: int | None = None, propagation: str = "Background") -> None: ...

    @abstractmethod
    def release(self, kind: str, name: str, finalizer: str) -> None:
        """Takes the finalizer away, as it is now."""

    @abstractmethod
    def now(self) -> datetime: ...

    @abstractmethod
    def rest(self, wait: float = 0.0) -> list[Object]:
        """The objects when nothing changes any more, at the earliest after `wait` seconds."""


class Watch:
    """The objects of some kinds, read again and again for all cases at once."""

    def __init__(self, plane: ControlPlane, kinds: Kinds) -> None:
        self._plane, self.kinds = plane, kinds
        self._condition = threading.Condition()
        self._found: dict[str, list[Object]] = {}
        self._at = 0.0
        self._error: Exception | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ends.is_set():
                began = time.monotonic()
                found: dict[str, list[Object]] = defaultdict(list)
                for kind, version in self.kinds.items():
                    for item in self._plane.api.find(version, kind):
                        found[item["metadata"].get("namespace", "")].append(
                            {"apiVersion": version, "kind": kind, **item}
                        )
                with self._condition:
                    self._found, self._at = found, began
                    self._condition.notify_all()
                self._ends.wait(max(_POLL - (time.monotonic() - began), 0.05))
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            with self._condition:
                self._error = error
                self._condition.notify_all()
        finally:
            self._plane.api.close()

    def look(self, namespace: str, since: float) -> tuple[float, list[Object]]:
        """The first reading that began after `since`, and when it began; of the cluster's objects those that are named after the namespace."""
        with self._condition:
            self._condition.wait_for(lambda: self._at > since or self._error is not None, timeout=_LONGEST)
            if self._error is not None or self._at <= since:
                raise AssertionError(f"the objects cannot be read: {self._error}")
            mine = [item for item in self._found.get("", ()) if item["metadata"]["name"].startswith(f"{namespace}-")]
            return self._at, [*self._found.get(namespace, ()), *mine]


class Real(Side):
    """A namespace of a control plane."""

    def __init__(self, watch: Watch, plane: ControlPlane, namespace: str, quiet: float) -> None:
        super().__init__(namespace)
        self._watch, self.plane, self._quiet = watch, plane, quiet
        self.made: list[Object] = []
        self.times: list[float] = []
        self._start, self.began = time.monotonic(), datetime.now(UTC)
        self.cleans = False  # what is gone already is as well

    def create(self, item: Object) -> Object:
        if not self.made:
            self._start, self.began = time.monotonic(), datetime.now(UTC)
        path = self.plane.api.path(item["apiVersion"], item["kind"], item["metadata"].get("namespace", ""))
        made = {"apiVersion": item["apiVersion"], "kind": item["kind"], **self.plane.api.request("POST", path, item)}
        self.made.append(made)
        return made

    def patch(self, kind: str, name: str, change: Object, *, status: bool = False) -> None:
        version = self._watch.kinds[kind]
        try:
            self.plane.api.merge(version, kind, name, self.namespace, change, "status" if status else "")
        except ApiError as error:
            if error.status != 404 or not self.cleans:
                raise

    def delete(self, kind: str, name: str, *, grace: int | None = None, propagation: str = "Background") -> None:
        path = self.plane.api.path(self._watch.kinds[kind], kind, self.namespace, name)
        options: Object = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        try:
            self.plane.api.request("DELETE", path, options)
        except ApiError as error:
            if error.status != 404:
                raise

    def release(self, kind: str, name: str, finalizer: str) -> None:
        found = self.plane.api.get(self._watch.kinds[kind], kind, name, self.namespace)["metadata"]
        kept = [each for each in found.get("finalizers", ()) if each != finalizer]
        self.patch(kind, name, {"metadata": {"finalizers": kept, "resourceVersion": found["resourceVersion"]}})

    def now(self) -> datetime:
        return datetime.now(UTC)

    def rest(self, wait: float = 0.0) -> list[Object]:
        if wait:
            time.sleep(wait)
        began = since = time.monotonic()
        at, found = self._watch.look(self.namespace, since)
        before = _versions(found)
        while at - since < self._quiet:
            at, found = self._watch.look(self.namespace, at)
            versions = _versions(found)
            if versions != before:
                before, since = versions, at
            if at - began > _LONGEST:
                raise AssertionError(f"{self.namespace} did not come to rest")
        self.times.append(at - self._start)
        return found


def _versions(items: Iterable[Object]) -> list[str]:
    return sorted(f"{item['metadata']['uid']} {item['metadata']['resourceVersion']}" for item in items)


@dataclass(frozen=True, slots=True)
class Record:
    """What the real side gave: when it began, the objects as the API server stored them, the seconds from the start to each rest, and what there was then."""

    namespace: str
    began: datetime
    made: list[Object]
    times: list[float]
    found: list[list[Object]]


class Mirror(Side):
    """The twin, at the times at which the real side was."""

    def __init__(self, played: Record, suite: Played[Any], shared: Sequence[Object], controllers: Sequence[Controller], pace: float) -> None:  # fmt: skip
        super().__init__(played.namespace)
        assembly = Assembly("conformance")
        for item in shared:
            assembly.add_raw(item)
            assembly.listed(item["kind"])
        # Nothing else is there: what was not made does not exist.
        for kind in suite.kinds:
            assembly.listed(kind)
        assembly.taken_at = self._began = played.began
        numbers = count(1)
        self.kinds, self._made, self._times = (
            suite.kinds,
            iter(played.made),
            iter([each * pace for each in played.times]),
        )
        self.twin = Twin(
            assembly.snapshot(),
            controllers,
            now=played.began,
            suffix=lambda: f"{next(numbers):05d}",
            admit=suite.admit,
            settings=suite.settings,
        )

    def create(self, item: Object) -> Object:
        made = next(self._made)
        assert (item["kind"], item["metadata"].get("name")) == (made["kind"], made["metadata"].get("name"))
        self.twin.create(from_mapping(made))
        return made

    def patch(self, kind: str, name: str, change: Object, *, status: bool = False) -> None:
        item = self._item(kind, name)
        assert item is not None, f"{kind}/{name}"
        changed = from_mapping(patched(msgspec.to_builtins(item, str_keys=True), change))
        if status:
            self.twin.record(changed, "kubelet")
        else:
            self.twin.update(changed)

    def delete(self, kind: str, name: str, *, grace: int | None = None, propagation: str = "Background") -> None:
        item = self._item(kind, name)
        if item is None:
            return
        if grace is not None:
            self.twin.delete(item.ref, grace=grace)
        else:
            remove(self.twin, item.ref, propagation)

    def _item(self, kind: str, name: str) -> KubeObject | None:
        return self.twin.state.find(Ref(kind, self.namespace, name)) or self.twin.state.find(Ref(kind, "", name))

    def release(self, kind: str, name: str, finalizer: str) -> None:
        item = self._item(kind, name)
        assert item is not None, f"{kind}/{name}"
        self.patch(
            kind, name, {"metadata": {"finalizers": [each for each in item.metadata.finalizers if each != finalizer]}}
        )

    def now(self) -> datetime:
        return self.twin.now

    def rest(self, wait: float = 0.0) -> list[Object]:
        del wait
        at = next(self._times)
        self._until(at - _EARLIER)
        found = [
            msgspec.to_builtins(item, str_keys=True)
            for kind, group in self.twin.state.objects().items()
            for item in group.values()
            if kind in self.kinds and item.namespace in {"", self.namespace}
        ]
        self._until(at)
        return found

    def _until(self, seconds: float) -> None:
        self.twin.settle(within=max((self._began + timedelta(seconds=seconds) - self.twin.now).total_seconds(), 0.0))


# Playing


class Played(ABC, Generic[C]):
    """A suite: the kinds that are compared, the twin's controllers, what a case does, and the one form."""

    kinds: Kinds
    what = ""
    settings = Settings()
    quiet = QUIET

    def shared(self, plane: ControlPlane) -> Sequence[Object]:
        """What both sides have before the first case; the twin knows that there is no more of these kinds."""
        return [{"apiVersion": "v1", "kind": "Node", **node} for node in plane.api.find("v1", "Node")]

    def prepare(self, plane: ControlPlane) -> None:
        """What the control plane needs beforehand."""
        del plane

    def admit(self, state: State, new: KubeObject, old: KubeObject | None) -> KubeObject:
        """What is made is what the real API server has stored, so that the twin has nothing to add."""
        del state, old
        return new

    @abstractmethod
    def namespace(self, case: C) -> str: ...

    def others(self, case: C) -> tuple[str, ...]:
        """Namespaces besides its own, whose objects are not compared."""
        del case
        return ()

    @abstractmethod
    def controllers(self, case: C) -> Sequence[Controller]: ...

    @abstractmethod
    def play(self, side: Side, case: C) -> list[list[Object]]:
        """What there is after each step."""

    @abstractmethod
    def told(self, items: list[Object]) -> Any: ...

    def known(self, case: C, texts: list[str]) -> str:
        """The id of the known difference that explains all of these, if one does."""
        del case, texts
        return ""

    def clean(self, side: Side, left: list[Object]) -> None:
        """Takes away what of a case stays behind."""
        del side, left


@dataclass(slots=True)
class Outcome:
    cases: int = 0
    objects: int = 0
    failed: list[str] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=lambda: defaultdict(int))


Planes = Callable[[], ControlPlane]  # starts one where nobody has yet


def compare(plane: Planes, name: str, suite: Played[C], cases: Sequence[C]) -> Outcome:
    """Each case on the real side, many at a time; then on the twin."""

    def play() -> tuple[list[Object], list[Record]]:
        suite.prepare(plane())
        return list(suite.shared(plane())), play_real(plane(), suite, cases)

    shared, played = kept(name, cases, tuple[list[Object], list[Record]], play)
    return judged(shared, suite, cases, played)


def play_real(plane: ControlPlane, suite: Played[C], cases: Sequence[C], parallel: int = 48) -> list[Record]:
    with Watch(plane, suite.kinds) as watch, ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(lambda case: _play_real(plane, suite, watch, case), cases))


def judged(nodes: Sequence[Object], suite: Played[C], cases: Sequence[C], played: Sequence[Record]) -> Outcome:
    """Until a case's first difference: what follows would only repeat it."""
    outcome = Outcome(cases=len(cases))
    for case, real in zip(cases, played, strict=True):
        outcome.objects += sum(len(items) for items in real.found)
        tried = [_differences(nodes, suite, case, real, pace) for pace in _PACES[:1]]
        if tried[0]:
            tried += [_differences(nodes, suite, case, real, pace) for pace in _PACES[1:]]
        if not all(tried):
            continue
        texts = tried[0]
        name = suite.known(case, texts)
        outcome.known[name] += 1
        if not name:
            outcome.failed.append("\n  ".join([f"{case!r:.2000}", *texts[:6]]))
    return outcome


def _differences(nodes: Sequence[Object], suite: Played[C], case: C, real: Record, pace: float) -> list[str]:
    mirror = Mirror(real, suite, nodes, suite.controllers(case), pace)
    for number, (one, other) in enumerate(zip(real.found, suite.play(mirror, case), strict=True)):
        if texts := differences(suite.told(one), suite.told(other), f" {number}"):
            return texts
    return []


def _play_real(plane: ControlPlane, suite: Played[C], watch: Watch, case: C) -> Record:
    namespace = suite.namespace(case)
    for name in (namespace, *suite.others(case)):
        plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    side = Real(watch, plane, namespace, suite.quiet)
    try:
        found = suite.play(side, case)
    except Exception as error:
        error.add_note(f"{case!r:.3000}")
        raise
    side.cleans = True
    suite.clean(side, found[-1])
    plane.api.close()  # this thread's connection
    return Record(namespace, side.began, side.made, side.times, found)


# One form

_TIMES = frozenset(
    {"lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime", "lastProbeTime", "startTime", "completionTime", "timeAdded"}
    | {"lastScheduleTime", "lastSuccessfulTime", "lastScaleTime", "deletionTimestamp", "creationTimestamp", "finishedAt"}
)  # fmt: skip


def plain(item: Object, rename: Callable[[str], str] = str) -> Any:
    """The object's fields that the twin knows, less times (whether they are set stays), uids and versions."""
    raw = msgspec.to_builtins(from_mapping(item), str_keys=True)
    for key in ("uid", "resourceVersion", "managedFields", "creationTimestamp", "selfLink"):
        raw["metadata"].pop(key, None)
    return _plain(raw, rename)


def _plain(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, dict):
        return {
            rename(key): ("set" if each else each) if key in _TIMES else "" if key == "uid" else _plain(each, rename)
            for key, each in value.items()
        }
    return [_plain(each, rename) for each in value] if isinstance(value, list | tuple) else value


def check(plane: Planes, suite: Played[C], name: str, case: Callable[[int], C], *, sample: int, first: int = 0) -> None:
    """Plays the seeds that the environment asks for (SEAKEEP_JOB_CASES and SEAKEEP_JOB_FIRST for `jobs`), or else `sample` of them from `first` on, which take little time; records and asserts."""
    prefix = f"SEAKEEP_{name.removesuffix('s').upper().replace('-', '_')}"
    number = int(os.environ.get(f"{prefix}_CASES", "0"))
    first = int(os.environ.get(f"{prefix}_FIRST", "0" if number else str(first)))
    number = number or sample
    if not number:
        pytest.skip(f"it takes long: set {prefix}_CASES")
    began = time.monotonic()
    found = compare(plane, name, suite, [case(seed) for seed in range(first, first + number)])
    seconds = time.monotonic() - began
    print(f"{name}: {number} sequences, {found.objects} objects, {dict(found.known)} differences, {seconds:.0f} s")
    compared = {"sequences": number, "objects": found.objects}
    record(name, cases=number, compared=compared, differences=dict(found.known), seconds=seconds, what=suite.what)
    assert not found.failed, "\n".join(found.failed)
