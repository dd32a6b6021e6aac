"""Plays objects that own each other, and says what is left of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from seakeep.twin.controller import Controller
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from tests.conformance.by_hand import Kinds, Played, Side, plain
from tests.conformance.garbage_cases import CLUSTER, ELSEWHERE, HOLD, MISNAMED, MISSING, Case, Item, Owner, Step
from tests.conformance.workload_cases import Object

_NOBODY = "11111111-2222-4333-8444-555555555555"


class GarbageSuite(Played[Case]):
    what = "objects that own each other after each step of a sequence: which are left, their owners and finalizers"
    kinds: Kinds = {"ConfigMap": "v1", "Secret": "v1", "ServiceAccount": "v1", "PriorityClass": "scheduling.k8s.io/v1"}

    def namespace(self, case: Case) -> str:
        return case.namespace

    def others(self, case: Case) -> tuple[str, ...]:
        return (f"{case.namespace}-else",)

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (GarbageCollector(),)

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        return _Play(side, case).run()

    def told(self, items: list[Object]) -> Any:
        return {f"{item['kind']}/{item['metadata']['name']}": _told(item) for item in items if _is_of_case(item)}

    def known(self, case: Case, texts: list[str]) -> str:
        """Only where something goes in foreground that a dependent does not block, and only what the twin has taken away and Kubernetes has not yet."""
        owners = [owner for each in (*case.items, *case.steps) for owner in each.owners]
        foreground = any(step.propagation == "Foreground" for step in case.steps)
        loose = any(not owner.blocks for owner in owners)
        return "late-dependents" if foreground and loose and all(map(_is_later, texts)) else ""

    def clean(self, side: Side, left: list[Object]) -> None:
        for item in left:
            if _is_of_case(item):
                side.patch(item["kind"], item["metadata"]["name"], {"metadata": {"finalizers": None, "ownerReferences": None}})  # fmt: skip
        for item in left:
            if _is_of_case(item):
                side.delete(item["kind"], item["metadata"]["name"], propagation="Orphan")


def _is_later(text: str) -> bool:
    """The real side still has the object, its owner, or has not told it to go."""
    return bool(
        text.endswith(("/terminating: False ≠ True", "'terminating': False} ≠ None"))
        or re.search(r"/finalizers: \[.*\] ≠ \[.*'foregroundDeletion'\]$", text)
        or ((found := re.search(r"/owners: (\[.*\]) ≠ (\[.*\])$", text)) and len(found[2]) < len(found[1]))
    )


class _Play:
    def __init__(self, side: Side, case: Case) -> None:
        self.side, self.case = side, case
        self.uids: dict[int | str, str] = {MISSING: _NOBODY}
        self.known: set[str] = set()

    def run(self) -> list[list[Object]]:
        space = self.case.namespace
        value = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": f"{space}-owner"}, "value": 1}  # fmt: skip
        self.uids[CLUSTER] = self.side.create(value)["metadata"]["uid"]
        other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other", "namespace": f"{space}-else"}}
        self.uids[ELSEWHERE] = self.uids[MISNAMED] = self.side.create(other)["metadata"]["uid"]
        for item in self.case.items:
            self._make(item)
        found = [self._rest()]
        for step in self.case.steps:
            self._do(step)
            found.append(self._rest())
        return found

    def _rest(self) -> list[Object]:
        found = self.side.rest()
        self.known = {item["metadata"]["name"] for item in found}
        return found

    def _make(self, item: Item) -> None:
        metadata: Object = {"name": f"it-{item.number}", "namespace": self.case.namespace}
        metadata["ownerReferences"] = [self._reference(owner) for owner in item.owners]
        if item.held:
            metadata["finalizers"] = [HOLD]
        made = self.side.create({"apiVersion": "v1", "kind": item.kind, "metadata": metadata})
        self.uids[item.number] = made["metadata"]["uid"]

    def _reference(self, owner: Owner) -> Object:
        kind, name, version = "ConfigMap", "other", "v1"
        if owner.place == CLUSTER:
            kind, name, version = "PriorityClass", f"{self.case.namespace}-owner", "scheduling.k8s.io/v1"
        elif owner.place == MISNAMED:
            name = "nobody"
        elif not owner.place:
            kind, name = self.case.items[owner.number].kind, f"it-{owner.number}"
        found: Object = {
            "apiVersion": version,
            "kind": kind,
            "name": name,
            "uid": self.uids[owner.place or owner.number],
        }
        return found if owner.blocks is None else {**found, "blockOwnerDeletion": owner.blocks}

    def _do(self, step: Step) -> None:
        item, side = self.case.items[step.number], self.side
        name = f"it-{step.number}"
        match step.what:
            case "uncluster":
                side.delete("PriorityClass", f"{self.case.namespace}-owner")
            case "again":
                if name not in self.known:
                    self._make(item)
            case "delete" if name in self.known:
                side.delete(item.kind, name, propagation=step.propagation)
            case "release" if name in self.known:
                side.release(item.kind, name, HOLD)
            case "own" if name in self.known:
                owners = [self._reference(owner) for owner in step.owners]
                side.patch(item.kind, name, {"metadata": {"ownerReferences": owners}})


def _is_of_case(item: Object) -> bool:
    return bool(item["metadata"]["name"].startswith(("it-", "gc-")))


def _told(item: Object) -> Any:
    metadata = plain(item)["metadata"]
    owners = [[each["kind"], each["name"], each.get("blockOwnerDeletion")] for each in metadata["ownerReferences"]]
    return {
        "owners": owners,
        "finalizers": metadata["finalizers"],
        "terminating": bool(metadata.get("deletionTimestamp")),
    }
