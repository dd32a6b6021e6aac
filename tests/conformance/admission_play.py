"""Both sides of an admission case: the testbed's API server and the twin, request by request."""

from __future__ import annotations

import copy
import json
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import KubeObject, LimitRange, ResourceQuota
from seakeep.model.refs import Ref
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import Api, ApiError
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.quota import quota_status
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.state import State
from tests.conformance.admission_cases import Case, Change, Object, case
from tests.conformance.admission_compare import apart, bare, merged, plain, word

_BACKGROUND = {"propagationPolicy": "Background"}


@dataclass
class Played:
    """Counts over many cases; `differences` says where."""

    requests: int = 0
    accepted: int = 0
    refused: int = 0
    quotas: int = 0
    words: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, other: Played) -> None:
        self.requests += other.requests
        self.accepted += other.accepted
        self.refused += other.refused
        self.quotas += other.quotas
        self.words.update(other.words)
        self.known.update(other.known)
        self.differences += other.differences


def play(plane: ControlPlane, seeds: Iterable[int], prefix: str) -> Played:
    """Namespaces are `prefix` and the seed; they are left to end with the control plane.

    A case that differs is played again, alone: what then agrees was the delay of a cache on a busy machine, and counts as the known difference `late-caches`.
    """
    total = Played()
    cases = {seed: case(seed) for seed in seeds}

    def prepare(seed: int) -> None:
        with closing(plane.api_for(plane.token)) as api:
            _namespace(api, f"{prefix}-{seed}", cases[seed])

    def run(seed: int) -> Played:
        with closing(plane.api_for(plane.token)) as api:
            return _Side(api, f"{prefix}-{seed}", shared).play(cases[seed])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(prepare, cases))
        shared = [from_mapping(item) for item in _shared(plane.api)]
        # The API server's caches of what was just made.
        time.sleep(1.0)
        played = list(zip(cases, pool.map(run, cases), strict=True))
    for seed, found in played:
        if found.differences and not prefix.endswith("again"):
            again = play(plane, [seed], f"{prefix}-again").differences
            found.known["late-caches"] += len(found.differences) if not again else 0
            found.differences = again
        total.add(found)
    return total


def _shared(api: Api) -> list[Object]:
    kinds = (
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("node.k8s.io/v1", "RuntimeClass"),
    )
    return [item | {"apiVersion": version, "kind": kind} for version, kind in kinds for item in api.find(version, kind)]


def _namespace(api: Api, name: str, found: Case) -> None:
    metadata = {"name": name, "labels": found.labels, "annotations": found.annotations}
    api.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}])
    for item in found.setup:
        body = item | {"metadata": item["metadata"] | {"namespace": name}}
        api.request("POST", api.path(item["apiVersion"], item["kind"], name), body)
        if item["kind"] == "ResourceQuota":
            # One after the other, each in the API server's cache before the next: a quota may count quotas.
            _await_quotas(api, name)
            time.sleep(0.2)


def _await_quotas(api: Api, namespace: str) -> None:
    for _ in range(200):
        items = api.find("v1", "ResourceQuota", namespace)
        if all(item.get("status", {}).get("hard") == item["spec"]["hard"] for item in items):
            return
        time.sleep(0.05)


def _patch(number: int, wanted: Object, now: Object) -> Object:
    """A merge patch replaces lists as a whole."""
    patch = {key: value for key, value in wanted.items() if key not in {"apiVersion", "kind", "image"}}
    patch["metadata"] = {key: value for key, value in wanted["metadata"].items() if key != "name"}
    if "image" in wanted:
        containers = copy.deepcopy(now["spec"]["containers"])
        containers[0]["image"] = wanted["image"]
        patch["spec"] = {"containers": containers}
    if "tolerations" in patch.get("spec", {}) and number % 2 == 0:
        patch["spec"]["tolerations"] = [*now["spec"]["tolerations"], *patch["spec"]["tolerations"]]
    return patch


class _Side:
    def __init__(self, api: Api, namespace: str, shared: list[KubeObject]) -> None:
        self.api, self.namespace = api, namespace
        self.found = Played()
        self.state = State({}, lambda ref: ref.namespace in {"", namespace})
        for item in shared:
            self.state.put(item)

    def play(self, requests: Case) -> Played:
        _await_quotas(self.api, self.namespace)
        names = (("v1", "ServiceAccount"), ("v1", "ConfigMap"), ("v1", "LimitRange"), ("v1", "ResourceQuota"))
        self.state.put(from_mapping(self.api.get("v1", "Namespace", self.namespace)))
        for version, kind in names:
            for item in self.api.find(version, kind, self.namespace):
                self.state.put(from_mapping(item | {"apiVersion": version, "kind": kind}))
        self.compare_quotas("at first")
        for number, change in enumerate(requests.requests):
            self.step(number, change)
        self.settle("at the end")
        return self.found

    def step(self, number: int, change: Change) -> None:
        wanted = copy.deepcopy(change.object)
        kind, name, version = wanted["kind"], wanted["metadata"]["name"], wanted["apiVersion"]
        label = f"{self.namespace} request {number} ({change.verb} {kind} {name})"
        if change.verb == "create":
            wanted["metadata"]["namespace"] = self.namespace
            path = self.api.path(version, kind, self.namespace)
            self.judge(label, wanted, lambda: self.api.request("POST", path, wanted), None)
            if kind == "ResourceQuota":
                self.settle(label)
            return
        try:
            now = self.api.get(version, kind, name, self.namespace) | {"apiVersion": version, "kind": kind}
        except ApiError:
            return  # was refused when it was to be made
        self.state.put(from_mapping(now))
        if change.verb == "delete":
            self.delete(label, version, kind, name)
        elif change.verb == "status":
            time.sleep(0.15)  # the quota controller has seen what was made
            self.api.merge(version, kind, name, self.namespace, {"status": wanted["status"]}, "status")
            self.state.put(from_mapping(merged(now, {"status": wanted["status"]})))
            self.settle(label)
        else:
            patch, old = _patch(number, wanted, now), self.state.find(Ref(kind, self.namespace, name))
            send = partial(self.api.merge, version, kind, name, self.namespace, patch)
            self.judge(label, merged(now, patch), send, old)
            if kind in {"Service", "PersistentVolumeClaim"}:
                self.settle(label)

    def delete(self, label: str, version: str, kind: str, name: str) -> None:
        time.sleep(0.15)  # the quota controller has seen what was made
        with suppress(ApiError):  # a request that was sent twice because its connection was closed
            self.api.request("DELETE", self.api.path(version, kind, self.namespace, name), _BACKGROUND)
        for _ in range(40):  # claims go when their finalizer is taken off
            if not self.api_has(version, kind, name):
                self.state.remove(Ref(kind, self.namespace, name))
                break
            time.sleep(0.05)
        self.settle(label)

    def api_has(self, version: str, kind: str, name: str) -> bool:
        try:
            left = self.api.get(version, kind, name, self.namespace)
        except ApiError:
            return False
        self.state.put(from_mapping(left | {"apiVersion": version, "kind": kind}))
        return True

    def judge(self, label: str, wanted: Object, send: Any, old: KubeObject | None) -> None:
        self.found.requests += 1
        code, said, real = 0, "", None
        try:
            real = from_mapping(send() | {"apiVersion": wanted["apiVersion"], "kind": wanted["kind"]})
        except ApiError as error:
            code, said = error.status, error.server_message
        item = from_mapping(wanted)
        if real is not None and old is None:
            item = replace(item, metadata=replace(item.metadata, uid=real.metadata.uid))
        before = self.state.branch()
        mine, text, stored = 0, "", None
        try:
            stored = admit(self.state, item, old)
        except RejectedError as error:
            mine, text = error.code, error.message
        self.found.words[word(said)] += 1
        if real is not None:
            self.found.accepted += 1
        else:
            self.found.refused += 1
        if (mine, text) == (code, said):
            known = ""
        elif (mine, plain(text)) == (code, plain(said)):
            known = "immutable-fields-diff" if "\n" in said else "order-of-parts"
        else:
            known = "order-of-quotas" if self.other_order(before, item, old, code, said) else "?"
        if known == "?":
            self.found.differences.append(
                f"{label}\n  real {code} {said}\n  twin {mine} {text}\n  {json.dumps(wanted.get('spec'))}"
            )
            self.resync()
        elif known:
            self.found.known[known] += 1
        elif real is not None and stored is not None:
            ours, theirs = bare(stored), bare(real)
            if ours != theirs:
                self.found.differences.append(f"{label}\n" + "\n".join(apart("", theirs, ours)))
        if real is not None:
            self.state.put(real)

    def other_order(self, state: State, item: KubeObject, old: KubeObject | None, code: int, said: str) -> bool:
        """Of several quotas, or of several LimitRanges, that refuse, the API server names the one that its cache happens to list first."""
        for kind in (ResourceQuota, LimitRange) if code == HTTPStatus.FORBIDDEN else ():
            found = list(state.within(kind, self.namespace))
            for first in found if len(found) > 1 else ():
                other = state.branch()
                for each in found:
                    other.remove(each.ref)
                    if each is first:
                        other.put(replace(each, metadata=replace(each.metadata, name=f"-{each.name}")))
                    elif kind is LimitRange:
                        other.put(each)
                try:
                    admit(other, item, old)
                except RejectedError as error:
                    if plain(error.message.replace(f"quota: -{first.name}", f"quota: {first.name}")) == plain(said):
                        return True
        return False

    def settle(self, label: str) -> None:
        """The twin's quota controller has run; the real one gets a few seconds."""
        for quota in list(self.state.within(ResourceQuota, self.namespace)):
            self.state.put(replace(quota, status=quota_status(self.state, quota)))
        for _ in range(100):
            if not self.unequal():
                self.found.quotas += len(list(self.state.within(ResourceQuota, self.namespace)))
                time.sleep(0.05)
                return
            time.sleep(0.05)
        self.compare_quotas(label)
        self.resync()

    def unequal(self) -> list[str]:
        found = []
        for raw in self.api.find("v1", "ResourceQuota", self.namespace):
            real = from_mapping(raw | {"apiVersion": "v1", "kind": "ResourceQuota"})
            mine = self.state.get(ResourceQuota, self.namespace, real.name)
            assert isinstance(real, ResourceQuota)
            if mine is None or mine.status != real.status:
                found.append(f"quota {real.name}: real {real.status.used}\n  twin {mine and mine.status.used}")
        return found

    def compare_quotas(self, label: str) -> None:
        self.found.quotas += len(list(self.state.within(ResourceQuota, self.namespace)))
        for quota in list(self.state.within(ResourceQuota, self.namespace)):
            self.state.put(replace(quota, status=quota_status(self.state, quota)))
        self.found.differences += [f"{self.namespace} {label}: {text}" for text in self.unequal()]

    def resync(self) -> None:
        for raw in self.api.find("v1", "ResourceQuota", self.namespace):
            self.state.put(from_mapping(raw | {"apiVersion": "v1", "kind": "ResourceQuota"}))
